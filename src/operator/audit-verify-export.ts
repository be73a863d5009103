import { createHash } from 'node:crypto';
import { DamageFound } from '../audit/core/damage.ts';
import { type KeptCheckpoint, openKept } from '../audit/core/kept-checkpoint.ts';
import { MAX_LINE_BYTES } from '../audit/core/read-line.ts';
import { createLineSplitter } from '../audit/core/split-lines.ts';
import { createExportVerifier, type ExportVerdict, type ExportVerifier } from '../audit/core/verify-export.ts';
import { sha256, verifyEd25519 } from '../audit/hashing.ts';
import { ServiceError } from '../lib/errors.ts';
import { type DamageView, viewDamage } from './audit-verdict.ts';
import { openExportFile, readSmallFile } from './export-source.ts';
import { instantOf } from './instants.ts';
import { readPreviousKeys, readVerifierKey, readWitnessKeys } from './verifier-keys.ts';

/** Which export to verify, and by what: all of it from outside the export. */
export interface ExportChoice {
  /** `-` is standard input. Compressed with gzip or not. */
  readonly path: string;
  /** Verifier keys (C2SP signed-note). */
  readonly key: string;
  readonly witnesses: readonly string[];
  /** All of them, unless given. */
  readonly witnessesRequired?: number | undefined;
  /** Files with checkpoints that were kept. */
  readonly previous: readonly string[];
  /** Verifier keys that the log had before it began anew, for those. */
  readonly previousKeys: readonly string[];
}

export interface Progress {
  readonly records: number;
  /** How many leaves the export is about; undefined until that is known. */
  readonly leaves: number | undefined;
  readonly readBytes: number;
  /** Undefined if there is no telling. */
  readonly totalBytes: number | undefined;
}

/** How the verification of an export went. */
export interface ExportVerdictView {
  readonly holds: boolean;
  readonly damage: DamageView | null;
  /** Where it was done: in the `export` after it was signed, or in the `log` before. */
  readonly damaged_in: 'export' | 'log' | null;
  readonly range: { readonly first: number; readonly end: number } | null;
  readonly filters: object | null;
  readonly records: number;
  readonly redacted: number;
  readonly gaps: number;
  /** Leaves that are proved to be there and not shown. */
  readonly hidden: number;
  readonly earliest: string | null;
  readonly latest: string | null;
  readonly checkpoint: { readonly origin: string; readonly size: number; readonly root: string } | null;
  readonly cosignatures: readonly { readonly witness: string; readonly cosigned_at: string }[];
  readonly previous: readonly { readonly file: string; readonly origin: string; readonly size: number }[];
}

const crypto = { sha256, verify: verifyEd25519, startDigest: () => createHash('sha256') };

/**
 * Verifies an export without asking anybody: no network, no service, no database, no environment.
 *
 * @throws ServiceError `invalid_request` if a file cannot be read, or a key is none
 */
export async function verifyExport(
  choice: ExportChoice,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<ExportVerdictView> {
  const key = readVerifierKey(choice.key, '--key', 'ed25519');
  const previousKeys = readPreviousKeys(choice.previousKeys, key);
  const witnesses = readWitnessKeys(choice.witnesses);
  const { witnessesRequired = witnesses.length } = choice;
  if (witnessesRequired > witnesses.length) {
    throw invalid(
      `--witnesses-required is ${witnessesRequired}, and the keys of ${witnesses.length} witnesses are given.`,
    );
  }
  const texts = await Promise.all(choice.previous.map(readSmallFile));
  try {
    const kept = texts.map((text, n) => openKept(crypto, { label: choice.previous[n] ?? '', text }, key, previousKeys));
    const verifier = createExportVerifier(crypto, { key, kept, witnesses, witnessesRequired });
    return view(await feed(verifier, choice.path, signal, onProgress), kept);
  } catch (error) {
    if (error instanceof DamageFound) return { ...NOTHING_READ, damage: viewDamage(error.damage, 'export') };
    throw error;
  }
}

const NOTHING_READ: ExportVerdictView = {
  holds: false,
  damage: null,
  damaged_in: null,
  range: null,
  filters: null,
  records: 0,
  redacted: 0,
  gaps: 0,
  hidden: 0,
  earliest: null,
  latest: null,
  checkpoint: null,
  cosignatures: [],
  previous: [],
};

async function feed(
  verifier: ExportVerifier,
  path: string,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<ExportVerdict> {
  const source = await openExportFile(path, signal);
  const splitter = createLineSplitter(MAX_LINE_BYTES + 1);
  const takeAll = (lines: Iterable<Uint8Array>): boolean => {
    for (const line of lines) if (!verifier.take(line)) return false;
    return true;
  };
  try {
    for await (const piece of source.pieces) {
      if (!takeAll(splitter.push(piece))) return verifier.finish();
      const { records, leaves } = verifier;
      onProgress({ records, leaves, readBytes: source.readBytes(), totalBytes: source.totalBytes });
    }
  } catch (error) {
    if (error instanceof DamageFound) return { ...verifier.finish(), damage: error.damage };
    throw error;
  } finally {
    source.close();
  }
  const rest = splitter.rest();
  if (rest !== undefined) verifier.take(rest);
  return verifier.finish();
}

function view(verdict: ExportVerdict, kept: readonly KeptCheckpoint[]): ExportVerdictView {
  const { damage, damagedIn, header, checkpoint, cosignatures, counts } = verdict;
  const { records, redacted, gaps, hidden, earliest, latest } = counts ?? NOTHING_READ;
  return {
    holds: damage === null,
    damage: damage && viewDamage(damage, 'export'),
    damaged_in: damagedIn,
    range: header && { first: header.first, end: header.end },
    filters: header?.filters ?? null,
    records,
    redacted,
    gaps,
    hidden,
    earliest,
    latest,
    checkpoint: checkpoint && {
      origin: checkpoint.origin,
      size: checkpoint.size,
      root: Buffer.from(checkpoint.root).toString('base64'),
    },
    cosignatures: cosignatures.map(({ witness, timestamp }) => ({ witness, cosigned_at: instantOf(timestamp) })),
    previous:
      damage === null ? kept.map(({ label, checkpoint: { origin, size } }) => ({ file: label, origin, size })) : [],
  };
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_request', { message });
}

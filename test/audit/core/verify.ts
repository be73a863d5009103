import { createHash } from 'node:crypto';
import { type KeptCheckpoint, openKept } from '../../../src/audit/core/kept-checkpoint.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { createExportVerifier, type ExportVerdict } from '../../../src/audit/core/verify-export.ts';
import { sha256, verifyEd25519 } from '../../../src/audit/hashing.ts';

export const deps = { sha256, verify: verifyEd25519, startDigest: () => createHash('sha256') };

export interface Expectations {
  readonly kept?: readonly string[];
  /** Of the log before it began anew. */
  readonly previousKeys?: readonly string[];
  readonly witnesses?: readonly string[];
  readonly witnessesRequired?: number;
}

export function keep(key: string, note: string, previousKeys: readonly string[] = []): KeptCheckpoint {
  const [present, ...previous] = [key, ...previousKeys].map((text) => parseVerifierKey(sha256, text));
  if (present === undefined) throw new Error('no key');
  return openKept(deps, { label: 'kept', text: note }, present, previous);
}

/** What the verifier says of these lines, each ended by a line feed. */
export function verifyLines(key: string, lines: readonly string[], expectations: Expectations = {}): ExportVerdict {
  return verifyBytes(key, Buffer.from(lines.map((line) => `${line}\n`).join('')), expectations);
}

export function verifyBytes(key: string, bytes: Buffer, expectations: Expectations = {}): ExportVerdict {
  const { kept = [], previousKeys = [], witnesses = [], witnessesRequired = witnesses.length } = expectations;
  const verifier = createExportVerifier(deps, {
    key: parseVerifierKey(sha256, key),
    kept: kept.map((note) => keep(key, note, previousKeys)),
    witnesses: witnesses.map((witness) => parseVerifierKey(sha256, witness)),
    witnessesRequired,
  });
  let start = 0;
  while (start < bytes.length) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed === -1 ? bytes.length : feed + 1;
    if (!verifier.take(bytes.subarray(start, end))) break;
    start = end;
  }
  return verifier.finish();
}

import { DamageFound } from '../../../audit/core/damage.ts';
import { openKept } from '../../../audit/core/kept-checkpoint.ts';
import { MAX_LINE_BYTES } from '../../../audit/core/read-line.ts';
import { createLineSplitter } from '../../../audit/core/split-lines.ts';
import type { VerifierKey, VerifyEd25519 } from '../../../audit/core/verifier-key.ts';
import { createExportVerifier, type ExportVerdict, type ExportVerifier } from '../../../audit/core/verify-export.ts';
import { sha256, startDigest } from './hashing.ts';

export interface ExportQuestion {
  readonly file: Blob;
  readonly key: VerifierKey;
  /** As it was served; empty if none was kept. */
  readonly checkpoint: string;
  onProgress(progress: ExportProgress): void;
}

export interface ExportProgress {
  readonly records: number;
  /** How many leaves the export is about; undefined until that is known. */
  readonly leaves: number | undefined;
}

/** Verifies an export, compressed by gzip or not, piece by piece: however large it is, it takes little memory. */
export async function judgeExport(
  verify: VerifyEd25519,
  { file, key, checkpoint, onProgress }: ExportQuestion,
): Promise<ExportVerdict> {
  const crypto = { sha256, verify, startDigest };
  try {
    const kept = checkpoint === '' ? [] : [openKept(crypto, { label: 'that you gave', text: checkpoint }, key)];
    const verifier = createExportVerifier(crypto, { key, kept, witnesses: [], witnessesRequired: 0 });
    await feed(verifier, await piecesOf(file), onProgress);
    return verifier.finish();
  } catch (error) {
    if (error instanceof DamageFound) return { ...NOTHING_READ, damage: error.damage };
    throw error;
  }
}

const NOTHING_READ = {
  damagedIn: null,
  header: null,
  checkpoint: null,
  cosignatures: [],
  counts: null,
  lines: 0,
} as const satisfies Omit<ExportVerdict, 'damage'>;

/** After so many bytes the page gets a turn, to show how far it is. */
const TURN_BYTES = 2 ** 20;

async function feed(
  verifier: ExportVerifier,
  pieces: ReadableStream<Uint8Array>,
  onProgress: ExportQuestion['onProgress'],
): Promise<void> {
  const splitter = createLineSplitter(MAX_LINE_BYTES + 1);
  const reader = pieces.getReader();
  let sinceTurn = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    for (const line of splitter.push(read.value)) {
      if (!verifier.take(line)) return await reader.cancel();
    }
    sinceTurn += read.value.length;
    if (sinceTurn < TURN_BYTES) continue;
    sinceTurn = 0;
    onProgress({ records: verifier.records, leaves: verifier.leaves });
    await new Promise((resolve) => setTimeout(resolve));
  }
  const rest = splitter.rest();
  if (rest !== undefined) verifier.take(rest);
}

async function piecesOf(file: Blob): Promise<ReadableStream<Uint8Array>> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isGzip = first === 0x1f && second === 0x8b;
  return isGzip ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
}

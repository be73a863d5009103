import { type NoteCrypto, openLogNote, readCosignatures, readSurroundings } from './check-header.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Cosignature } from './cosignature.ts';
import { damageAt } from './damage.ts';
import { createExportBody, type ExportBody } from './export-body.ts';
import type { ExportHeader } from './export-format.ts';
import { checkByProof, compareHeads, type KeptCheckpoint } from './kept-checkpoint.ts';
import type { VerifierKey } from './verifier-key.ts';

/** What an export is verified against; none of it may come from the export. */
export interface ExportExpectations {
  readonly key: VerifierKey;
  readonly kept: readonly KeptCheckpoint[];
  /** Distinct keys. */
  readonly witnesses: readonly VerifierKey[];
  readonly witnessesRequired: number;
}

/** An export whose header was believed. */
export interface OpenedExport {
  readonly header: ExportHeader;
  readonly checkpoint: Checkpoint;
  readonly cosignatures: readonly Cosignature[];
  readonly after: readonly Uint8Array[];
  readonly body: ExportBody;
}

/** @throws DamageFound if the header is not of the log with the key, or of another history than was kept */
export function openExport(
  crypto: NoteCrypto,
  { key, kept, witnesses, witnessesRequired }: ExportExpectations,
  header: ExportHeader,
  line: number,
): OpenedExport {
  const { sha256 } = crypto;
  const { checkpoint, note } = openLogNote(crypto, header.checkpoint, key, 'The checkpoint of the export', line);
  if (header.origin !== checkpoint.origin) {
    throw damageAt(line, 'wrong_name', 'The header names another origin than its checkpoint.');
  }
  const cosignatures = readCosignatures(crypto, note, witnesses, line);
  if (cosignatures.length < witnessesRequired) {
    const found = `${cosignatures.length} of the given witnesses have cosigned, ${witnessesRequired} are required.`;
    throw damageAt(line, 'missing_witness', found);
  }
  const { before, after } = readSurroundings(header, checkpoint.size, line);
  const prove = (one: KeptCheckpoint) => checkByProof(sha256, one, checkpoint, header.previous);
  const isInRange = ({ checkpoint: { size } }: KeptCheckpoint) => size >= header.first && size <= header.end;
  const open = kept.filter((one) => compareHeads(sha256, one, checkpoint) === 'open');
  for (const one of open) if (!isInRange(one)) prove(one);
  const body = createExportBody({ sha256, header, before, kept: open.filter(isInRange), onHidden: prove });
  return { header, checkpoint, cosignatures, after, body };
}

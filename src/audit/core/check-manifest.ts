import { toHex } from './base64.ts';
import { type NoteCrypto, noteDamage } from './check-header.ts';
import { damageAt } from './damage.ts';
import { type ExportHeader, type ExportManifest, formatManifestText } from './export-format.ts';
import { NoteError } from './note.ts';
import { openNote } from './open-note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** What a verifier has counted itself. */
export interface SeenLines {
  readonly events: number;
  readonly gaps: number;
  /** Before the manifest. */
  readonly lines: number;
  /** SHA-256 of all bytes before the manifest. */
  readonly digest: Uint8Array;
}

/** Whether the bytes before the manifest are those that the service has signed. @throws DamageFound */
export function checkDigest(
  crypto: NoteCrypto,
  header: ExportHeader,
  manifest: ExportManifest,
  digest: Uint8Array,
  key: VerifierKey,
  line: number,
): void {
  if (toHex(digest) !== manifest.sha256) {
    throw damageAt(line, 'bad_manifest', 'The lines before the manifest do not have the digest in it.');
  }
  let signed: string;
  try {
    signed = openNote(crypto, manifest.signature, key).text;
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    throw noteDamage(crypto, error, manifest.signature, key, 'The signature of the manifest', line);
  }
  if (signed !== formatManifestText(header, manifest)) {
    throw damageAt(line, 'bad_manifest', 'The signature of the manifest is of another export.');
  }
}

/** @throws DamageFound */
export function checkCounts(manifest: ExportManifest, seen: SeenLines, line: number): void {
  const names = ['events', 'gaps', 'lines'] as const;
  for (const name of names) {
    if (manifest[name] === seen[name]) continue;
    const found = `The manifest counts ${manifest[name]} ${name}, and here are ${seen[name]}.`;
    throw damageAt(line, 'bad_manifest', found);
  }
}

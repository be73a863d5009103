import { createHash, createPublicKey, verify } from 'node:crypto';

/**
 * A reader of transparency logs, written from the specifications (RFC 6962, C2SP signed-note, tlog-checkpoint, tlog-tiles)
 * and from nothing of ours: what it accepts, others accept.
 */

const sha256 = (...parts: readonly Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

export const leafHash = (entry: Uint8Array): Buffer => sha256(Buffer.from([0]), entry);
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.from([1]), left, right);

/** MTH of RFC 6962, section 2.1, over leaf hashes. */
export function merkleTreeHash(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256();
  const [only] = hashes;
  if (hashes.length === 1 && only !== undefined) return only;
  const split = 2 ** Math.ceil(Math.log2(hashes.length) - 1);
  return nodeHash(merkleTreeHash(hashes.slice(0, split)), merkleTreeHash(hashes.slice(split)));
}

/** The root that an audit path leads to, from the bottom (RFC 9162, section 2.1.3.2); throws if it has another length. */
export function rootOfPath(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer {
  let [node, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) throw new Error('the path is too long');
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node > 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  if (last !== 0) throw new Error('the path is too short');
  return hash;
}

export interface ReadCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** Reads a checkpoint that `verifierKey` signed; throws for any other. */
export function readCheckpoint(note: string, verifierKey: string): ReadCheckpoint {
  const end = note.lastIndexOf('\n\n') + 1;
  const text = note.slice(0, end);
  const [name = '', keyId = '', ...rest] = verifierKey.trim().split('+');
  const key = Buffer.from(rest.join('+'), 'base64');
  if (key.length !== 33 || key[0] !== 1) throw new Error('no Ed25519 key');
  if (
    sha256(Buffer.from(`${name}\n`), key)
      .subarray(0, 4)
      .toString('hex') !== keyId
  )
    throw new Error('wrong key id');
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const isSigned = note
    .slice(end + 1)
    .split('\n')
    .filter((line) => line.startsWith(`— ${name} `))
    .map((line) => Buffer.from(line.split(' ')[2] ?? '', 'base64'))
    .some(
      (signature) =>
        signature.subarray(0, 4).toString('hex') === keyId &&
        verify(null, Buffer.from(text), publicKey, signature.subarray(4)),
    );
  if (!isSigned) throw new Error('the checkpoint is not signed by the key');
  const [origin = '', size = '', root = '', ...extensions] = text.split('\n');
  if (origin !== name || extensions.join('') !== '') throw new Error('not a checkpoint of this log');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

/** `x001/x234/067.p/12` */
export function tileName(index: number, width: number): string {
  const groups =
    String(index)
      .padStart(Math.ceil(String(index).length / 3) * 3, '0')
      .match(/.{3}/g) ?? [];
  const name = groups.map((group, n) => (n < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === 256 ? name : `${name}.p/${width}`;
}

/** The tiles of one level of a tree of `size`. */
export function tilesOfLevel(level: number, size: number): { readonly index: number; readonly width: number }[] {
  const count = Math.floor(size / 256 ** level);
  return Array.from({ length: Math.ceil(count / 256) }, (_, index) => ({
    index,
    width: Math.min(256, count - 256 * index),
  }));
}

export function splitHashes(bytes: Uint8Array): Buffer[] {
  return Array.from({ length: bytes.length / 32 }, (_, n) => Buffer.from(bytes.subarray(32 * n, 32 * (n + 1))));
}

/** The entries of a bundle, each of which follows its length in two bytes. */
export function splitEntries(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    const length = bundle.readUInt16BE(at);
    entries.push(bundle.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}

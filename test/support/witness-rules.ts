import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/**
 * What a witness has to answer to an add-checkpoint request, by c2sp.org/tlog-witness, c2sp.org/tlog-checkpoint and
 * c2sp.org/signed-note alone: nothing in here knows the code under test.
 */
export interface WitnessView {
  readonly size: number;
  /** In base64. */
  readonly root: string;
}

export type Ruling =
  /** 200: the view to keep, and the body of the checkpoint to cosign. */
  | { readonly status: 200; readonly view: WitnessView; readonly origin: string; readonly body: string }
  | { readonly status: 409; readonly size: number }
  | { readonly status: 400 | 403 | 404 | 422; readonly why: string };

export interface WitnessMemory {
  /** Verifier keys by origin. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  readonly views: ReadonlyMap<string, WitnessView>;
}

const HASH = /^[A-Za-z0-9+/]{43}=$/;
const DECIMAL = /^(0|[1-9][0-9]*)$/;
const EM_DASH = '\u2014';

export function judge(request: string, { logs, views }: WitnessMemory): Ruling {
  if (!request.endsWith('\n')) return { status: 400, why: 'the last line does not end' };
  const end = request.indexOf('\n\n');
  if (end < 0) return { status: 400, why: 'no empty line' };
  const [oldLine = '', ...proofLines] = request.slice(0, end).split('\n');
  const [word, oldText = '', ...rest] = oldLine.split(' ');
  if (word !== 'old' || rest.length > 0 || !DECIMAL.test(oldText)) return { status: 400, why: 'the old size line' };
  if (proofLines.length > 63 || !proofLines.every((line) => HASH.test(line))) return { status: 400, why: 'the proof' };
  const note = request.slice(end + 2);
  const split = note.lastIndexOf('\n\n');
  if (split < 0) return { status: 400, why: 'the checkpoint has no signatures' };
  const body = note.slice(0, split + 1);
  const [origin = '', sizeText = '', root = '', ...extensions] = body.slice(0, -1).split('\n');
  const isCheckpoint = origin !== '' && DECIMAL.test(sizeText) && HASH.test(root) && !extensions.includes('');
  if (!isCheckpoint) return { status: 400, why: 'the checkpoint' };

  const keys = logs.get(origin);
  if (keys === undefined) return { status: 404, why: 'unknown origin' };
  const signatureLines = note.slice(split + 2, -1).split('\n');
  if (!keys.some((key) => signatureLines.some((line) => isSignedBy(key, line, body)))) {
    return { status: 403, why: 'no signature of a trusted key' };
  }
  const [oldSize, size] = [Number(oldText), Number(sizeText)];
  if (oldSize > size) return { status: 400, why: 'the old size is above the size' };
  const known = views.get(origin) ?? { size: 0, root: emptyRoot() };
  if (oldSize !== known.size) return { status: 409, size: known.size };
  const proof = proofLines.map((line) => Buffer.from(line, 'base64'));
  if (oldSize === size) {
    if (proof.length > 0) return { status: 422, why: 'a proof between equal sizes' };
    if (size > 0 && root !== known.root) return { status: 409, size: known.size };
  } else if (!isConsistent(known, { size, root }, proof)) {
    return { status: 422, why: 'the proof does not hold' };
  }
  return { status: 200, view: { size, root }, origin, body };
}

const emptyRoot = () => toBase64(sha256());

const toBase64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function sha256(...parts: (string | Uint8Array)[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const hashNode = (left: Uint8Array, right: Uint8Array) => sha256(Buffer.of(1), left, right);

/** RFC 9162, section 2.1.4.2, word by word. An empty tree is consistent with any other, without a proof. */
function isConsistent(first: WitnessView, second: WitnessView, proof: readonly Uint8Array[]): boolean {
  if (first.size === 0) return proof.length === 0;
  const isPowerOfTwo = Number.isInteger(Math.log2(first.size));
  const path: Uint8Array[] = isPowerOfTwo ? [Buffer.from(first.root, 'base64'), ...proof] : [...proof];
  const [start, ...others] = path;
  if (proof.length === 0 || start === undefined) return false;
  let [fn, sn] = [first.size - 1, second.size - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let [fr, sr] = [start, start];
  for (const c of others) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = hashNode(c, fr);
      sr = hashNode(c, sr);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      sr = hashNode(sr, c);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && toBase64(fr) === first.root && toBase64(sr) === second.root;
}

/** Of the type 0x01: Ed25519 over the note's text. */
function isSignedBy(verifierKey: string, line: string, body: string): boolean {
  const [name = '', keyId = '', ...keyParts] = verifierKey.split('+');
  const key = Buffer.from(keyParts.join('+'), 'base64');
  const [dash, signer, blob = '', ...rest] = line.split(' ');
  if (dash !== EM_DASH || signer !== name || rest.length > 0 || key[0] !== 1) return false;
  const bytes = Buffer.from(blob, 'base64');
  if (bytes.toString('base64') !== blob || bytes.subarray(0, 4).toString('hex') !== keyId) return false;
  return verify(null, Buffer.from(body), publicKeyOf(key.subarray(1)), bytes.subarray(4));
}

const publicKeyOf = (raw: Buffer): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });

import { isObject } from '../../../audit/core/read-line.ts';
import type { Head } from './judge-head.ts';

/** What the service gives as the proof of an event. None of it is to be believed. */
export interface ProofFile extends Head {
  readonly leaf_index: number;
  /** The text that the log is said to hold, byte for byte. */
  readonly leaf: string;
  /** By slot. */
  readonly openings: Readonly<Record<string, { readonly salt: string; readonly payload: string }>>;
  /** The path from the leaf to the root, in base64. */
  readonly path: readonly string[];
  /** Single introspections, one a line, of an event that stands for some. */
  readonly records: string | undefined;
}

/** @throws Error for what is no such file */
export function readProofFile(value: unknown): ProofFile {
  if (!isObject(value)) throw noProof();
  const { leaf_index, leaf, openings, proof, records } = value;
  const path = isObject(proof) ? proof.hashes : undefined;
  if (typeof leaf_index !== 'number' || typeof leaf !== 'string' || !isTexts(path) || !areOpenings(openings)) {
    throw noProof();
  }
  const lines = typeof records === 'string' ? records : undefined;
  return { ...readHead(value), leaf_index, leaf, openings, path, records: lines };
}

/** @throws Error */
export function readHead(value: unknown): Head {
  if (!isObject(value)) throw noProof();
  const { checkpoint, verifier_key } = value;
  if (typeof checkpoint !== 'string' || typeof verifier_key !== 'string') throw noProof();
  return { checkpoint, verifier_key };
}

/** @throws Error */
export function readGrowth(value: unknown): readonly string[] {
  if (!isObject(value) || !isTexts(value.hashes)) throw noProof();
  return value.hashes;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function areOpenings(value: unknown): value is ProofFile['openings'] {
  return (
    isObject(value) &&
    Object.values(value).every(
      (each) => isObject(each) && typeof each.salt === 'string' && typeof each.payload === 'string',
    )
  );
}

function noProof(): Error {
  return new Error('What the service answered is no proof.');
}

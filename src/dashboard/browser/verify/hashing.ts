import { sha256 as hash } from '@noble/hashes/sha2.js';
import type { Sha256 } from '../../../audit/core/hash.ts';
import type { RunningDigest } from '../../../audit/core/verify-export.ts';

/** What the log's mathematics asks to be given; a browser's own hash would answer only later. */
export const sha256: Sha256 = (bytes) => hash(bytes);

/** The same over bytes that come one after the other. */
export function startDigest(): RunningDigest {
  return hash.create();
}

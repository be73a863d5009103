import { sha256 as hash } from '@noble/hashes/sha2.js';
import type { Sha256 } from '../../../audit/core/hash.ts';

/** What the log's mathematics asks to be given; a browser's own hash would answer only later. */
export const sha256: Sha256 = (bytes) => hash(bytes);

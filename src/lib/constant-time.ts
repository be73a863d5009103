import { timingSafeEqual } from 'node:crypto';

/** Compares secrets without revealing through timing where they differ. Lengths are not secret. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

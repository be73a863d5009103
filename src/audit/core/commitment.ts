import { concatBytes, toHex } from './base64.ts';
import type { Sha256 } from './hash.ts';

/**
 * What a leaf says in place of personal data, in lower-case hexadecimal:
 *
 *     commitment = SHA-256(salt ‖ payload)
 *
 * `salt` is 32 random bytes of its own for each payload, `payload` canonical JSON. Whoever has both can show that the
 * leaf means them; without the salt nobody can find the payload by trying. So the two can be erased, and the leaf and
 * every proof over it stay as they are.
 */
export function commitmentOf(sha256: Sha256, salt: Uint8Array, payload: Uint8Array): string {
  return toHex(sha256(concatBytes(salt, payload)));
}

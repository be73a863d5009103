import { createHmac } from 'node:crypto';
import type { MemberId } from '../../lib/ids.ts';
import type { Random } from '../../lib/random.ts';

/**
 * Codes for whoever has lost the authenticator app, each good once:
 *
 *     7K3M-Q9XT-A2BC-DE4F      80 random bits in Crockford's base 32
 *
 * Of a code the database has HMAC-SHA-256(key, member id ‖ NUL ‖ the 16 characters). The bits are enough against guessing, so a
 * slow hash would add load and nothing else; the key, which the database never sees, and the member in it keep whoever can
 * write to the database from planting a code, or from moving one to another member.
 */
export const RECOVERY_CODES = 10;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 16;

export function generateRecoveryCodes(random: Random): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    // 32 divides 256: the low five bits of a byte are as even as the byte.
    const text = Array.from(random.bytes(CHARACTERS), (byte) => ALPHABET.charAt(byte & 31)).join('');
    return text.replace(/.{4}(?=.)/g, '$&-');
  });
}

/**
 * What is stored of `text`, if it could be a recovery code of the member, as it was shown or as people write: in lower case,
 * without dashes, with spaces, with the letters that look like digits. Undefined for anything else.
 */
export function digestRecoveryCode(key: Uint8Array, memberId: MemberId, text: string): Buffer | undefined {
  const plain = text.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  if (plain.length !== CHARACTERS || !/^[0-9A-HJKMNP-TV-Z]+$/.test(plain)) return undefined;
  return createHmac('sha256', key).update(`${memberId}\0${plain}`).digest();
}

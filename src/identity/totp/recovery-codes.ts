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
declare const recoveryCode: unique symbol;
export type RecoveryCode = string & { readonly [recoveryCode]: true };

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 16;
const CODES = 10;

export function generateRecoveryCodes(random: Random): RecoveryCode[] {
  // 32 divides 256: the low five bits of a byte are as even as the byte.
  const generate = () => Array.from(random.bytes(CHARACTERS), (byte) => ALPHABET.charAt(byte & 31)).join('');
  return Array.from({ length: CODES }, () => generate() as RecoveryCode);
}

/** In groups, as people read it. */
export function formatRecoveryCode(code: RecoveryCode): string {
  return code.replace(/.{4}(?=.)/g, '$&-');
}

/**
 * The code that `text` is, as it was shown or as people write: in lower case, without dashes, with spaces, with the letters
 * that look like digits. Undefined for anything else.
 */
export function parseRecoveryCode(text: string): RecoveryCode | undefined {
  const plain = text.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  const isOne = plain.length === CHARACTERS && /^[0-9A-HJKMNP-TV-Z]+$/.test(plain);
  return isOne ? (plain as RecoveryCode) : undefined;
}

export function digestRecoveryCode(key: Uint8Array, memberId: MemberId, code: RecoveryCode): Buffer {
  return createHmac('sha256', key).update(`${memberId}\0${code}`).digest();
}

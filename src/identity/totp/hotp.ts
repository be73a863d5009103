import { createHmac } from 'node:crypto';

/** How many digits a code has; what authenticator apps show. */
export const CODE_DIGITS = 6;

/** The one-time password for `counter`, a whole number that is not negative (RFC 4226 §5.3). */
export function hotp(secret: Uint8Array, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(message).digest();
  // Dynamic truncation: the low four bits of the last byte say where the 31 bits of the code begin.
  const offset = mac.readUInt8(mac.byteLength - 1) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** CODE_DIGITS).padStart(CODE_DIGITS, '0');
}

/**
 * Bytes and the text they travel as, without anything that only Node has. Base64 is the standard one of RFC 4648
 * section 4, with padding, and strict: one text stands for some bytes and no other text does. "Zg==" is the letter f,
 * while "Zg", "Zh==", "Zg= =" and "Zg==\n" are nothing.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const NO_DIGIT = 64;

/** By character code. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = ALPHABET.indexOf(String.fromCharCode(code));
  return digit === -1 ? NO_DIGIT : digit;
});

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 3) {
    const group = ((bytes[start] ?? 0) << 16) | ((bytes[start + 1] ?? 0) << 8) | (bytes[start + 2] ?? 0);
    text += ALPHABET.charAt(group >>> 18) + ALPHABET.charAt((group >>> 12) & 63);
    text += start + 1 < bytes.length ? ALPHABET.charAt((group >>> 6) & 63) : '=';
    text += start + 2 < bytes.length ? ALPHABET.charAt(group & 63) : '=';
  }
  return text;
}

/** Undefined unless `toBase64` makes this very text. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let start = 0, at = 0; start < digits; start += 4, at += 3) {
    let group = 0;
    for (let index = start; index < start + 4; index += 1) {
      const digit = index < digits ? (DIGITS[text.charCodeAt(index)] ?? NO_DIGIT) : 0;
      if (digit === NO_DIGIT) return undefined;
      group = (group << 6) | digit;
    }
    const unused = Math.max(0, at + 3 - bytes.length);
    if (group % 2 ** (8 * unused) !== 0) return undefined;
    // What does not fit is zero, and an array of bytes ignores what is written past its end.
    bytes[at] = group >>> 16;
    bytes[at + 1] = group >>> 8;
    bytes[at + 2] = group;
  }
  return bytes;
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 1) text += HEX_PAIRS[bytes[index] ?? 0] ?? '';
  return text;
}

const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

const encoder = new TextEncoder();

/** For bytes that are no secret: its time tells where they differ. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

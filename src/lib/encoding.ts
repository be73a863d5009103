const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `value`, a non-negative integer, in base 62 (`0-9A-Za-z`), left-padded with `0` to `width`. */
export function toBase62(value: number, width: number): string {
  let digits = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) digits = ALPHABET.charAt(rest % 62) + digits;
  return digits.padStart(width, '0');
}

/** The number that the base 62 digits of `text` from `start` on stand for. Exact for up to eight digits. */
export function fromBase62(text: string, start = 0): number {
  let value = 0;
  for (let index = start; index < text.length; index += 1) {
    value = value * 62 + (DIGIT_VALUES[text.charCodeAt(index)] ?? 0);
  }
  return value;
}

/** By character code. */
const DIGIT_VALUES = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))),
);

/** CRC-32 (IEEE 802.3) of `text` up to `end`, all ASCII. For a short one quicker than handing it to native code. */
export function crc32(text: string, end = text.length): number {
  let rest = -1;
  for (let index = 0; index < end; index += 1) {
    rest = (rest >>> 8) ^ (CRC_TABLE[(rest ^ text.charCodeAt(index)) & 0xff] ?? 0);
  }
  return ~rest >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/**
 * `count` base62 characters, each drawn uniformly: bytes of 248 and above are thrown away, since 248 is the
 * largest multiple of 62 in a byte and taking the remainder of the rest would favour the first characters.
 */
export function randomBase62(count: number, drawBytes: (size: number) => Uint8Array): string {
  let text = '';
  while (text.length < count) {
    for (const byte of drawBytes(count - text.length + 8)) {
      if (byte < 248 && text.length < count) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}

/** Strict UTF-8: undefined when `bytes` are not well-formed. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

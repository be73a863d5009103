const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `value`, a non-negative integer, in base 62 (`0-9A-Za-z`), left-padded with `0` to `width`. */
export function toBase62(value: number, width: number): string {
  let digits = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) digits = ALPHABET.charAt(rest % 62) + digits;
  return digits.padStart(width, '0');
}

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

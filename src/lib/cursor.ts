import { createHmac, createSecretKey } from 'node:crypto';
import { constantTimeEqual } from './constant-time.ts';
import { decodeUtf8 } from './encoding.ts';

/**
 * Cursors of lists: base64url of `MAC ‖ JSON of a position`. The MAC is HMAC-SHA-256, cut to 16 bytes, over the length of
 * the binding in 32 bits, the binding, and the JSON. So nobody can make a cursor up, or use it on another list, in
 * another workspace or with other filters. A position is no secret: whoever holds the cursor has seen the list up to it.
 */
export interface CursorCodec {
  /** `binding` says what the cursor is good for: list, workspace, environment and filters, in one canonical text. */
  encode(binding: string, position: CursorPosition): string;
  /** Undefined unless `encode` made this very text with this binding. */
  decode(binding: string, text: string): CursorPosition | undefined;
}

export type CursorPosition = string | number | boolean | null | readonly CursorPosition[];

const MAC_BYTES = 16;
const MAX_CURSOR_LENGTH = 1_024;

export function createCursorCodec(key: Uint8Array): CursorCodec {
  const macKey = createSecretKey(key);

  function macOf(binding: string, position: Uint8Array): Buffer {
    const bindingBytes = Buffer.from(binding, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bindingBytes.byteLength);
    const mac = createHmac('sha256', macKey).update(length).update(bindingBytes).update(position).digest();
    return mac.subarray(0, MAC_BYTES);
  }

  return {
    encode(binding, position) {
      const bytes = Buffer.from(JSON.stringify(position), 'utf8');
      return Buffer.concat([macOf(binding, bytes), bytes]).toString('base64url');
    },
    decode(binding, text) {
      if (text.length > MAX_CURSOR_LENGTH) return undefined;
      const bytes = Buffer.from(text, 'base64url');
      // The decoder skips what is not base64url; only one text stands for these bytes.
      if (bytes.toString('base64url') !== text) return undefined;
      const position = bytes.subarray(MAC_BYTES);
      if (!constantTimeEqual(bytes.subarray(0, MAC_BYTES), macOf(binding, position))) return undefined;
      const json = decodeUtf8(position);
      return json === undefined ? undefined : (JSON.parse(json) as CursorPosition);
    },
  };
}

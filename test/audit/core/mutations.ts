import { decodeUtf8 } from '../../../src/lib/encoding.ts';

/**
 * Every text that is one byte away from `text`: each byte changed in several ways, left out, doubled, and some byte put in
 * before it. What is no UTF-8 any more never becomes a text, so it is left out.
 */
export function* mutations(text: string, from = 0, to = Buffer.byteLength(text)): Generator<string> {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = from; at <= to; at += 1) {
    const [before, byte, after] = [bytes.subarray(0, at), bytes[at], bytes.subarray(at + 1)];
    const inserted = INSERTED.map((extra) => Buffer.concat([before, Buffer.of(extra), bytes.subarray(at)]));
    const changed =
      byte === undefined
        ? []
        : [
            Buffer.concat([before, after]),
            ...[byte ^ 0x01, byte ^ 0x20, byte ^ 0x80, byte + 1, byte - 1, ...INSERTED].map((other) =>
              Buffer.concat([before, Buffer.of(other), after]),
            ),
          ];
    for (const mutated of [...inserted, ...changed]) {
      const decoded = mutated.equals(bytes) ? undefined : decodeUtf8(mutated);
      if (decoded !== undefined) yield decoded;
    }
  }
}

const INSERTED = [...Buffer.from('\0\t\n\r 0=Ax+/\x7f', 'latin1')];

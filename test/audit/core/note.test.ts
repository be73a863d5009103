import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatNote, formatSignatureLine, NoteError, parseNote } from '../../../src/audit/core/note.ts';
import { openNote } from '../../../src/audit/core/open-note.ts';
import { formatVerifierKey, makeVerifierKey, parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { ed25519PublicKey, sha256, signEd25519 } from '../../../src/audit/hashing.ts';
import vectors from '../../vectors/signed-notes.json' with { type: 'json' };
import { crypto, testKey } from './keys.ts';
import { mutations } from './mutations.ts';
import { codeOf } from './note-codes.ts';

const { goDocumentation, emptyLineInText, specCheckpoint, sigsum, witnessed, goChecksumDatabase } = vectors;
const published = [goDocumentation.note, emptyLineInText.note, specCheckpoint.note, sigsum.note, witnessed.note];
const signer = testKey('example.com/signer', 1);
const line = formatSignatureLine('a', Buffer.alloc(4), Buffer.alloc(1));

describe('a note', () => {
  test('that others published is read, and written again as it was', () => {
    for (const text of [...published, ...goChecksumDatabase.notes]) {
      const note = parseNote(text);
      expect(
        formatNote(
          note.text,
          note.signatures.map(({ line }) => line),
        ),
      ).toBe(text);
      for (const { name, keyId, signature, line } of note.signatures) {
        expect(formatSignatureLine(name, keyId, signature)).toBe(line);
      }
    }
  });

  test('ends its text at the last empty line', () => {
    expect(parseNote(emptyLineInText.note).text).toBe(
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n',
    );
    expect(parseNote(`\n\n${line}`).text).toBe('\n');
    expect(parseNote(`\n\n\n${line}`).text).toBe('\n\n');
  });

  test('has no signatures before that line: what looks like one is text', () => {
    const note = parseNote(`text\n\n${line}\n${line}`);
    expect(note).toMatchObject({ text: `text\n\n${line}`, signatures: [{ line }] });
  });

  test('opens with the keys of those who signed it', () => {
    for (const verifierKey of goDocumentation.verifierKeys) {
      const note = openNote(crypto, goDocumentation.note, parseVerifierKey(sha256, verifierKey));
      expect(note.signatures.map(({ name }) => name)).toEqual(['PeterNeumann', 'EnochRoot']);
    }
    for (const text of goChecksumDatabase.notes) {
      const key = parseVerifierKey(sha256, goChecksumDatabase.verifierKey);
      expect(openNote(crypto, text, key).text.split('\n')[0]).toBe('go.sum database tree');
    }
  });

  test('signed here has the signature that Go documents for it', () => {
    const seed = Buffer.from(goDocumentation.seed, 'hex');
    const { text, signatures } = parseNote(goDocumentation.note);
    const publicKey = ed25519PublicKey(seed);
    const key = makeVerifierKey(sha256, { name: 'PeterNeumann', algorithm: 'ed25519', publicKey });
    expect(formatVerifierKey(key)).toBe(goDocumentation.verifierKeys[0]);
    const made = formatSignatureLine(key.name, key.keyId, signEd25519(seed, Buffer.from(text, 'utf8')));
    expect(made).toBe(signatures[0]?.line);
  });

  test('with one byte changed anywhere does not open', () => {
    const text = 'One line,\n\nand another – with a dash.\n';
    const note = formatNote(text, [signer.sign(text)]);
    const opened: string[] = [];
    for (const other of mutations(note)) {
      const code = codeOf(() => openNote(crypto, other, signer.key));
      if (code === undefined) opened.push(other);
    }
    expect(opened).toEqual([]);
    expect(codeOf(() => openNote(crypto, note, signer.key))).toBeUndefined();
  });

  test('with one byte of its text changed does not open, whoever else signed it', () => {
    const key = parseVerifierKey(sha256, witnessed.verifierKey);
    const end = Buffer.byteLength(parseNote(witnessed.note).text);
    for (const other of mutations(witnessed.note, 0, end)) {
      expect(
        codeOf(() => openNote(crypto, other, key)),
        other.slice(0, 120),
      ).toBeDefined();
    }
  });

  test('read from a text with one byte changed is written as that text', () => {
    for (const other of mutations(sigsum.note)) {
      try {
        const { text, signatures } = parseNote(other);
        expect(
          formatNote(
            text,
            signatures.map(({ line }) => line),
          ),
        ).toBe(other);
      } catch (error) {
        expect(error).toBeInstanceOf(NoteError);
      }
    }
  });

  test('comes back as its text and signatures, whatever they are', () => {
    const lineOfText = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((one) => !/\p{Cc}/u.test(one));
    const text = fc.array(lineOfText, { minLength: 1, maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`);
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const signature = fc.record({
      name: name.filter((one) => !/[\p{White_Space}\p{Cc}+]/u.test(one)),
      keyId: fc.uint8Array({ minLength: 4, maxLength: 4 }),
      signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    });
    fc.assert(
      fc.property(text, fc.array(signature, { minLength: 1, maxLength: 5 }), (body, signatures) => {
        const lines = signatures.map((one) => formatSignatureLine(one.name, one.keyId, one.signature));
        const expected = signatures.map((one, n) => ({ ...one, line: lines[n] }));
        expect(parseNote(formatNote(body, lines))).toEqual({ text: body, signatures: expected });
      }),
    );
  });
});

describe('no note', () => {
  test.each([
    ['nothing', ''],
    ['a text alone', 'text\n'],
    ['a text and an empty line', 'text\n\n'],
    ['signatures alone', line],
    ['signatures after an empty line', `\n${line}`],
    ['no empty line between', `text\n${line}`],
    ['a last line without its newline', `text\n\n${line.slice(0, -1)}`],
    ['something after the signatures', `text\n\n${line}x`],
    ['another line after the signatures', `text\n\n${line}x\n`],
    ['an empty line after the signatures', `text\n\n${line}\n`],
    ['a carriage return', `text\r\n\n${line}`],
    ['a tab', `te\txt\n\n${line}`],
    ['a NUL', `te\0xt\n\n${line}`],
    ['half a character', `te\ud800xt\n\n${line}`],
    ['a hyphen for the dash', `text\n\n${line.replace('—', '-')}`],
    ['no dash', `text\n\n${line.slice(2)}`],
    ['two spaces', `text\n\n${line.replace('— ', '—  ')}`],
    ['a space at the end', `text\n\n${line.replace('\n', ' \n')}`],
    ['no name', 'text\n\n— AAAAAAA=\n'],
    ['an empty name', 'text\n\n—  AAAAAAA=\n'],
    ['a name with a plus sign', 'text\n\n— a+b AAAAAAA=\n'],
    ['a name with a no-break space', 'text\n\n— a\u00a0b AAAAAAA=\n'],
    ['a name with a next line', 'text\n\n— a\u0085b AAAAAAA=\n'],
    ['a name with an ideographic space', 'text\n\n— a\u3000b AAAAAAA=\n'],
    ['no signature', 'text\n\n— a\n'],
    ['an empty signature', 'text\n\n— a \n'],
    ['a key id without a signature', 'text\n\n— a AAAAAA==\n'],
    ['base64 without padding', 'text\n\n— a AAAAAAA\n'],
    ['base64 with hidden bits', 'text\n\n— a AAAAAAB=\n'],
    ['base64url', 'text\n\n— a AAAAAA_-\n'],
  ])('is %s', (_, text) => {
    expect(codeOf(() => parseNote(text))).toBe('malformed');
  });

  test('has more than 100 signatures', () => {
    expect(parseNote(`text\n\n${line.repeat(100)}`).signatures).toHaveLength(100);
    expect(codeOf(() => parseNote(`text\n\n${line.repeat(101)}`))).toBe('malformed');
  });

  test('is larger than 1,000,000 bytes', () => {
    const room = 1_000_000 - Buffer.byteLength(`\n\n${line}`);
    expect(parseNote(`${'x'.repeat(room)}\n\n${line}`).signatures).toHaveLength(1);
    expect(codeOf(() => parseNote(`${'x'.repeat(room + 1)}\n\n${line}`))).toBe('malformed');
    expect(codeOf(() => parseNote(`${'é'.repeat(room / 2 + 1)}\n\n${line}`))).toBe('malformed');
  });

  test('is made of parts that do not fit', () => {
    for (const [text, lines] of [
      ['', [line]],
      ['text', [line]],
      ['text\n', []],
      ['text\n', [line.slice(0, -1)]],
      ['text\n', [line + line]],
      ['text\n', [`\n${line}`]],
      ['text\n', [`more\n\n${line}`]],
      ['te\rxt\n', [line]],
    ] as const) {
      expect(
        codeOf(() => formatNote(text, lines)),
        JSON.stringify([text, lines]),
      ).toBe('malformed');
    }
    for (const [name, keyId, signature] of [
      ['', 4, 1],
      ['a b', 4, 1],
      ['a+b', 4, 1],
      ['a\n', 4, 1],
      ['a\0', 4, 1],
      ['\ud800', 4, 1],
      ['a', 3, 1],
      ['a', 5, 1],
      ['a', 4, 0],
    ] as const) {
      const run = () => formatSignatureLine(name, new Uint8Array(keyId), new Uint8Array(signature));
      expect(codeOf(run), JSON.stringify([name, keyId, signature])).toBe('malformed');
    }
  });
});

describe('opening', () => {
  const text = 'text\n';
  const note = formatNote(text, [signer.sign(text)]);

  test('says that nobody of that name signed', () => {
    expect(codeOf(() => openNote(crypto, note, testKey('example.com/other', 1).key))).toBe('wrong_name');
  });

  test('says that another key signed under the name', () => {
    expect(codeOf(() => openNote(crypto, note, testKey('example.com/signer', 2).key))).toBe('unknown_key');
  });

  test('says that the signature is of another text, or forged under the id of the key', () => {
    const forged = formatSignatureLine('example.com/signer', signer.key.keyId, Buffer.alloc(64));
    const ofOther = signer.sign('other\n');
    for (const wrong of [forged, ofOther, formatSignatureLine('example.com/signer', signer.key.keyId, Buffer.of(0))]) {
      expect(codeOf(() => openNote(crypto, formatNote(text, [wrong]), signer.key))).toBe('bad_signature');
    }
  });

  test('wants every signature under the id of the key to be good, and leaves others alone', () => {
    const forged = formatSignatureLine('example.com/signer', signer.key.keyId, Buffer.alloc(64));
    const stranger = formatSignatureLine('example.com/signer', Buffer.alloc(4), Buffer.alloc(64));
    const other = formatSignatureLine('example.com/stranger', signer.key.keyId, Buffer.alloc(64));
    const good = signer.sign(text);
    expect(codeOf(() => openNote(crypto, formatNote(text, [good, forged]), signer.key))).toBe('bad_signature');
    expect(codeOf(() => openNote(crypto, formatNote(text, [forged, good]), signer.key))).toBe('bad_signature');
    expect(openNote(crypto, formatNote(text, [stranger, other, good]), signer.key).text).toBe(text);
    expect(openNote(crypto, formatNote(text, [good, good]), signer.key).text).toBe(text);
  });

  test('does not take the key of a witness for that of a log', () => {
    const witness = testKey('example.com/signer', 1, 'cosignature');
    expect(codeOf(() => openNote(crypto, note, witness.key))).toBe('unknown_key');
    const underWitness = formatNote(text, [witness.sign(text)]);
    expect(codeOf(() => openNote(crypto, underWitness, witness.key))).toBe('unknown_key');
    expect(codeOf(() => openNote(crypto, underWitness, signer.key))).toBe('unknown_key');
  });

  test('quotes nothing of a note that it does not trust', () => {
    const name = 'evil\u009b31m';
    const evil = `evil text\n\n${formatSignatureLine(name, Buffer.alloc(4), Buffer.alloc(64))}`;
    for (const text of [evil, `${evil}evil`, evil.replaceAll('\n\n', '\n')]) {
      expect(() => openNote(crypto, text, signer.key)).toThrow(/^(?!.*evil)/s);
    }
  });
});

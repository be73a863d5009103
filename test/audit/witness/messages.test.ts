import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../../src/audit/witness/answer.ts';
import { formatRequest } from '../../../src/audit/witness/submit.ts';
import { readConfig } from '../../../src/config/config.ts';

// The example of c2sp.org/tlog-witness, with the empty line and every line feed.
const NOTE = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;
const PROOF = [
  'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=',
  'jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=',
  '5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=',
  '/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=',
];

describe('a request', () => {
  test('is the old size, the proof, an empty line and the checkpoint', () => {
    const proof = PROOF.map((line) => Buffer.from(line, 'base64'));
    expect(formatRequest(20_852_014, proof, NOTE)).toBe(`old 20852014\n${PROOF.join('\n')}\n\n${NOTE}`);
  });

  test('has no line but these where there is no proof', () => {
    expect(formatRequest(0, [], NOTE)).toBe(`old 0\n\n${NOTE}`);
  });
});

// The cosignature in the example of c2sp.org/tlog-cosignature; the key here is another one.
const WITNESS_KEY = 'witness.example.com/w1+e8498172+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM';
const LINE =
  '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==';

describe('an answer', () => {
  const [witness] = readConfig({ TOOKEN_WITNESSES: `${WITNESS_KEY} https://w.example` }).witnesses;
  if (witness === undefined) throw new Error('no witness');
  const createdAt = new Date('2023-03-20T12:00:00Z');
  const stored = { logId: '', generation: 1, origin: 'example.com/behind-the-sofa', size: 20_852_163 };
  const checkpoint = { ...stored, root: Buffer.alloc(32), note: NOTE, cosignatures: [], createdAt };
  const read = (status: number, body: string | Buffer, contentType = '') =>
    readAnswer({ status, contentType, body: Buffer.from(body) }, { witness, checkpoint, now: createdAt });
  const failed = (problem: string) => ({ kind: 'failed', problem });
  const SIZE = 'text/x.tlog.size';

  test('names a size in its own content type, in decimal and with a line feed', () => {
    expect(read(409, '20852014\n', SIZE)).toEqual({ kind: 'at_size', size: 20_852_014 });
    expect(read(409, '0\n', `${SIZE}; charset=utf-8`)).toEqual({ kind: 'at_size', size: 0 });
  });

  test.each([
    ['20852014\n', 'text/plain'],
    ['20852014\n', ''],
    ['20852014', SIZE],
    ['020852014\n', SIZE],
    ['-1\n', SIZE],
    ['1e3\n', SIZE],
    ['9007199254740993\n', SIZE],
    ['99999999999999999999\n', SIZE],
    ['1\n2\n', SIZE],
    ['', SIZE],
  ])('names none by %j as %j', (body, contentType) => {
    expect(read(409, body, contentType)).toEqual({ kind: 'conflict' });
  });

  test('is a failure for any other status', () => {
    expect([301, 400, 403, 404, 418, 429, 500, 503].map((status) => read(status, ''))).toEqual(
      [
        'redirected',
        'refused',
        'key_unknown',
        'log_unknown',
        'refused',
        'unavailable',
        'unavailable',
        'unavailable',
      ].map(failed),
    );
    expect(read(422, '')).toEqual({ kind: 'proof_refused' });
    for (const status of [201, 204, 100]) expect(read(status, `${LINE}\n`)).toEqual(failed('refused'));
  });

  test('by another key of the same name is passed over', () => {
    expect(read(200, `${LINE}\n`)).toEqual(failed('not_cosigned'));
  });

  test.each([
    ['nothing', ''],
    ['bytes that are no text', Buffer.of(0xe2, 0x80, 0xff)],
    ['a line cut short', LINE.slice(0, -10)],
    ['a name without a signature', '— witness.example.com/w1 \n'],
    ['two signatures in one line', `${LINE} ${LINE}\n`],
    ['a carriage return', `${LINE}\r\n`],
    ['a text of its own, with an empty line', `example.com/other\n1\n\n\n${LINE}\n`],
    ['a line of control characters', '— witness.example.com/w1 \u001b[2J\n'],
  ])('with %s is no cosignature', (_, body) => {
    expect(read(200, body)).toMatchObject({
      kind: 'failed',
      problem: expect.stringMatching(/^(malformed|not_cosigned)$/),
    });
  });
});

import fc from 'fast-check';
import { generateSync } from 'otplib';
import { decodeQR } from 'qr/decode.js';
import { describe, expect, test } from 'vitest';
import { encodeBase32 } from '../../src/identity/totp/base32.ts';
import { hotp } from '../../src/identity/totp/hotp.ts';
import { otpauthUri } from '../../src/identity/totp/otpauth.ts';
import { qrSvg } from '../../src/identity/totp/qr-svg.ts';
import {
  digestRecoveryCode,
  formatRecoveryCode,
  generateRecoveryCodes,
  parseRecoveryCode,
} from '../../src/identity/totp/recovery-codes.ts';
import { matchingSteps } from '../../src/identity/totp/totp.ts';
import type { MemberId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import rfc4226 from '../vectors/rfc4226-hotp.json' with { type: 'json' };
import rfc6238 from '../vectors/rfc6238-totp.json' with { type: 'json' };

const at = (seconds: number) => new Date(seconds * 1000);
const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe('a code', () => {
  test.each(rfc4226.codes.map((code, counter) => ({ code, counter })))('$counter is that of RFC 4226', (vector) => {
    expect(hotp(Buffer.from(rfc4226.secret), vector.counter)).toBe(vector.code);
  });

  test.each(rfc6238.codes)('at $seconds s is that of RFC 6238', ({ seconds, step, code }) => {
    const sixDigits = code.slice(2);
    expect(matchingSteps(Buffer.from(rfc6238.secret), sixDigits, at(seconds))).toEqual([Number.parseInt(step, 16)]);
  });

  test('that another authenticator shows is accepted, whatever the secret and the time', () => {
    fc.assert(
      fc.property(secrets, fc.integer({ min: 30, max: 20_000_000_000 }), (bytes, epoch) => {
        const secret = Buffer.from(bytes);
        const code = generateSync({ secret: encodeBase32(secret), epoch });
        expect(matchingSteps(secret, code, at(epoch))).toContain(Math.floor(epoch / 30));
      }),
    );
  });

  test.each([
    { shown: -2, isGood: false },
    { shown: -1, isGood: true },
    { shown: 0, isGood: true },
    { shown: 1, isGood: true },
    { shown: 2, isGood: false },
  ])('of the step $shown from now is good: $isGood', ({ shown, isGood }) => {
    const secret = Buffer.alloc(20, 7);
    for (const second of [0, 29]) {
      const step = 58_000_000;
      expect(matchingSteps(secret, hotp(secret, step + shown), at(step * 30 + second))).toEqual(
        isGood ? [step + shown] : [],
      );
    }
  });

  test.each(['', '12345', '1234567', 'abcdef', '１２３４５６', '-12345'])('%j never matches', (code) => {
    expect(matchingSteps(Buffer.alloc(20, 7), code, at(1_700_000_000))).toEqual([]);
  });

  test('of the first step of all is accepted, and none before it looked for', () => {
    const secret = Buffer.alloc(20, 7);
    expect(matchingSteps(secret, hotp(secret, 0), at(0))).toEqual([0]);
  });
});

describe('base 32', () => {
  test.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('of %j is that of RFC 4648 without padding', (text, encoded) => {
    expect(encodeBase32(Buffer.from(text))).toBe(encoded);
  });
});

describe('an otpauth URI', () => {
  const secret = Buffer.from('12345678901234567890');

  test('says issuer and account, escaped, and how codes are made', () => {
    expect(otpauthUri(secret, { issuer: 'Tooken (Acme & Co: 1)', account: 'ada+x@example.com' })).toBe(
      'otpauth://totp/Tooken%20(Acme%20%26%20Co%20%201):ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tooken%20(Acme%20%26%20Co%20%201)&algorithm=SHA1&digits=6&period=30',
    );
  });

  test('is read back from its QR code, also with the longest names', () => {
    const short = otpauthUri(secret, { issuer: 'Tooken', account: 'ada@example.com' });
    const long = otpauthUri(secret, { issuer: '会'.repeat(128), account: '社'.repeat(254) });
    for (const uri of [short, long]) expect(decodeQR(paint(qrSvg(uri)))).toBe(uri);
  });
});

test('a QR code is inert: two shapes and no style, script or reference', () => {
  const svg = qrSvg('otpauth://totp/<script>"&');
  expect(svg.replaceAll(/ d="[Mhvz0-9 -]+"/g, '')).toMatch(
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" shape-rendering="crispEdges" role="img"><path fill="#fff"\/><path fill="#000"\/><\/svg>$/,
  );
});

describe('a recovery code', () => {
  const shown = '0123-ABCD-EFGH-JK1M';
  const code = parseRecoveryCode(shown);

  test('has 80 bits in readable groups, and is one of ten that differ', () => {
    const codes = generateRecoveryCodes(systemRandom);
    expect(new Set(codes).size).toBe(10);
    for (const generated of codes) {
      const text = formatRecoveryCode(generated);
      expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(parseRecoveryCode(text)).toBe(generated);
    }
  });

  test.each([
    '0123-abcd-efgh-jk1m',
    '0123ABCDEFGHJK1M',
    ' 0123 abcd efgh jk1m ',
    'O123-ABCD-EFGH-JKIM',
    'o123-abcd-efgh-jklm',
  ])('is known when it is written %j', (written) => {
    expect(parseRecoveryCode(written)).toBe(code);
  });

  test.each(['', '123456', '0123-ABCD-EFGH-JK1', '0123-ABCD-EFGH-JK1MM', '0123-ABCD-EFGH-JKUM', '0123_ABCD_EFGH_JK1M'])(
    '%j is none',
    (text) => {
      expect(parseRecoveryCode(text)).toBeUndefined();
    },
  );

  test('has another digest for another member, and under another key', () => {
    const ada = 'usr_01h455vb4pex5vsknk084sn02q' as MemberId;
    const bob = 'usr_01h455vb4pex5vsknk084sn02r' as MemberId;
    const digest = (keyByte: number, memberId = ada) =>
      code && digestRecoveryCode(Buffer.alloc(32, keyByte), memberId, code);
    expect(digest(1)).toHaveLength(32);
    expect(digest(1, bob)).not.toEqual(digest(1));
    expect(digest(2)).not.toEqual(digest(1));
  });
});

/** Draws the runs of a QR code, as a browser would, 4 pixels a module. */
function paint(svg: string) {
  const scale = 4;
  const modules = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const size = modules * scale;
  const data = new Uint8Array(size * size * 4).fill(255);
  const path = /fill="#000" d="([^"]+)"/.exec(svg)?.[1] ?? '';
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(width)) * scale; column += 1) {
        data.fill(0, (row * size + column) * 4, (row * size + column) * 4 + 3);
      }
    }
  }
  return { width: size, height: size, data };
}

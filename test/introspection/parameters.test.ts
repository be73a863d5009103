import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseForm, parsePlainForm } from '../../src/introspection/form.ts';
import { parseJsonParameters } from '../../src/introspection/json-parameters.ts';
import { BODY_MAX_BYTES, readParameters } from '../../src/introspection/parameters.ts';

const KNOWN = ['token', 'client_ip'];
const FORM = 'application/x-www-form-urlencoded';

describe('a form', () => {
  const text = fc.string({ unit: 'binary' }).filter((each) => each.isWellFormed());

  test('gives back what any client encoded', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (pairs) => {
        expect(parseForm(new URLSearchParams(pairs).toString())).toEqual(new Map(Object.entries(pairs)));
      }),
    );
  });

  test('is read as URLSearchParams reads it, or refused', () => {
    const piece = fc.constantFrom(
      'a',
      'token',
      '=',
      '&',
      '+',
      '%',
      '%2',
      '%41',
      '%C3%A9',
      '%C3',
      '%ED%A0%80',
      '%00',
      'é',
      '\0',
      '😀',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (form) => {
          const parsed = parseForm(form);
          const expected = [...new URLSearchParams(form)];
          if (typeof parsed !== 'string') expect([...parsed]).toEqual(expected);
          else if (parsed === 'duplicate')
            expect(new Set(expected.map(([name]) => name)).size).toBeLessThan(expected.length);
          else expect(form).toMatch(/%(?![0-9A-F]{2})|%C3(?!%A9)|%ED%A0%80/);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('of one plain pair is read the short way as the long way, and any other is not', () => {
    const piece = fc.constantFrom('a', 'token', '=', '&', '+', '%41', '%', 'é', '\0', ' ');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
        (form) => {
          const plain = parsePlainForm(form);
          expect(plain === undefined).toBe(/[&+%]/.test(form) || !form.includes('='));
          const parsed = parseForm(form);
          if (plain === undefined) return;
          if (typeof parsed === 'string') throw new Error(parsed);
          expect(parsed.size).toBe(1);
          for (const name of ['', 'a', 'token', ...parsed.keys()]) expect(plain.get(name)).toBe(parsed.get(name));
        },
      ),
      { numRuns: 5000 },
    );
  });

  test.each([
    ['a=1&a=2', 'duplicate'],
    ['a=1&%61=2', 'duplicate'],
    ['a&a', 'duplicate'],
    ['a=%', 'malformed'],
    ['a=%zz', 'malformed'],
    ['a=%ff', 'malformed'],
    ['a=%c0%80', 'malformed'],
    ['a=%ed%a0%80', 'malformed'],
    ['%e2%82=1', 'malformed'],
  ])('%s is %s', (form, problem) => {
    expect(parseForm(form)).toBe(problem);
  });
});

describe('JSON', () => {
  test('says the same as a form', () => {
    const value = fc.string({ unit: 'binary' }).filter((each) => each.isWellFormed());
    fc.assert(
      fc.property(value, value, (token, clientIp) => {
        const members = { token, client_ip: clientIp };
        const expected = new Map(Object.entries(members));
        expect(parseJsonParameters(JSON.stringify(members), KNOWN)).toEqual(expected);
        expect(parseJsonParameters(JSON.stringify(members, null, '\t'), KNOWN)).toEqual(expected);
      }),
    );
  });

  test('with a member twice is refused, wherever it hides; a value or an inner member may look like it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.string(), (before, after, token) => {
        const [x, y, value] = [before, after, token].map((each) => JSON.stringify(each));
        const once = `{ "x": ${x}, "token" : ${value}, "y": {"token": ${y}, "z": "token" } }`;
        expect(parseJsonParameters(once, KNOWN)).toEqual(new Map([['token', token]]));
        expect(parseJsonParameters(`{"token":"a","x":${x},"y":${y},"tok\\u0065n" :${value}}`, KNOWN)).toBe('duplicate');
      }),
    );
  });

  test('ignores members nobody knows, whatever they hold', () => {
    const known = new Map([['token', 'a']]);
    expect(parseJsonParameters('{"token":"a","x":{"token":["b"]},"__proto__":{"client_ip":"c"}}', KNOWN)).toEqual(
      known,
    );
    expect(parseJsonParameters('{"constructor":1,"token":"a"}', KNOWN)).toEqual(known);
  });

  test.each([
    ['{"token":1}', 'not_text'],
    ['{"token":null}', 'not_text'],
    ['{"token":["a"]}', 'not_text'],
    ['{"token":"\\ud800"}', 'not_text'],
    ['{"token":"\\udc00\\ud800"}', 'not_text'],
    ['["token"]', 'malformed'],
    ['"token"', 'malformed'],
    ['null', 'malformed'],
    ['', 'malformed'],
    ['{"token":"a"', 'malformed'],
    ['{"token":"a"} x', 'malformed'],
    ['\ufeff{"token":"a"}', 'malformed'],
    ['['.repeat(60_000), 'malformed'],
  ])('%.30s is %s', (json, problem) => {
    expect(parseJsonParameters(json, KNOWN)).toBe(problem);
  });

  test('nested as deep as a body allows is read', () => {
    const nested = `{"x":${'['.repeat(30_000)}${']'.repeat(30_000)},"token":"a"}`;
    expect(parseJsonParameters(nested, KNOWN)).toEqual(new Map([['token', 'a']]));
  });
});

describe('a body', () => {
  const read = (contentType: string | undefined, body: Uint8Array | undefined) => {
    const result = readParameters(contentType, body, KNOWN);
    if ('refusal' in result) return result.refusal.status;
    const values = KNOWN.map((name) => [name, result.parameters.get(name)] as const);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  };

  test.each([
    FORM,
    'APPLICATION/X-WWW-FORM-URLENCODED',
    `${FORM};charset=UTF-8`,
    `${FORM} ; charset="utf-8"`,
    `${FORM}; boundary=x; charset=utf-8; y=z`,
    `${FORM};`,
  ])('of type %s is a form', (type) => {
    expect(read(type, Buffer.from('token=a'))).toEqual({ token: 'a' });
  });

  test.each(['application/json', 'application/json; charset=utf-8', ' Application/JSON'])(
    'of type %s is JSON',
    (type) => {
      expect(read(type, Buffer.from('{"token":"a"}'))).toEqual({ token: 'a' });
    },
  );

  test.each([
    undefined,
    '',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/json-seq',
    `${FORM}; charset=iso-8859-1`,
    `${FORM}, application/json`,
    `${FORM}; charset=utf-16`,
  ])('of type %s is refused', (type) => {
    expect(read(type, Buffer.from('token=a'))).toBe(415);
  });

  test('may be 64 KiB long and no longer', () => {
    const body = Buffer.alloc(BODY_MAX_BYTES, 'a');
    body.write('token=');
    expect(read(FORM, body)).toEqual({ token: 'a'.repeat(BODY_MAX_BYTES - 6) });
    expect(read(FORM, Buffer.concat([body, Buffer.from('a')]))).toBe(413);
    expect(read(FORM, undefined)).toBe(413);
  });

  test('is UTF-8 or refused', () => {
    expect(read(FORM, Buffer.from('token=é'))).toEqual({ token: 'é' });
    expect(read(FORM, Buffer.from('token=é', 'latin1'))).toBe(400);
    expect(read('application/json', Buffer.from('{"token":"é"}', 'latin1'))).toBe(400);
    expect(read(FORM, Buffer.from('token=é', 'utf16le'))).not.toEqual({ token: 'é' });
  });

  test('of any bytes is read or refused, never thrown at', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(FORM, 'application/json'), (body, type) => {
        expect([400, 'read']).toContain(typeof read(type, body) === 'number' ? read(type, body) : 'read');
      }),
    );
  });
});

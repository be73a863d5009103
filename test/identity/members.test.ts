import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCESS_LEVELS } from '../../src/identity/access-level.ts';
import { requireAuthority } from '../../src/identity/members/authority.ts';
import { nameFromEmail } from '../../src/identity/members/check.ts';
import { EMAIL_MAX_LENGTH, normalizeEmail, parseEmail } from '../../src/lib/email.ts';
import { parseName } from '../../src/lib/names.ts';

describe('an email address', () => {
  it.each([
    ['Ada@Example.COM', 'ada@example.com'],
    [' ada+x@example.com\n', 'ada+x@example.com'],
    ['O\u2019Hara@example.com', 'o\u2019hara@example.com'],
    ['u\u0308ber@example.com', '\u00fcber@example.com'],
  ])('%j is kept as %j', (text, email) => {
    expect(parseEmail(text)).toEqual({ ok: true, email });
  });

  it.each([
    '',
    '@',
    'ada',
    'ada@',
    '@example.com',
    'a@b@c',
    'a b@example.com',
    'a@example.com,b@example.com',
    'a@example.com;b',
    '<a@example.com>',
    '"a"@example.com',
    'a@example.com\r\nBcc: b@example.com',
    'a\0@example.com',
    'a\u202e@example.com',
    'a\ud800@example.com',
    `${'x'.repeat(EMAIL_MAX_LENGTH)}@example.com`,
  ])('%j is none', (text) => {
    expect(parseEmail(text)).toMatchObject({ ok: false, problem: expect.stringMatching(/^must /) });
  });

  it('is the same however often it is read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })), (text) => {
        const parsed = parseEmail(text);
        if (!parsed.ok) return;
        expect(parsed.email).toBe(normalizeEmail(text));
        expect(parseEmail(parsed.email)).toEqual(parsed);
        expect(parseName(nameFromEmail(parsed.email)).ok).toBe(true);
      }),
    );
  });
});

describe('who changes whom', () => {
  const may = (manager: Parameters<typeof requireAuthority>[0], levels: readonly (typeof ACCESS_LEVELS)[number][]) => {
    try {
      requireAuthority(manager, levels);
      return true;
    } catch {
      return false;
    }
  };

  it('is the same whatever else a change is about: owners and operators everybody, admins all but owners', () => {
    for (const from of ACCESS_LEVELS) {
      for (const to of ACCESS_LEVELS) {
        const isAboutOwners = from === 'owner' || to === 'owner';
        expect(may({ kind: 'operator' }, [from, to])).toBe(true);
        expect(may({ kind: 'member', access: 'owner' }, [from, to])).toBe(true);
        expect(may({ kind: 'member', access: 'admin' }, [from, to])).toBe(!isAboutOwners);
        for (const access of ['member', 'auditor'] as const) {
          expect(may({ kind: 'member', access }, [from, to])).toBe(false);
        }
      }
    }
  });
});

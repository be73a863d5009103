import { describe, expect, it } from 'vitest';
import { checkPassword, requirePassword } from '../../src/identity/passwords/policy.ts';

const owner = { email: 'jane.doe@example.com', name: 'Jane Doe', workspaceName: 'Acme Corp' };
const check = (password: string) => checkPassword(password, owner);

describe('a password', () => {
  it.each([
    'correct horse battery staple',
    'kX9#mP2$vL5@',
    'ünïcödé wörds gô',
    '密码是一个很长的句子没错吧啊',
    '            a quiet lake',
    'acmecorp and then quite something else',
    'dragonfly under the mattress',
    'jane likes bicycles a lot',
    '👩‍👩‍👧‍👦🦆🌵🎻🛶🧊',
    'x'.repeat(4).concat('-quite-', 'y1z2w3'.repeat(168), 'end'),
  ])('may be %j, whatever kinds of characters it has', (password) => {
    expect(check(password)).toBeUndefined();
  });

  it.each([
    ['elevenchars', 'at least 12 characters'],
    ['', 'at least 12 characters'],
    // Twelve UTF-16 units, and six characters.
    ['🦆🌵🎻🛶🧊🪁', 'at least 12 characters'],
    // A ligature is two characters once it is normalised; eleven are still too few.
    ['ﬁvexigqwmz', 'at least 12 characters'],
    [`ab${'quiet lake '.repeat(93)}`, 'at most 1,024 characters'],
    ['a quiet\0lake here', 'NUL'],
    ['a quiet \ud800 lake', 'surrogate'],
  ])('is refused for its length or form: %j', (password, problem) => {
    expect(check(password)).toContain(problem);
  });

  it.each([
    'aaaaaaaaaaaa',
    '            ',
    'abcabcabcabc',
    '123456789012',
    'abcdefghijklm',
    'qwertyuiopas',
    '0987654321098',
    'passwordpassword',
    'Password1234!',
    'P@ssw0rd2024!',
    'p@$$w0rd123456',
    'pass-word-1234',
    'qwerty123456',
    '1qaz2wsx3edc',
    'Administrator',
    'unbelievable',
    'letmein!letmein!',
    '2024Superman!!',
    'ＰＡＳＳＷＯＲＤ１２３４',
  ])('is refused as common: %j', (password) => {
    expect(check(password)).toContain('guessed first');
  });

  it.each([
    'jane.doe@example.com',
    'JaneDoe-2024!',
    'example.com-1',
    'acme-corp-2024!!',
    'AcmeCorpAcmeCorp',
    'corp acme corp acme jane',
  ])('is refused when made of what is known of its owner: %j', (password) => {
    expect(check(password)).toContain('made of your email address');
  });

  it('is judged without an email address too', () => {
    expect(checkPassword('correct horse battery', { ...owner, email: null })).toBeUndefined();
  });

  it('that is refused names its field', () => {
    expect(() => requirePassword('short', owner, 'new_password')).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        details: [{ path: 'new_password', message: expect.stringContaining('12 characters') }],
      }),
    );
  });
});

import { expect, it } from 'vitest';
import { generateCredential } from '../../src/credentials/format.ts';
import { generateSecret } from '../../src/credentials/opaque-secret.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { maskCredentials } from '../../src/lib/masking.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createRequestIds } from '../../src/lib/request-ids.ts';

const SECRETS: [string, string][] = [
  ['an API key', generateCredential('tok', 'live', systemRandom)],
  ['a token', generateCredential('gko', 'test', systemRandom)],
  ['a refresh token', generateSecret('refresh', systemRandom)],
  ['a link', generateSecret('link', systemRandom)],
  ['a device', generateSecret('device', systemRandom)],
];

it.each(SECRETS)('of %s nothing is kept but its beginning, wherever it stands', (_what, secret) => {
  const masked = maskCredentials(`curl/8.5 (${secret}) ${secret},${secret}`);
  expect(masked).not.toContain(secret.slice(-8));
  expect(masked.match(/…/g)).toHaveLength(3);
});

it('what is no credential stays as it is', () => {
  const text = 'Mozilla/5.0 (X11; Linux x86_64) token_live_short tkn_01kav3c4r8e0jbwn7sgm5zkqd2';
  expect(maskCredentials(text)).toBe(text);
});

it.each(SECRETS)('a request is not called by the secret of %s, whoever asks for it', (_what, secret) => {
  const name = createRequestIds({ clock: systemClock, random: systemRandom });
  expect(name(secret, 0)).toMatch(/^req_/);
  expect(name('of-mine', 0)).toBe('of-mine');
});

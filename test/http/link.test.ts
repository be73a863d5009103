import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { addPerson } from '../support/people.ts';
import { createTestService } from '../support/service.ts';

const service = await createTestService(await createTestDatabase());
const workspace = await service.addWorkspace('home');

it('whoever opens a link reads what to do with it, which is the same for every link and uses none up', async () => {
  const { secret } = await addPerson(service, workspace, { access: 'owner' });
  const json = { email: 'grace@example.com', access: 'member' };
  const { body } = await service.call('POST', '/v1/members/invitations', { secret, json });
  const { pathname, hash } = new URL(body.link.url);
  const pages = await Promise.all([1, 2].map(() => service.call('GET', pathname)));
  for (const { status, text, headers } of pages) {
    expect([status, text]).toEqual([200, pages[0]?.text]);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  }
  const path =
    new RegExp(`${service.context.config.publicUrl}(/v1/members/\\S+)`).exec(pages[0]?.text ?? '')?.[1] ?? '';
  const accepted = { token: hash.slice(1), password: 'a password that nobody guesses' };
  expect((await service.call('POST', path, { json: accepted })).status).toBe(200);
});

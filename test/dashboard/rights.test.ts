import { describe, expect, test } from 'vitest';
import { admitsMember, OPERATIONS } from '../../src/rights/rights.ts';
import { createTour } from './tour.ts';

const { world, pages } = await createTour();
const { ask, cookieOf, addBrowsing } = world;
const forms = pages.filter(({ isForm }) => isForm);

describe.each(['owner', 'admin', 'auditor', 'member'] as const)('to somebody whose access is %s', async (access) => {
  const person = await addBrowsing(access);

  test.each(pages)(
    '/$name is shown if and only if the table of rights admits it to $needs',
    async ({ path, needs }) => {
      const { status, text } = await ask(`/live${path}`, { cookie: cookieOf(person) });
      if (!admitsMember(OPERATIONS[needs].member, access)) {
        expect(status).toBe(403);
        expect(text).toContain('Your access does not cover this page');
      } else if (access === 'member' || path.startsWith('/account/')) {
        // It has no tokens of its own, and nobody else's sessions: it finds none.
        expect([200, 404]).toContain(status);
      } else {
        expect(status).toBe(200);
      }
    },
  );
});

test.each(pages.filter(({ hasId }) => hasId))(
  '/$name shows nothing of it to the owner of another workspace',
  async (page) => {
    const elsewhere = await world.service.addWorkspace(`Elsewhere ${page.name}`);
    const stranger = await addBrowsing('owner', { workspace: elsewhere });
    const { status, text } = await ask(`/live${page.path}`, { cookie: cookieOf(stranger) });
    expect(status).toBe(404);
    for (const name of ['billing export', 'bookkeeper', 'Storefront', 'Ada Lovelace', 'GitHub Actions', 'finance']) {
      expect(text).not.toContain(name);
    }
  },
);

test.each(pages)('/$name is nothing for who has not signed in', async ({ path }) => {
  const { status, headers } = await ask(`/live${path}`);
  expect([status, headers.get('location')]).toEqual([303, `/sign-in?${new URLSearchParams({ next: `/live${path}` })}`]);
});

test.each(forms)('the form of /$name does nothing without its token, from elsewhere, or unsigned', async ({ path }) => {
  const owner = await addBrowsing('owner');
  const cookie = cookieOf(owner);
  const { db } = world.service.context;
  const events = () => db.$client`
    select count(*) from audit_events where convert_from(leaf, 'UTF8')::jsonb ->> 'action' <> 'request.denied'`;
  const before = await events();
  expect((await ask(`/live${path}`, { cookie, form: { confirm: 'yes' } })).status).toBe(403);
  const headers = { origin: 'https://evil.example' };
  expect((await ask(`/live${path}`, { cookie, form: { confirm: 'yes' }, headers })).status).toBe(403);
  expect((await ask(`/live${path}`, { form: { confirm: 'yes' } })).status).toBe(303);
  expect(await events()).toEqual(before);
});

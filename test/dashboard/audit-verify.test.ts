import type { Page, Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createAuditWorld } from './audit-world.ts';
import { expectFine } from './world.ts';

const { service, workspace, happen, issued, addBrowsing, visit, ask, cookieOf } = await createAuditWorld();
const owner = await addBrowsing('owner');
const auditor = await addBrowsing('auditor');
const cookie = cookieOf(owner);

const names = Array.from({ length: 300 }, (_, n) => `token ${n}`);
const ids = await happen(...names.map((name) => issued(name)));

const [keptKey, keptCheckpoint] = await Promise.all(
  ['key.txt', 'checkpoint.txt'].map(async (name) => (await ask(`/live/audit-log/${name}`, { cookie })).text),
);

/** The first, one that is no power of two away from anything, the last of a tile, the first of the next, the last. */
const PLACES = [0, 200, 253, 254, 299].map((n) => ({ name: names[n] ?? '', id: ids[n] ?? '' }));
const { id: middle = '' } = PLACES[1] ?? {};

type Json = { [name: string]: Json } & string;

/** Opens an event, and verifies it. What is asked for on the way may be changed by `tamper`. */
async function verifyEvent(
  id: string,
  {
    tamper,
    at = 'proof.json',
    person = owner,
    kept = {},
  }: {
    tamper?: (answer: Json) => void;
    at?: string;
    person?: typeof owner;
    kept?: { key?: string | undefined; checkpoint?: string | undefined };
  } = {},
) {
  const visitor = await visit(person);
  const { page } = visitor;
  if (tamper !== undefined) await tamperWith(page, at, tamper);
  await page.goto(`/live/audit-log/${id}`);
  await fillKept(page, kept);
  await page.getByRole('button', { name: 'Verify in the browser' }).click();
  return { ...visitor, report: await reportOf(page, 'event') };
}

async function tamperWith(page: Page, name: string, tamper: (answer: Json) => void): Promise<void> {
  await page.route(`**/${name}*`, async (route: Route) => {
    const response = await route.fetch();
    const answer = await response.json();
    tamper(answer);
    await route.fulfill({ response, json: answer });
  });
}

function hashesOf({ proof }: Json): string[] {
  return (proof?.hashes ?? []) as unknown as string[];
}

async function fillKept(
  page: Page,
  { key, checkpoint }: { key?: string | undefined; checkpoint?: string | undefined },
) {
  const details = page.getByText('Compare with what you have kept');
  if (await details.isVisible()) await details.click();
  if (key !== undefined) await page.getByRole('textbox', { name: 'Verifier key' }).fill(key);
  if (checkpoint !== undefined) await page.getByLabel('Earlier checkpoint').fill(checkpoint);
}

/** The verdict, and by the titles of its steps what came of each. */
async function reportOf(page: Page, name: 'event' | 'log' | 'export') {
  const place = page.locator(`[data-verify="${name}"] [data-report]`);
  await place.locator('.alert').waitFor();
  const isGood = (await place.locator('.alert-good').count()) === 1;
  const steps = await place.locator('.check-head').allTextContents();
  const outcomes = Object.fromEntries(
    steps.map((text) => {
      const [, title = '', outcome = ''] = /^(.*) (Holds|Does not hold|Not compared)$/.exec(text) ?? [];
      return [title, outcome];
    }),
  );
  const failed = Object.keys(outcomes).filter((title) => outcomes[title] === 'Does not hold');
  return { isGood, verdict: (await place.locator('.alert').textContent()) ?? '', outcomes, failed };
}

/** Another text of the same length, of which one character is another. */
function changed(text: string, at: number): string {
  const place = at < 0 ? text.length + at : at;
  return text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1);
}

const RECORD = 'The record is this event';
const PERSONAL = 'Personal data is what the event commits to';
const PAGE = 'This page shows what is in the record';
const PLACE = 'The event is in the log, at its place';
const SIGNATURE = 'The checkpoint is signed by the log';
const KEY = 'The key is the one that you have kept';
const HISTORY = 'The log has only grown since your checkpoint';

describe('an event', () => {
  test.each(PLACES)('that is what it was holds: $name', async ({ id }) => {
    const { report, ...visitor } = await verifyEvent(id);
    expect(report).toMatchObject({ isGood: true, failed: [] });
    expect(report.outcomes).toEqual({
      [RECORD]: 'Holds',
      [PERSONAL]: 'Holds',
      [PAGE]: 'Holds',
      [PLACE]: 'Holds',
      [SIGNATURE]: 'Holds',
      [KEY]: 'Not compared',
      [HISTORY]: 'Not compared',
    });
    await expectFine(visitor);
  });

  test('is verified by an auditor against a key and a checkpoint that were kept', async () => {
    const [later = ''] = await happen(issued('later'));
    const kept = { key: keptKey, checkpoint: keptCheckpoint };
    const { report, ...visitor } = await verifyEvent(later, { person: auditor, kept });
    expect(report.verdict).toBe('The event holds, and the log goes on from what you have kept.');
    expect(new Set(Object.values(report.outcomes))).toEqual(new Set(['Holds']));
    await expectFine(visitor);
  });

  test('is shown with the numbers to compare, and with what the record itself says', async () => {
    const { page } = await verifyEvent(middle);
    const report = page.locator('[data-report]');
    const root = /^.*\n\d+\n(.*)\n/.exec((await ask('/live/audit-log/checkpoint.txt', { cookie })).text)?.[1] ?? '';
    expect(await report.getByText(root, { exact: true }).count()).toBe(3);
    expect(await report.getByText('token.created', { exact: true }).isVisible()).toBe(true);
    expect(await report.getByText(/^token tkn_\w+ token 200$/).isVisible()).toBe(true);
  });

  test.each([
    {
      what: 'the leaf',
      tamper: (answer: Json) => {
        answer.leaf = answer.leaf?.replace('"success"', '"failure"') as Json;
      },
      failed: [PAGE, PLACE],
    },
    {
      what: 'a hash of the path',
      tamper: (answer: Json) => {
        const hashes = hashesOf(answer);
        hashes[2] = changed(hashes[2] ?? '', 5);
      },
      failed: [PLACE],
    },
    {
      what: 'the length of the path',
      tamper: (answer: Json) => void hashesOf(answer).pop(),
      failed: [PLACE],
    },
    {
      what: 'the place',
      tamper: (answer: Json) => {
        answer.leaf_index = (Number(answer.leaf_index) + 1) as unknown as Json;
      },
      failed: [PAGE, PLACE],
    },
    {
      what: 'the root',
      tamper: (answer: Json) => {
        const lines = answer.checkpoint?.split('\n') ?? [];
        lines[2] = changed(lines[2] ?? '', 7);
        answer.checkpoint = lines.join('\n') as Json;
      },
      failed: [PLACE, SIGNATURE],
    },
    {
      what: 'the signature',
      tamper: (answer: Json) => {
        answer.checkpoint = changed(answer.checkpoint ?? '', -20) as Json;
      },
      failed: [SIGNATURE],
    },
    {
      what: 'the content of a personal part',
      tamper: (answer: Json) => {
        const part = answer.openings?.['target/0'];
        if (part?.payload) part.payload = part.payload.replace('token', 'tokem') as Json;
      },
      failed: [PERSONAL],
    },
    {
      what: 'the salt of a personal part',
      tamper: (answer: Json) => {
        const part = answer.openings?.actor;
        if (part?.salt) part.salt = changed(part.salt, 3) as Json;
      },
      failed: [PERSONAL],
    },
  ])('of which $what was changed on the way does not hold, and the step is named', async ({ tamper, failed }) => {
    const { report, ...visitor } = await verifyEvent(middle, { tamper });
    expect(report).toMatchObject({ isGood: false, failed });
    for (const title of failed) expect(report.verdict).toContain(title);
    await visitor.expectClean();
  });

  test('whose proof is that of another event does not hold', async () => {
    const other = JSON.parse((await ask(`/live/audit-log/${ids[7]}/proof.json`, { cookie })).text) as Json;
    const { report } = await verifyEvent(middle, { tamper: (answer) => Object.assign(answer, other) });
    expect(report.failed).toEqual([RECORD]);
  });

  test('in whose place the page shows another one does not hold, though that is in the log as well', async () => {
    const { page } = await visit(owner);
    await page.route(`**/audit-log/${middle}`, async (route) => {
      await route.fulfill({
        response: await route.fetch({
          url: route
            .request()
            .url()
            .replace(middle, ids[7] ?? ''),
        }),
      });
    });
    await page.goto(`/live/audit-log/${middle}`);
    await page.getByRole('button', { name: 'Verify in the browser' }).click();
    expect((await reportOf(page, 'event')).failed).toEqual([PAGE]);
  });

  test('that the page tells differently does not hold', async () => {
    const visitor = await visit(owner);
    const { page } = visitor;
    await page.route(`**/audit-log/${middle}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replaceAll('token 200', 'token 201') });
    });
    await page.goto(`/live/audit-log/${middle}`);
    await page.getByRole('button', { name: 'Verify in the browser' }).click();
    expect((await reportOf(page, 'event')).failed).toEqual([PAGE]);
  });

  test('does not hold under another key than the one that was kept, though its signature fits that of the service', async () => {
    const elsewhere = await service.addWorkspace('Elsewhere');
    const stranger = await addBrowsing('owner', { workspace: elsewhere });
    const { text: key } = await ask('/live/audit-log/key.txt', { cookie: cookieOf(stranger) });
    const { report } = await verifyEvent(middle, { kept: { key } });
    expect(report.failed).toEqual([SIGNATURE, KEY]);
  });

  test('is not called good where the service gives no proof', async () => {
    const visitor = await visit(owner);
    visitor.expectStatus(503);
    const { page } = visitor;
    await page.route('**/proof.json', (route) => route.fulfill({ status: 503, body: 'no' }));
    await page.goto(`/live/audit-log/${middle}`);
    await page.getByRole('button', { name: 'Verify in the browser' }).click();
    const report = await reportOf(page, 'event');
    expect(report).toMatchObject({ isGood: false, outcomes: {} });
    expect(report.verdict).toContain('Nothing could be verified.');
    await expectFine(visitor);
  });

  test('in a browser that cannot check signatures holds but for these, and that is said', async () => {
    const visitor = await visit(owner);
    const { page } = visitor;
    await page.addInitScript('SubtleCrypto.prototype.importKey = () => Promise.reject(new Error("unknown"))');
    await page.goto(`/live/audit-log/${middle}`);
    await page.getByRole('button', { name: 'Verify in the browser' }).click();
    const { isGood, outcomes } = await reportOf(page, 'event');
    expect([isGood, outcomes[SIGNATURE], outcomes[PLACE]]).toEqual([true, 'Not compared', 'Holds']);
    expect(await page.getByText('This browser cannot check Ed25519 signatures').isVisible()).toBe(true);
  });
});

describe('the log', () => {
  const PATH = '/live/audit-log/verify';

  async function verifyLog(
    kept: Parameters<typeof fillKept>[1],
    tamper?: { name: string; tamper: (answer: Json) => void },
  ) {
    const visitor = await visit(owner, { width: 360, colorScheme: 'dark' });
    const { page } = visitor;
    if (tamper !== undefined) await tamperWith(page, tamper.name, tamper.tamper);
    await page.goto(PATH);
    await fillKept(page, kept);
    await page.getByRole('button', { name: 'Verify the log' }).click();
    return { ...visitor, report: await reportOf(page, 'log') };
  }

  test('is shown with its name, its size, its root and its key, to be taken away', async () => {
    const visitor = await visit(auditor);
    const { page } = visitor;
    await page.goto(PATH);
    expect(await page.getByText(keptKey?.trim() ?? '', { exact: true }).isVisible()).toBe(true);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download checkpoint' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('earlier.checkpoint');
    await expectFine(visitor);
  });

  test('goes on from a checkpoint that was kept', async () => {
    await happen(issued('one more'));
    const { report, ...visitor } = await verifyLog({ key: keptKey, checkpoint: keptCheckpoint });
    expect(report.outcomes).toEqual({ [SIGNATURE]: 'Holds', [KEY]: 'Holds', [HISTORY]: 'Holds' });
    await expectFine(visitor);
  });

  test('does not go on from a checkpoint of which anything was changed', async () => {
    for (const at of [-20, 0, (keptCheckpoint ?? '').indexOf('\n') + 1]) {
      const { report } = await verifyLog({ key: keptKey, checkpoint: changed(keptCheckpoint ?? '', at) });
      expect(report.failed).toEqual([HISTORY]);
    }
  });

  test('does not hold where the proof that it has only grown was changed', async () => {
    await happen(issued('another'));
    const tamper = (answer: Json) => {
      const hashes = answer.hashes as unknown as string[];
      hashes[0] = changed(hashes[0] ?? '', 4);
    };
    const { report, ...visitor } = await verifyLog(
      { key: keptKey, checkpoint: keptCheckpoint },
      { name: 'consistency.json', tamper },
    );
    expect(report).toMatchObject({ isGood: false, failed: [HISTORY] });
    await expectFine(visitor);
  });

  test('that has become shorter does not hold', async () => {
    await happen(issued('soon to be gone'));
    const { text: latest } = await ask('/live/audit-log/checkpoint.txt', { cookie });
    const tamper = (answer: Json) => {
      answer.checkpoint = keptCheckpoint as Json;
    };
    const { report, page } = await verifyLog({ key: keptKey, checkpoint: latest }, { name: 'head.json', tamper });
    expect(report.failed).toEqual([HISTORY]);
    expect(await page.getByText('The log has become shorter').isVisible()).toBe(true);
  });

  test('is not a member’s to verify, nor another workspace’s', async () => {
    const member = cookieOf(await addBrowsing('member'));
    for (const path of [PATH, '/live/audit-log/head.json', '/live/audit-log/consistency.json?from=1&to=2']) {
      expect((await ask(path, { cookie: member })).status).toBe(403);
    }
    const elsewhere = await addBrowsing('owner', { workspace: await service.addWorkspace('Elsewhere 2') });
    expect((await ask(PATH, { cookie: cookieOf(elsewhere) })).text).not.toContain(workspace.id);
  });

  test('proves growth between sizes that it has signed, and none else', async () => {
    const status = async (query: string) => (await ask(`/live/audit-log/consistency.json?${query}`, { cookie })).status;
    expect(await status('from=0&to=300')).toBe(200);
    expect(await status('from=300&to=300')).toBe(200);
    expect(await status('from=301&to=300')).toBe(404);
    expect(await status('from=1&to=1000000')).toBe(404);
    expect(await status('from=01&to=300')).toBe(400);
    expect(await status('')).toBe(400);
  });
});

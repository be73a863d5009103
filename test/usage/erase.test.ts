import { describe, expect, test } from 'vitest';
import type { Subject } from '../../src/audit/erasures/subject.ts';
import { eraseSubject, measureSubject } from '../../src/introspection/erasure.ts';
import type { ApiKeyRecord, TokenRecord } from '../../src/introspection/record.ts';
import { idToUuid, type WorkspaceId } from '../../src/lib/ids.ts';
import { deps, range } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createWorld } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { db, sql } = world;

const ADDRESS = '192.0.2.7';
const OTHER = '192.0.2.8';

const erase = (subject: Subject, workspaceId: WorkspaceId = world.workspaceId) =>
  eraseSubject(
    { db, ...deps },
    {
      workspaceId,
      subject,
      actor: { type: 'system', id: null, name: null },
      request: { id: 'req-erase', method: 'CLI', route: 'audit erase', ip: null, userAgent: null },
    },
  );

const active = (record: TokenRecord, introspector: ApiKeyRecord, source: string | null) =>
  ({ record, introspector, source, outcome: 'active' }) as const;

async function use(
  record: TokenRecord,
  introspector: ApiKeyRecord,
  sources: readonly (string | null)[],
): Promise<void> {
  const replica = world.newReplica();
  for (const source of sources) replica.introspected(active(record, introspector, source));
  await replica.stop();
}

/** How often a token came from where, by the day. */
async function usesOf(record: TokenRecord): Promise<Record<string, number>> {
  const rows = await world.usage('day', { tokenId: record.id });
  const uses: Record<string, number> = {};
  for (const { source, count } of rows) uses[source ?? 'unknown'] = (uses[source ?? 'unknown'] ?? 0) + count;
  return uses;
}

const sourcesOf = async ({ id }: TokenRecord): Promise<string[]> =>
  (await sql`select source from token_sources where token_id = ${idToUuid(id)} order by source`).map(
    ({ source }) => source,
  );

describe('erasing an address', () => {
  test('keeps how often tokens were used, and forgets that it was from there', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    await use(token, key, [OTHER, null, ADDRESS, ADDRESS, ADDRESS]);
    const subject: Subject = { type: 'source', id: ADDRESS };
    // A minute, an hour and a day; the source; the last use.
    expect(await measureSubject({ db }, world.workspaceId, subject)).toMatchObject({ usageRows: 5 });
    expect(await erase(subject)).toMatchObject({ usageRows: 5 });
    expect(await usesOf(token)).toEqual({ [OTHER]: 1, unknown: 4 });
    expect(await sourcesOf(token)).toEqual([OTHER]);
    expect(await world.lastUse(token.id)).toMatchObject({ from: null, at: expect.any(Date) });
    expect(await measureSubject({ db }, world.workspaceId, subject)).toMatchObject({ usageRows: 0 });
    expect(await erase(subject)).toMatchObject({ usageRows: 0 });
  });

  test('of IPv6 forgets the network that usage keeps of it', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    await use(token, key, ['2001:db8::7']);
    expect(await usesOf(token)).toEqual({ '2001:db8::/64': 1 });
    await erase({ type: 'source', id: '2001:db8::7' });
    expect(await usesOf(token)).toEqual({ unknown: 1 });
    expect(await sourcesOf(token)).toEqual([]);
    expect(await world.lastUse(token.id)).toMatchObject({ from: null });
  });

  test('forgets it of API keys too, and leaves other workspaces alone', async () => {
    const elsewhere = await world.addWorkspace();
    const [key, foreign] = [await world.newKey(), await world.newKey({ workspaceId: elsewhere })];
    const replica = world.newReplica();
    for (const caller of [key, foreign]) replica.called(caller, ADDRESS);
    await replica.stop();
    await erase({ type: 'source', id: ADDRESS });
    expect(await world.lastUse(key.id)).toMatchObject({ from: null });
    expect(await world.lastUse(foreign.id)).toMatchObject({ from: ADDRESS });
    await erase({ type: 'source', id: ADDRESS }, elsewhere);
    expect(await world.lastUse(foreign.id)).toMatchObject({ from: null });
  });

  test('while it is in use loses no use', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    const rounds = 40;
    let isUsing = true;
    const using = Promise.all(
      range(2).map(async () => {
        for (const _ of range(rounds)) await use(token, key, [ADDRESS, OTHER]);
      }),
    ).finally(() => {
      isUsing = false;
    });
    while (isUsing) await erase({ type: 'source', id: ADDRESS });
    await using;
    await erase({ type: 'source', id: ADDRESS });
    expect(await usesOf(token)).toEqual({ [OTHER]: 2 * rounds, unknown: 2 * rounds });
  });
});

describe('erasing a token or an API key', () => {
  test('forgets where it was used from, and of no other', async () => {
    const [token, other, key] = [await world.newToken(), await world.newToken(), await world.newKey()];
    await use(token, key, [ADDRESS, OTHER]);
    await use(other, key, [ADDRESS]);
    // Three rows of counts for each source, the sources, the last use.
    expect(await erase({ type: 'token', id: token.id })).toMatchObject({ usageRows: 9 });
    expect(await usesOf(token)).toEqual({ unknown: 2 });
    expect(await sourcesOf(token)).toEqual([]);
    expect(await world.lastUse(token.id)).toMatchObject({ from: null });
    expect(await usesOf(other)).toEqual({ [ADDRESS]: 1 });

    const replica = world.newReplica();
    replica.called(key, ADDRESS);
    await replica.stop();
    expect(await erase({ type: 'api_key', id: key.id })).toMatchObject({ usageRows: 1 });
    expect(await world.lastUse(key.id)).toMatchObject({ from: null });
  });

  test('of another workspace changes nothing', async () => {
    const [token, key] = [await world.newToken(), await world.newKey()];
    await use(token, key, [ADDRESS]);
    expect(await erase({ type: 'token', id: token.id }, await world.addWorkspace())).toMatchObject({ usageRows: 0 });
    expect(await usesOf(token)).toEqual({ [ADDRESS]: 1 });
  });
});

test('a great many counts go in batches, each with an event of its own', async () => {
  const token = await world.newToken();
  await sql`
    insert into token_usage (workspace_id, environment, token_id, source, outcome, secret, bucket_seconds, starts_at, uses, last_used_at)
    select ${idToUuid(world.workspaceId)}, 'live', ${idToUuid(token.id)}, ${'192.0.2.200'}, 'active', 'current', 60,
      to_timestamp(n * 60), 1, now() from generate_series(1, 11000) n`;
  const { usageRows, eventIds } = await erase({ type: 'source', id: '192.0.2.200' });
  expect(usageRows).toBe(11_000);
  expect(eventIds).toHaveLength(3);
  const rows =
    await sql`select source, count(*)::int as count from token_usage where token_id = ${idToUuid(token.id)} group by 1`;
  expect(rows).toEqual([{ source: null, count: 11_000 }]);
});

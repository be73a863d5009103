import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromBase64 } from '../../../src/audit/core/base64.ts';
import { openCheckpoint } from '../../../src/audit/core/checkpoint.ts';
import { commitmentOf } from '../../../src/audit/core/commitment.ts';
import { verifyConsistency } from '../../../src/audit/core/proof.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { eraseFromLog } from '../../../src/audit/erasures/erase.ts';
import { logIdOf } from '../../../src/audit/events/append.ts';
import { sha256, verifyEd25519 } from '../../../src/audit/hashing.ts';
import type { AuditFilters } from '../../../src/audit/queries/filters.ts';
import { inTransaction } from '../../../src/db/connection.ts';
import type { WorkspaceId } from '../../../src/lib/ids.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  appendAll,
  appendAt,
  deps as ids,
  newEvent,
  newKeyId,
  newTokenId,
  newWorkspaceId,
  openTestPool,
  query,
  range,
} from '../log.ts';
import { exportBytes, exportDeps, exporter, readExport } from './world.ts';

const database = await createTestDatabase();
const db = openTestPool(database.app);
const deps = exportDeps(db);

const read = async (asked: Parameters<typeof exportBytes>[1]) => readExport(await exportBytes(deps, asked));

function checkpointOf({ checkpoint, verifier_key }: { checkpoint: string; verifier_key: string }) {
  const key = parseVerifierKey(sha256, verifier_key);
  return openCheckpoint({ verify: verifyEd25519 }, checkpoint, key).checkpoint;
}

describe('an export of everything', () => {
  it.each([0, 1, 255, 256, 257, 600])('of a log of %i events rebuilds the signed root', async (size) => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, ...range(size).map((n) => newEvent(workspaceId, { reason: `n-${n}` })));
    const { header, events, gaps, tiles } = await read({ workspaceId });
    expect([header.first, header.end, gaps.length]).toEqual([0, size, 0]);
    expect(events.map(({ leaf_index }) => leaf_index)).toEqual(range(size));
    expect(tiles.map(({ end }) => end)).toEqual(range(Math.floor(size / 256)).map((n) => (n + 1) * 256));
  });

  it('of a log that is halted ends with its last checkpoint', async () => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, ...range(3).map(() => newEvent(workspaceId)));
    const { header: before } = await read({ workspaceId });
    await appendAll(db, newEvent(workspaceId));
    await db.$client`update audit_logs set halt_reason = 'test' where id = ${logIdOf(workspaceId)}`;
    const { header, events } = await read({ workspaceId });
    expect(header.checkpoint).toBe(before.checkpoint);
    expect([header.first, header.end, events.length]).toEqual([0, 4, 4]);
    const beyond = read({ workspaceId, previous: 5 });
    await expect(beyond).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('shows each event as the API does, and opens what its leaf commits to', async () => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, newEvent(workspaceId), newEvent(workspaceId, { note: 'by hand' }));
    const { events } = await read({ workspaceId });
    const { events: listed } = await query(db, { workspaceId, environment: 'live' }, {}, { order: 'asc' });
    expect(events.map(({ event }) => event)).toEqual(JSON.parse(JSON.stringify(listed.slice(0, 2))));
    for (const { leaf, openings } of events) {
      const { actor, source } = JSON.parse(leaf);
      for (const [slot, { commitment }] of Object.entries({ actor, source })) {
        const { salt = '', payload = '' } = openings[slot] ?? {};
        expect(commitmentOf(sha256, fromBase64(salt) ?? new Uint8Array(), Buffer.from(payload))).toBe(commitment);
      }
    }
  });

  it('has the installation’s log and both environments of a workspace, and nothing of another', async () => {
    const [workspaceId, other] = [newWorkspaceId(), newWorkspaceId()];
    await appendAll(
      db,
      newEvent(workspaceId),
      newEvent(other),
      newEvent(workspaceId, { environment: 'test' }),
      newEvent(workspaceId, { environment: null }),
      newEvent(null, { environment: null, reason: 'nobody' }),
    );
    const { events } = await read({ workspaceId });
    expect(events.map(({ leaf }) => JSON.parse(leaf).environment)).toEqual(['live', 'test', null]);
    expect(events.map(({ leaf }) => JSON.parse(leaf).workspace)).toEqual([workspaceId, workspaceId, workspaceId]);
    const whole = await read({ workspaceId: null });
    expect(whole.events.map(({ leaf }) => JSON.parse(leaf).reason)).toEqual(['nobody']);
  });

  it('is told to the log before it is made, with its range and without a personal value in clear', async () => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, newEvent(workspaceId), newEvent(workspaceId));
    const filters = { ip: '192.0.2.77', actions: ['token.*'] };
    const { header } = await read({ workspaceId, filters });
    const [told] = (await query(db, { workspaceId, environment: 'live' })).events;
    expect(told).toMatchObject({ id: header.event_id, action: 'audit_log.exported', leaf_index: 2 });
    expect(checkpointOf(header).size).toBeGreaterThan(told?.leaf_index ?? Number.MAX_SAFE_INTEGER);
    expect(told?.changes).toEqual([
      { field: 'format', old: null, new: 'ndjson' },
      { field: 'range', old: null, new: { first: 0, end: 2 } },
      { field: 'filter.action', old: null, new: ['token.*'] },
      { field: 'filter.ip', old: null, new: '192.0.2.77' },
    ]);
    const next = await read({ workspaceId });
    expect(next.events.at(-1)?.leaf).toContain('"field":"filter.ip","is_personal":true');
    expect(next.events.at(-1)?.leaf).not.toContain('192.0.2.77');
  });

  it('proves that it belongs to a checkpoint seen before, and refuses one that is beyond the log', async () => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, ...range(300).map(() => newEvent(workspaceId)));
    const old = checkpointOf((await read({ workspaceId })).header);
    await appendAll(db, ...range(300).map(() => newEvent(workspaceId)));
    const { header } = await read({ workspaceId, previous: old.size });
    const { size: newSize, root: newRoot } = checkpointOf(header);
    const proof = (header.previous?.proof ?? []).map((hash) => fromBase64(hash) ?? new Uint8Array());
    const claim = { oldSize: old.size, oldRoot: old.root, newSize, newRoot, proof };
    expect(verifyConsistency(sha256, claim)).toBe(true);
    await expect(read({ workspaceId, previous: 5_000 })).rejects.toMatchObject({
      code: 'validation_failed',
      details: [{ path: 'previous', message: expect.stringContaining('602 events') }],
    });
  });
});

describe('an export of some', () => {
  const workspaceId = newWorkspaceId();
  const [rare, common] = [newKeyId(), newKeyId()];
  const target = newTokenId();
  const start = Date.now();

  /** 1,500 events a second apart: every 7th in test, every 100th denied, ten by a rare actor. */
  async function fill(): Promise<void> {
    const clock = (n: number) => new Date(start - 600_000 + n * 250);
    const events = range(1_500).map((n) =>
      newEvent(workspaceId, {
        environment: n % 7 === 0 ? 'test' : 'live',
        outcome: n % 100 === 0 ? 'denied' : 'success',
        actor: { type: 'api_key', id: n % 150 === 3 ? rare : common, name: 'CI' },
        targets: n % 11 === 0 ? [{ type: 'token', id: target, name: 'deploy' }] : [],
        reason: `n-${n}`,
      }),
    );
    for (const [n, event] of events.entries()) if (n % 2 === 0) await appendAt(db, clock(n), event);
    await appendAll(db, ...events.filter((_, n) => n % 2 === 1));
  }
  beforeAll(fill);

  it.each<[string, AuditFilters, 'live' | 'test' | null]>([
    ['of the live environment', {}, 'live'],
    ['of the test environment', {}, 'test'],
    ['of a rare actor', { actors: [rare] }, null],
    ['of two facets', { actors: [common], outcomes: ['denied'] }, 'live'],
    ['of a target', { targets: [target] }, null],
    ['of nothing that there is', { actors: [newKeyId()] }, null],
    ['of a time', { since: new Date(start - 500_000), until: new Date(start - 400_000) }, null],
    ['of a time in one environment', { since: new Date(start - 500_000) }, 'test'],
    ['of no time', { since: new Date(start), until: new Date(start - 1) }, null],
  ])(
    '%s has exactly what the API lists, and gaps for the rest that rebuild the root',
    async (_name, filters, environment) => {
      const { header, events, gaps } = await read({ workspaceId, filters, environment });
      const wanted: number[] = [];
      for (const one of environment === null ? (['live', 'test'] as const) : [environment]) {
        const viewer = { workspaceId, environment: one };
        let cursor: string | undefined;
        for (;;) {
          const page = await query(db, viewer, filters, { order: 'asc', cursor });
          wanted.push(...page.events.map(({ leaf_index }) => leaf_index).filter((index) => index < header.end));
          if (page.events.length < 200) break;
          cursor = page.nextCursor ?? undefined;
        }
      }
      expect(events.map(({ leaf_index }) => leaf_index)).toEqual(wanted.sort((a, b) => a - b));
      expect(header.environment).toBe(environment);
      if (events.length < header.end - header.first) expect(gaps.length).toBeGreaterThan(0);
    },
  );

  it('needs few hashes for many leaves in a row that it leaves out', async () => {
    const { lines } = await read({ workspaceId, filters: { actors: [newKeyId()] } });
    expect(lines.map((line) => line.type)).toEqual(['header', 'gap', 'gap', 'manifest']);
  });
});

describe('what an export shows', () => {
  it('leaves out the opening of what was erased, and the leaf still proves its place', async () => {
    const workspaceId = newWorkspaceId();
    const id = newTokenId();
    await appendAll(db, newEvent(workspaceId, { targets: [{ type: 'token', id, name: 'Ada Lovelace' }] }));
    const subject = { type: 'token', id } as const;
    await inTransaction(db, (tx) =>
      eraseFromLog(tx, ids, { workspaceId, subject, ...exporter }, { usageRows: 0, requestRows: 0 }),
    );
    const bytes = await exportBytes(deps, { workspaceId });
    expect(bytes.toString('utf8')).not.toContain('Lovelace');
    const [event] = readExport(bytes).events;
    expect(Object.keys(event?.openings ?? {}).sort()).toEqual(['actor', 'source']);
    expect(event?.event).toMatchObject({ redacted: true, targets: [{ id, name: null }] });
  });

  it.each([10, 1_000])('has the records of an event for %i introspections', async (count) => {
    const workspaceId = newWorkspaceId();
    const records = range(count)
      .map((n) => JSON.stringify({ n, verdict: 'active' }))
      .join('\n');
    const introspections = { records, root: '00'.repeat(32), addresses: ['192.0.2.9'] };
    const event = newEvent(workspaceId, { action: 'token.introspected', introspections });
    await appendAll(db, newEvent(workspaceId), event, newEvent(workspaceId));
    const { events } = await read({ workspaceId });
    expect(events.map((line) => line.records)).toEqual([undefined, records, undefined]);
  });

  it('shows what is wrong with the log as it is: an event that is gone, and one that is no event any more', async () => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, newEvent(workspaceId), newEvent(workspaceId), newEvent(workspaceId));
    await read({ workspaceId });
    const owner = openTestPool(database.owner).$client;
    await owner.begin(async (sql) => {
      await sql`alter table audit_events disable trigger user`;
      const [gone, broken] = await sql<{ event_id: string }[]>`
        select event_id from audit_leaves where leaf_index < 2 and event_id in (
          select id from audit_events where convert_from(leaf, 'UTF8')::jsonb ->> 'workspace' = ${workspaceId})
        order by leaf_index`;
      await sql`delete from audit_events where id = ${gone?.event_id ?? ''}`;
      await sql`update audit_events set leaf = 'no JSON' where id = ${broken?.event_id ?? ''}`;
      await sql`alter table audit_events enable trigger user`;
    });
    const bytes = await exportBytes(deps, { workspaceId });
    const lines = bytes
      .toString('utf8')
      .split('\n')
      .slice(1, 4)
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { type: 'event', leaf_index: 0, leaf: '', event: {} },
      { type: 'event', leaf_index: 1, leaf: 'no JSON', event: {} },
      { type: 'event', leaf_index: 2, event: { workspace: workspaceId } },
    ]);
    expect(() => readExport(bytes)).toThrow('leaf hash');
  });

  it('survives whatever people type, one line to an event', async () => {
    const workspaceId = newWorkspaceId();
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u2028', '\u2029', '\u0085', '\n', '"', '\\', '\0', '\ud800', '=1+1', '</script>'),
    );
    const names = fc.sample(
      fc.array(hostile, { maxLength: 20 }).map((parts) => parts.join('')),
      200,
    );
    await appendAll(
      db,
      ...names.map((name) => newEvent(workspaceId, { actor: { type: 'api_key', id: newKeyId(), name } })),
    );
    const bytes = await exportBytes(deps, { workspaceId });
    const { events } = readExport(bytes);
    expect(bytes.toString('utf8')).not.toMatch(/[\u0085\u2028\u2029]/);
    const { events: listed } = await query(
      db,
      { workspaceId, environment: 'live' },
      { actions: ['token.created'] },
      { order: 'asc' },
    );
    expect(events.map(({ event }) => event)).toEqual(JSON.parse(JSON.stringify(listed)));
  });
});

describe('an export of a log that goes on', () => {
  it('is the log as it was when it was asked for, whatever is written meanwhile', async () => {
    const workspaceId: WorkspaceId = newWorkspaceId();
    await appendAll(db, ...range(700).map(() => newEvent(workspaceId)));
    let isWriting = true;
    const write = async () => {
      while (isWriting) await appendAll(db, newEvent(workspaceId), newEvent(workspaceId, { environment: 'test' }));
    };
    const writers = [write(), write()];
    const sizes: number[] = [];
    try {
      for (let n = 0; n < 5; n += 1) {
        const { header, events } = await read({ workspaceId });
        expect(events.map(({ leaf_index }) => leaf_index)).toEqual(range(header.end));
        sizes.push(header.end);
      }
    } finally {
      isWriting = false;
      await Promise.all(writers);
    }
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
  });
});

import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitmentOf } from '../../src/audit/core/commitment.ts';
import { append, logIdOf } from '../../src/audit/events/append.ts';
import type { NewEvent } from '../../src/audit/events/event.ts';
import { type Leaf, MAX_LEAF_BYTES } from '../../src/audit/events/leaf.ts';
import { sha256 } from '../../src/audit/hashing.ts';
import { getEvent } from '../../src/audit/queries/read.ts';
import { clientOf } from '../../src/db/client.ts';
import { inTransaction } from '../../src/db/connection.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { appendAll, deps, newEvent, newKeyId, newWorkspaceId, openTestPool, pendingCount, query } from './log.ts';

const database = await createTestDatabase();
const db = openTestPool(database.app);

interface PrivateRow {
  readonly slot: string;
  readonly subject_type: string;
  readonly subject_id: string;
  readonly salt: Buffer;
  readonly payload: Buffer;
}

async function stored(id: Parameters<typeof idToUuid>[0]) {
  const [event] = await db.$client<{ leaf: Buffer }[]>`select leaf from audit_events where id = ${idToUuid(id)}`;
  const parts = await db.$client<PrivateRow[]>`
    select slot, subject_type, subject_id, salt, payload from audit_private
    where event_id = ${idToUuid(id)} order by slot`;
  if (event === undefined) throw new Error('no such event');
  return { bytes: event.leaf, leaf: JSON.parse(event.leaf.toString()) as Leaf, parts };
}

async function appendOne(event: NewEvent) {
  const [id] = await appendAll(db, event);
  if (id === undefined) throw new Error('nothing was appended');
  return id;
}

async function rowCounts() {
  const [row] = await db.$client`
    select (select count(*)::int from audit_events) as events, (select count(*)::int from audit_private) as parts`;
  return { ...row, pending: await pendingCount(db) };
}

describe('an event exists if and only if its change does', () => {
  test('a transaction that rolls back leaves no event', async () => {
    const before = await rowCounts();
    const failing = inTransaction(db, async (tx) => {
      await append(tx, deps, [newEvent(newWorkspaceId())]);
      throw new Error('the mutation failed');
    });
    await expect(failing).rejects.toThrow('the mutation failed');
    expect(await rowCounts()).toEqual(before);
  });

  test('a transaction that commits leaves each of its events, in order', async () => {
    const workspaceId = newWorkspaceId();
    const ids = await appendAll(db, ...['a', 'b', 'c'].map((reason) => newEvent(workspaceId, { reason })));
    const { events } = await query(db, { workspaceId, environment: 'live' }, {}, { order: 'asc' });
    expect(events.map(({ id, reason }) => [id, reason])).toEqual(ids.map((id, n) => [id, 'abc'.charAt(n)]));
  });

  test('an event that cannot be written fails its change', async () => {
    const workspaceId = newWorkspaceId();
    const tooLarge = newEvent(workspaceId, {
      changes: [{ field: 'scopes', old: null, new: 'x'.repeat(MAX_LEAF_BYTES) }],
    });
    const mutating = inTransaction(db, async (tx) => {
      await clientOf(tx)`
        insert into workspaces (id, name, token_prefix, created_at, updated_at)
        values (${idToUuid(workspaceId)}, 'doomed', 'tkn', now(), now())`;
      await append(tx, deps, [newEvent(workspaceId), tooLarge]);
    });
    await expect(mutating).rejects.toThrow(RangeError);
    expect(await db.$client`select id from workspaces`).toEqual([]);
    expect((await query(db, { workspaceId, environment: 'live' })).events).toEqual([]);
  });

  test('no events need no statement', async () => {
    expect(await appendAll(db)).toEqual([]);
  });

  test('an event of 65,535 bytes is written, one of 65,536 is refused', async () => {
    const workspaceId = newWorkspaceId();
    const change = (size: number): Partial<NewEvent> => ({
      changes: [{ field: 'scopes', old: null, new: 'x'.repeat(size) }],
    });
    const actor = { type: 'system', id: null, name: null } as const;
    const base = newEvent(workspaceId, { actor, targets: [], request: null });
    const empty = await stored(await appendOne({ ...base, ...change(0) }));
    const room = MAX_LEAF_BYTES - empty.bytes.byteLength;
    const full = await stored(await appendOne({ ...base, ...change(room) }));
    expect(full.bytes.byteLength).toBe(65_535);
    await expect(appendOne({ ...base, ...change(room + 1) })).rejects.toThrow(RangeError);
  });

  test('a clock more than 15 minutes off the database refuses the event', async () => {
    const late = { ...deps.clock, now: () => new Date(deps.clock.now().getTime() - 16 * 60_000) };
    const appending = inTransaction(db, (tx) => append(tx, { ...deps, clock: late }, [newEvent(newWorkspaceId())]));
    await expect(appending).rejects.toMatchObject({ code: '22007' });
  });

  test('an id that no id can be is refused, so that it cannot hold up the log', async () => {
    const actor = { type: 'api_key', id: 'k'.repeat(3_000), name: null } as const;
    await expect(appendOne(newEvent(newWorkspaceId(), { actor }))).rejects.toThrow(RangeError);
  });

  test('the database refuses a leaf that the sequencer could not read', async () => {
    for (const leaf of ['', '{}', '[', '{"occurred_at":"\\u0000"}']) {
      const inserting = db.$client`
        insert into audit_events values (gen_random_uuid(), ${logIdOf(null)}, now(), convert_to(${leaf}, 'UTF8'))`;
      await expect(inserting).rejects.toThrow();
    }
  });
});

describe('the leaf', () => {
  const personal = {
    actor: { type: 'api_key', id: newKeyId(), name: 'Lou Lovelace' },
    note: 'left the company',
    changes: [
      { field: 'scopes', old: ['orders:read'], new: ['orders:write'] },
      { field: 'description', old: 'pager of Lou', new: 'pager of Uli', isPersonal: true },
    ],
    request: { id: 'req-7', method: 'PATCH', route: '/v1/tokens/{id}', ip: '203.0.113.9', userAgent: 'Netscape/4.0' },
  } as const satisfies Partial<NewEvent>;

  test('is canonical JSON', async () => {
    const { bytes, leaf } = await stored(await appendOne(newEvent(newWorkspaceId(), personal)));
    expect(bytes.toString()).toBe(canonicalize(leaf));
  });

  test('holds nothing personal in clear', async () => {
    const target = { type: 'token', id: 'tkn_x', name: 'lovelace-laptop' } as const;
    const { bytes } = await stored(await appendOne(newEvent(newWorkspaceId(), { ...personal, targets: [target] })));
    // Names with letters that neither hexadecimal digests nor ids have: those may hold any other word by chance.
    for (const text of ['Lou', 'Lovelace', 'laptop', 'company', 'pager', 'Uli', '203.0.113.9', 'Netscape']) {
      expect(bytes.toString().toLowerCase()).not.toContain(text.toLowerCase());
    }
    expect(bytes.toString()).toContain('"field":"description","is_personal":true');
  });

  test('commits to each subject by SHA-256 of salt and payload', async () => {
    const { leaf, parts } = await stored(await appendOne(newEvent(newWorkspaceId(), personal)));
    const commitments = parts.map(({ slot, salt, payload }) => [slot, commitmentOf(sha256, salt, payload)]);
    expect(Object.fromEntries(commitments)).toEqual({
      actor: leaf.actor.commitment,
      source: leaf.source?.commitment,
      'target/0': leaf.targets[0]?.commitment,
    });
    expect(parts.map(({ salt }) => salt.byteLength)).toEqual([32, 32, 32]);
    expect(new Set(parts.map(({ salt }) => salt.toString('hex'))).size).toBe(3);
  });

  test('names the subjects under whom the payloads can be erased', async () => {
    const target = { type: 'token', id: 'tkn_x', name: 'laptop' } as const;
    const { parts } = await stored(await appendOne(newEvent(newWorkspaceId(), { ...personal, targets: [target] })));
    expect(parts.map(({ subject_type, subject_id }) => [subject_type, subject_id])).toEqual([
      ['api_key', personal.actor.id],
      ['source', '203.0.113.9'],
      ['token', 'tkn_x'],
    ]);
  });

  test('commits to nothing where nothing personal is known', async () => {
    const actor = { type: 'system', id: null, name: null } as const;
    const { leaf, parts } = await stored(
      await appendOne(newEvent(newWorkspaceId(), { actor, targets: [], request: null })),
    );
    expect(parts).toEqual([]);
    expect([leaf.actor.commitment, leaf.source]).toEqual([null, null]);
  });
});

describe('whatever users type', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 64 }),
    fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 64 }),
    fc.constantFrom('\0', '\uD800', '\uDFFF', '"}', '\\u0000', '{}', 'NULL', "';--", '\u2028', '__proto__'),
  );

  test('is logged, gets its place, and reads back as well-formed text', async () => {
    const workspaceId = newWorkspaceId();
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, fc.jsonValue(), async (name, userAgent, note, metadata) => {
        const id = await appendOne(
          newEvent(workspaceId, {
            actor: { type: 'api_key', id: newKeyId(), name },
            note,
            changes: [
              { field: 'metadata', old: null, new: { [name]: metadata }, isPersonal: true },
              { field: 'audience', old: name, new: { [userAgent]: [metadata] } },
            ],
            request: { id: 'r', method: 'POST', route: '/v1/tokens', ip: '192.0.2.1', userAgent },
          }),
        );
        const event = await getEvent(db, { workspaceId, environment: 'live' }, id);
        expect(event).toMatchObject({ actor: { name: wellFormed(name) }, note: wellFormed(note), redacted: false });
        expect(event?.source?.user_agent).toBe(wellFormed(userAgent));
      }),
      { numRuns: 150 },
    );
  });

  test('a user agent of any length is kept to 512 characters, without half a character at the end', async () => {
    const workspaceId = newWorkspaceId();
    const userAgent = `${'a'.repeat(511)}😀${'b'.repeat(20_000)}`;
    const request = { id: 'r', method: 'POST', route: '/v1/tokens', ip: null, userAgent };
    const id = await appendOne(newEvent(workspaceId, { request }));
    const event = await getEvent(db, { workspaceId, environment: 'live' }, id);
    expect(event?.source).toEqual({ ip: null, user_agent: 'a'.repeat(511) });
  });

  const wellFormed = (text: string) => Buffer.from(text).toString().replaceAll('\0', '\uFFFD');
});

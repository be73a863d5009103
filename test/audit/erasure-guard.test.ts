import type postgres from 'postgres';
import { describe, expect, test } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import type { NewEvent } from '../../src/audit/events/event.ts';
import { sealEvent } from '../../src/audit/events/leaf.ts';
import { drain } from '../../src/audit/sequencer/drain.ts';
import { idToUuid, newId, type WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { appendAll, deps, newEvent, newTokenId, newWorkspaceId, openTestClient, openTestPool } from './log.ts';

// What the database itself allows, to whoever has a connection: the code of the service is not asked.

const database = await createTestDatabase();
const db = openTestPool(database.app, 2);
const app = openTestClient(database.app);
const owner = openTestClient(database.owner);
const clients = [
  ['the role of the service', app],
  ['the owner', owner],
] as const;
const hasAppRole = database.app.user !== database.owner.user;

const ADDRESS = '192.0.2.1';
const REFUSED = { code: '23001' };

type Sql = postgres.TransactionSql;

async function newLog(): Promise<{ workspaceId: WorkspaceId; logId: string; tokenId: string }> {
  const workspaceId = newWorkspaceId();
  const tokenId = newTokenId();
  await appendAll(db, newEvent(workspaceId, { targets: [{ type: 'token', id: tokenId, name: 'deploy' }] }));
  await drain(db, logIdOf(workspaceId), { wait: true });
  return { workspaceId, logId: logIdOf(workspaceId), tokenId };
}

const newEventUuid = () => idToUuid(newId('evt', deps));

const erase = (tx: Sql, event: string, logId: string, type: string, id: string) =>
  tx`select events, payloads, has_more from erase_personal_data(${event}, ${logId}, ${type}, ${id}, 5000)`;

async function tell(tx: Sql, event: string, workspaceId: WorkspaceId, parts: Partial<NewEvent> = {}): Promise<void> {
  const at = deps.clock.now();
  const sealed = sealEvent(
    newEvent(workspaceId, {
      action: 'personal_data.erased',
      targets: [{ type: 'source', id: 'erased', name: null }],
      ...parts,
    }),
    newId('evt', deps),
    at,
    deps.random,
  );
  await tx`insert into audit_events values (${event}, ${logIdOf(workspaceId)}, ${at.toISOString()}, ${sealed.leaf})`;
}

const rowsOf = async (logId: string) => {
  const [row] = await owner`select
    (select count(*)::int from audit_private where log_id = ${logId}) as payloads,
    (select count(*)::int from audit_sources where log_id = ${logId}) as places`;
  return row;
};
const WHOLE = { payloads: 3, places: 1 };

describe.each(clients)('%s', (_name, sql) => {
  test('erases a subject with an event that says so, and nothing else', async () => {
    const { workspaceId, logId } = await newLog();
    const event = newEventUuid();
    await sql.begin(async (tx) => {
      expect(await erase(tx, event, logId, 'source', ADDRESS)).toEqual([{ events: 1, payloads: 1, has_more: false }]);
      await tell(tx, event, workspaceId);
    });
    expect(await rowsOf(logId)).toEqual({ payloads: 2, places: 0 });
  });

  test('cannot erase without an event', async () => {
    const { logId } = await newLog();
    await expect(sql.begin((tx) => erase(tx, newEventUuid(), logId, 'source', ADDRESS))).rejects.toMatchObject(REFUSED);
    expect(await rowsOf(logId)).toEqual(WHOLE);
  });

  test('cannot take the event back and keep the erasure', async () => {
    const { workspaceId, logId } = await newLog();
    const event = newEventUuid();
    const erasing = sql.begin(async (tx) => {
      await erase(tx, event, logId, 'source', ADDRESS);
      await tx
        .savepoint(async (inner) => {
          await tell(inner, event, workspaceId);
          await inner`set constraints all immediate`;
          throw new Error('back');
        })
        .catch(() => {});
    });
    await expect(erasing).rejects.toMatchObject(REFUSED);
    expect(await rowsOf(logId)).toEqual(WHOLE);
  });

  test.each<[string, (event: string, log: Awaited<ReturnType<typeof newLog>>) => (tx: Sql) => Promise<void>]>([
    [
      'that tells of something else',
      (event, { workspaceId }) =>
        (tx) =>
          tell(tx, event, workspaceId, { action: 'token.created' }),
    ],
    [
      'of another type of subject',
      (event, { workspaceId, tokenId }) =>
        (tx) =>
          tell(tx, event, workspaceId, { targets: [{ type: 'token', id: tokenId, name: null }] }),
    ],
    [
      'without a subject',
      (event, { workspaceId }) =>
        (tx) =>
          tell(tx, event, workspaceId, { targets: [] }),
    ],
    ['in the log of another workspace', (event) => (tx) => tell(tx, event, newWorkspaceId())],
    [
      'under another id',
      (_, { workspaceId }) =>
        (tx) =>
          tell(tx, newEventUuid(), workspaceId),
    ],
  ])('cannot erase with an event %s', async (_case, telling) => {
    const log = await newLog();
    const event = newEventUuid();
    const erasing = sql.begin(async (tx) => {
      await erase(tx, event, log.logId, 'source', ADDRESS);
      await telling(event, log)(tx);
    });
    await expect(erasing).rejects.toMatchObject(REFUSED);
    expect(await rowsOf(log.logId)).toEqual(WHOLE);
  });

  test('cannot erase one token and tell of another, or of something else by its id', async () => {
    const { workspaceId, logId, tokenId } = await newLog();
    for (const target of [
      { type: 'token', id: newTokenId(), name: null },
      { type: 'scope', id: tokenId, name: null },
    ] as const) {
      const event = newEventUuid();
      const erasing = sql.begin(async (tx) => {
        await erase(tx, event, logId, 'token', tokenId);
        await tell(tx, event, workspaceId, { targets: [target] });
      });
      await expect(erasing).rejects.toMatchObject(REFUSED);
    }
    expect(await rowsOf(logId)).toEqual(WHOLE);
  });

  test('cannot erase with an event that was there before, or that told of another erasure', async () => {
    const { workspaceId, logId } = await newLog();
    const [early, told] = [newEventUuid(), newEventUuid()];
    await sql.begin((tx) => tell(tx, early, workspaceId));
    await sql.begin(async (tx) => {
      await erase(tx, told, logId, 'source', '192.0.2.99');
      await tell(tx, told, workspaceId);
    });
    await expect(sql.begin((tx) => erase(tx, early, logId, 'source', ADDRESS))).rejects.toMatchObject(REFUSED);
    await expect(sql.begin((tx) => erase(tx, told, logId, 'source', ADDRESS))).rejects.toMatchObject({ code: '23505' });
    expect(await rowsOf(logId)).toEqual(WHOLE);
  });

  test('cannot erase two subjects with one event', async () => {
    const { workspaceId, logId } = await newLog();
    const event = newEventUuid();
    const erasing = sql.begin(async (tx) => {
      await erase(tx, event, logId, 'source', '192.0.2.99');
      await erase(tx, event, logId, 'source', ADDRESS);
      await tell(tx, event, workspaceId);
    });
    await expect(erasing).rejects.toMatchObject({ code: '23505' });
    expect(await rowsOf(logId)).toEqual(WHOLE);
  });

  test.each(['update audit_private set payload = payload', 'update audit_sources set ip = ip'])(
    'cannot change what it may erase: %s',
    async (statement) => {
      const { workspaceId, logId } = await newLog();
      const event = newEventUuid();
      const changing = sql.begin(async (tx) => {
        await tx`select set_config('tooken.erasure_salt', 'x', true)`;
        await erase(tx, event, logId, 'token', 'nobody');
        await tell(tx, event, workspaceId, { targets: [{ type: 'token', id: 'nobody', name: null }] });
        await tx.unsafe(`${statement} where log_id = '${logId}'`);
      });
      const code = sql === app && hasAppRole ? '42501' : '23001';
      await expect(changing).rejects.toMatchObject({ code });
    },
  );
});

describe('the owner', () => {
  test('cannot remove rows of another subject, or of another log, beside an erasure', async () => {
    const [log, other] = [await newLog(), await newLog()];
    await appendAll(db, newEvent(log.workspaceId, { source: '192.0.2.2' }));
    for (const condition of [
      `log_id = '${log.logId}' and subject_type = 'token'`,
      `log_id = '${log.logId}' and subject_id = '192.0.2.2'`,
      `log_id = '${other.logId}' and subject_type = 'source'`,
    ]) {
      const event = newEventUuid();
      const removing = owner.begin(async (tx) => {
        await erase(tx, event, log.logId, 'source', ADDRESS);
        await tell(tx, event, log.workspaceId);
        await tx.unsafe(`delete from audit_private where ${condition}`);
      });
      await expect(removing).rejects.toMatchObject(REFUSED);
    }
    expect(await rowsOf(log.logId)).toEqual({ payloads: 6, places: 1 });
  });

  test('cannot use an erasure of before once more', async () => {
    const { workspaceId, logId, tokenId } = await newLog();
    const event = newEventUuid();
    const target = { type: 'token', id: tokenId, name: null } as const;
    await owner.begin(async (tx) => {
      await erase(tx, event, logId, 'token', tokenId);
      await tell(tx, event, workspaceId, { targets: [target] });
    });
    await appendAll(db, newEvent(workspaceId, { targets: [{ ...target, name: 'deploy' }] }));
    const removing = owner`delete from audit_private where log_id = ${logId} and subject_id = ${tokenId}`;
    await expect(removing).rejects.toMatchObject(REFUSED);
  });

  test('cannot use one that is not of the transaction itself, as after a restore, whatever it says of itself', async () => {
    const { workspaceId, logId, tokenId } = await newLog();
    const removing = owner.begin(async (tx) => {
      const event = newEventUuid();
      await tx.savepoint(
        (inner) => inner`
        insert into audit_erasures values (${event}, ${logId}, 'token', ${tokenId}, pg_current_xact_id()::text)`,
      );
      await tell(tx, event, workspaceId, { targets: [{ type: 'token', id: tokenId, name: null }] });
      await tx`delete from audit_private where log_id = ${logId} and subject_id = ${tokenId}`;
    });
    await expect(removing).rejects.toMatchObject({
      ...REFUSED,
      message: expect.stringContaining('audit_private loses rows'),
    });
  });

  test('cannot plant an erasure for a transaction to come, nor one that a session skips the checks of', async () => {
    const { workspaceId, logId, tokenId } = await newLog();
    const planting = owner.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      const event = newEventUuid();
      const [next] = await tx`select (pg_current_xact_id()::text::bigint + 1)::text as xid`;
      await tx`insert into audit_erasures values (${event}, ${logId}, 'token', ${tokenId}, ${next?.xid})`;
      await tell(tx, event, workspaceId, { targets: [{ type: 'token', id: tokenId, name: null }] });
    });
    await expect(planting).rejects.toMatchObject(REFUSED);
  });
});

test.runIf(hasAppRole)('the role of the service cannot write an erasure by itself', async () => {
  const { logId } = await newLog();
  const planting = app`insert into audit_erasures values (${newEventUuid()}, ${logId}, 'source', '', '')`;
  await expect(planting).rejects.toMatchObject({ code: '42501' });
});

test('nobody but the role of the service has the right to call the function', async () => {
  const [row] = await owner`select has_function_privilege('public',
    'erase_personal_data(uuid, uuid, text, text, integer)', 'execute') as allowed`;
  expect(row?.allowed).toBe(false);
});

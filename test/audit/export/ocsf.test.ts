import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, type AuditAction } from '../../../src/audit/events/catalogue.ts';
import type { NewEvent } from '../../../src/audit/events/event.ts';
import { toOcsf } from '../../../src/audit/export/ocsf.ts';
import { createTestDatabase } from '../../support/database.ts';
import { appendAll, newEvent, newWorkspaceId, openTestPool, query } from '../log.ts';
import { exportBytes, exportDeps } from './world.ts';

/** What version 1.8 of the schema asks for: of every event, and of the classes and objects that we use. */
const REQUIRED_OF_ALL = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];
const REQUIRED: Readonly<Record<number, readonly string[]>> = {
  3001: ['user'],
  3002: ['user'],
  3004: ['entity'],
  6003: ['actor', 'api', 'src_endpoint'],
};
const ACTIVITIES: Readonly<Record<number, readonly number[]>> = {
  3001: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  3002: [1, 2, 3, 4, 5],
  3004: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
  6003: [1, 2, 3, 4, 99],
};
/** At least one of these has to be there. */
const ONE_OF: Readonly<Record<string, readonly string[]>> = {
  user: ['account', 'name', 'uid'],
  entity: ['name', 'uid'],
  actor: ['process', 'user', 'invoked_by', 'session', 'app_name', 'app_uid'],
  src_endpoint: [
    'ip',
    'uid',
    'name',
    'hostname',
    'svc_name',
    'instance_uid',
    'interface_uid',
    'interface_name',
    'domain',
  ],
};

function check(event: Record<string, unknown>): void {
  const classUid = Number(event.class_uid);
  for (const name of [...REQUIRED_OF_ALL, ...(REQUIRED[classUid] ?? ['a class of ours'])]) {
    expect(event, name).toHaveProperty(name);
  }
  expect(ACTIVITIES[classUid]).toContain(event.activity_id);
  expect(event.type_uid).toBe(classUid * 100 + Number(event.activity_id));
  expect(event.category_uid).toBe(Math.floor(classUid / 1_000));
  expect(event.metadata).toMatchObject({ version: '1.8.0', product: { name: 'Tooken' } });
  if (classUid === 3002) expect(event).toHaveProperty('service.name');
  if (classUid === 6003) expect(event).toHaveProperty('api.operation');
  for (const [name, attributes] of Object.entries(ONE_OF)) {
    const object = event[name];
    if (object === undefined) continue;
    expect(attributes.some((attribute) => typeof object === 'object' && object !== null && attribute in object)).toBe(
      true,
    );
  }
}

const database = await createTestDatabase();
const db = openTestPool(database.app);

/** Of whom and from where little may be known, in every mixture. */
const SURROUNDINGS: readonly Partial<NewEvent>[] = [
  {},
  { targets: [] },
  { request: null },
  { actor: { type: 'anonymous', id: null, name: null }, targets: [] },
  {
    actor: { type: 'system', id: null, name: null },
    request: { id: 'req-2', method: 'CLI', route: 'keys create', ip: null, userAgent: null },
  },
];

describe('every action of the catalogue', () => {
  it.each(Object.keys(AUDIT_ACTIONS) as AuditAction[])(
    '%s becomes an event with all that its class requires',
    async (action) => {
      const workspaceId = newWorkspaceId();
      await appendAll(db, ...SURROUNDINGS.map((parts) => newEvent(workspaceId, { ...parts, action })));
      for (const event of (await query(db, { workspaceId, environment: 'live' })).events)
        check(toOcsf(event, 'ab'.repeat(32)));
    },
  );

  it.each<[AuditAction, number]>([
    ['authentication.failed', 300_201],
    ['api_key.created', 300_101],
    ['api_key.regenerated', 300_103],
    ['api_key.deleted', 300_106],
    ['token.created', 300_401],
    ['token.updated', 300_403],
    ['token.revoked', 300_409],
    ['token.deleted', 300_404],
    ['audit_log.exported', 600_302],
    ['request.denied', 600_399],
  ])('%s is of type %i', async (action, type) => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, newEvent(workspaceId, { action }));
    const [event] = (await query(db, { workspaceId, environment: 'live' })).events;
    expect(event && toOcsf(event, '').type_uid).toBe(type);
  });
});

it('an export has one event a line, with its leaf index as sequence', async () => {
  const workspaceId = newWorkspaceId();
  await appendAll(db, newEvent(workspaceId), newEvent(workspaceId, { outcome: 'denied', reason: 'no\u2028way' }));
  const lines = (await exportBytes(exportDeps(db), { workspaceId, format: 'ocsf' })).toString('utf8').split('\n');
  expect(lines.pop()).toBe('');
  const events = lines.map((line) => JSON.parse(line));
  events.forEach(check);
  expect(events).toMatchObject([
    { status_id: 1, metadata: { sequence: 0, tenant_uid: workspaceId }, src_endpoint: { ip: '192.0.2.1' } },
    { status_id: 2, metadata: { sequence: 1 }, unmapped: { leaf_hash: expect.stringMatching(/^[0-9a-f]{64}$/) } },
  ]);
});

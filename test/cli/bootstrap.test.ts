import { expect, test } from 'vitest';
import { parseCredential } from '../../src/credentials/format.ts';
import { seek } from '../../src/introspection/sought.ts';
import { bootstrap } from '../../src/operator/bootstrap.ts';
import { listWorkspaces } from '../../src/operator/workspaces.ts';
import { createDeps } from '../keys/deps.ts';
import { appendedEvents } from '../keys/events.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestRecords } from '../support/records.ts';

const database = await createTestDatabase();
const replicas = [database, database, database].map(({ app }) => createDeps(app));

test('of replicas that bootstrap at once exactly one makes the workspace and its key, with their events', async () => {
  const [deps] = replicas;
  if (deps === undefined) throw new Error('no replica');
  const results = await Promise.all(replicas.map((replica) => bootstrap(replica)));
  const [winner, ...others] = results.filter((result) => result !== undefined);
  expect(others).toEqual([]);
  const credential = parseCredential(winner?.secret ?? '');
  if (winner === undefined || credential === undefined) throw new Error('no credential');

  expect(await listWorkspaces(deps)).toMatchObject([{ id: winner.workspace.id, name: 'default' }]);
  const record = (await createTestRecords(database.app, deps.digest).load(seek(credential))).credentials.get(
    credential,
  );
  expect(record).toMatchObject({ id: winner.apiKey.id, workspaceId: winner.workspace.id, environment: 'live' });
  const events = await appendedEvents(deps);
  expect(events.map(({ action, actor }) => [action, actor.type])).toEqual([
    ['workspace.created', 'system'],
    ['api_key.created', 'system'],
    ['member.invited', 'system'],
  ]);
  expect(await bootstrap(deps)).toBeUndefined();
});

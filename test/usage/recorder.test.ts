import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { createTestClock, createWorld } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database);

describe('counts', () => {
  test('tell token, introspector, source, outcome and secret apart, by minute, hour and day', async () => {
    const [token, key] = [await world.newToken(), world.newKey()];
    const replica = world.newReplica({ clock: createTestClock() });
    const use = { record: token, introspector: key, source: '192.0.2.1', outcome: 'active' } as const;
    for (let n = 0; n < 3; n += 1) replica.introspected(use);
    replica.introspected({ ...use, source: '192.0.2.2' });
    replica.introspected({ ...use, source: null });
    replica.introspected({ ...use, outcome: 'missing_scope' });
    replica.introspected({ ...use, record: { ...token, secret: 'previous' } });
    replica.introspected({ ...use, introspector: world.newKey() });
    replica.called(token, '192.0.2.1');
    await replica.stop();
    for (const bucket of ['minute', 'hour', 'day'] as const) {
      const rows = await world.usage(bucket, { tokenId: token.id });
      console.log(rows);
      expect(rows).toHaveLength(7);
    }
    console.log(await world.lastUse(token.id), JSON.stringify(await world.events(token.id), null, 1));
  });
});

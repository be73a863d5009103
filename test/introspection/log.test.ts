import { describe, expect, test } from 'vitest';
import { INTROSPECTION_PATH } from '../../src/introspection/introspect.ts';
import type { LogFields, Logger } from '../../src/telemetry/logger.ts';
import type { Services } from '../../src/web/services.ts';
import { createTestDatabase } from '../support/database.ts';
import { sendToApp, sendToListener } from './adapters.ts';
import { bearer } from './callers.ts';
import { createWorld } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database.app);
const key = await world.issueKey();
const token = await world.issueToken();

interface Line extends LogFields {
  readonly level: string;
}

/** A logger of `level` that keeps its lines. */
function createLines(level: 'debug' | 'info'): { readonly lines: Line[]; readonly logger: Logger } {
  const lines: Line[] = [];
  return {
    lines,
    logger: {
      log: (at, event, fields) => void (event === 'http.request' && lines.push({ level: at, ...fields })),
      isEnabled: (at) => at === 'info' || at === level,
    },
  };
}

describe.each([
  ['the application', sendToApp],
  ['the listener', sendToListener],
])('the log of %s', (_, connect) => {
  const call = async (services: Services, secret: string, path: '/v1/tokens/introspect' | '/v1/tokens/revoke') => {
    const headers = { ...bearer(secret), 'content-type': 'application/x-www-form-urlencoded', 'x-request-id': 'mine' };
    await connect(services)({ path, headers, body: `token=${token.secret}`, address: '192.0.2.1' });
  };

  test('has an introspection that went well at debug alone', async () => {
    const [info, debug] = [createLines('info'), createLines('debug')];
    for (const { logger } of [info, debug]) await call({ ...world.services, logger }, key.secret, INTROSPECTION_PATH);
    expect(info.lines).toEqual([]);
    expect(debug.lines).toEqual([
      {
        level: 'debug',
        request_id: 'mine',
        method: 'POST',
        route: INTROSPECTION_PATH,
        status: 200,
        duration_ms: expect.any(Number),
        ip: '192.0.2.1',
      },
    ]);
  });

  test('has one that was refused, and any other call, at info', async () => {
    const { lines, logger } = createLines('info');
    await call({ ...world.services, logger }, 'x', INTROSPECTION_PATH);
    await call({ ...world.services, logger }, key.secret, '/v1/tokens/revoke');
    expect(lines.map(({ level, route, status }) => [level, route, status])).toEqual([
      ['info', INTROSPECTION_PATH, 401],
      ['info', '/v1/tokens/revoke', 200],
    ]);
  });
});

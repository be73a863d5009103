import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../src/http/api.ts';
import { createDocument } from '../../src/http/openapi/document.ts';
import { mountRoutes } from '../../src/http/routes.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { REDACTED_FIELDS } from '../../src/telemetry/redaction.ts';
import type { Services } from '../../src/web/services.ts';

function capture(isPretty = false) {
  let output = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      output += chunk;
      done();
    },
  });
  return { logger: createLogger({ level: 'trace', isPretty, destination }), output: () => output };
}

/** Names of everything in the API description that is marked as a secret, wherever it stands. */
function secretNames(): Set<string> {
  const api = createApi();
  mountRoutes(api, {} as Services);
  const document = createDocument(api);
  const names = new Set<string>(['authorization']);
  const walk = (value: unknown, name: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('format' in value && value.format === 'password') names.add(name.toLowerCase());
    if ('type' in value && value.type === 'apiKey' && 'name' in value) names.add(String(value.name).toLowerCase());
    // The schema of a parameter stands beside its name.
    const schemaName = 'in' in value && 'name' in value ? String(value.name) : name;
    for (const [key, member] of Object.entries(value)) walk(member, key === 'schema' ? schemaName : key);
  };
  walk(document, '');
  return names;
}

describe('the log', () => {
  it('redacts every field that a schema marks as secret, at any of three depths', () => {
    const names = secretNames();
    expect([...names]).toEqual(
      expect.arrayContaining(['authorization', 'x-api-key', 'secret', 'token', 'idempotency-key']),
    );
    for (const name of names) {
      expect(REDACTED_FIELDS, name).toContain(name);
      const { logger, output } = capture();
      const secret = 'tkn_live_hidden';
      logger.log('info', 'http.request', { [name]: secret, body: { [name]: secret, deeper: { [name]: secret } } });
      expect(output()).not.toContain(secret);
      expect(output().split('[redacted]')).toHaveLength(4);
    }
  });

  it('writes of an error its class, code and place, and nothing of its message', () => {
    const { logger, output } = capture();
    const cause = Object.assign(new TypeError('insert into tokens values (hunter2)'), { code: '23505' });
    logger.log('error', 'http.failure', { err: new Error('hunter2 at host', { cause }) });
    expect(output()).not.toContain('hunter2');
    expect(JSON.parse(output()).err).toMatchObject({ type: 'Error', cause: { type: 'TypeError', code: '23505' } });
    expect(JSON.parse(output()).err.at[0]).toContain('logger.test.ts');
  });

  it.each([false, true])(
    'keeps one entry on one line and control characters out of the terminal (pretty: %s)',
    (isPretty) => {
      const { logger, output } = capture(isPretty);
      logger.log('warn', 'service.variable_unknown', { variable: 'A\nB\r\u001b[2J\u0007\u0000\u2028' });
      expect(output().trimEnd().split('\n')).toHaveLength(1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(output().replace(/\u001b\[\d+m/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    },
  );

  it('tells an entry by the event of the catalogue', () => {
    const { logger, output } = capture();
    logger.log('info', 'service.stopped');
    expect(JSON.parse(output())).toMatchObject({
      level: 'info',
      service: 'tooken',
      event: 'service.stopped',
      msg: 'stopped',
    });
  });
});

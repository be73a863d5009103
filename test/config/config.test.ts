import { describe, expect, it } from 'vitest';
import { readConfig, unknownVariables } from '../../src/config/config.ts';
import { readSecrets } from '../../src/config/secrets.ts';
import { StartupError } from '../../src/lib/startup-error.ts';

const KEY = Buffer.alloc(32, 9).toString('base64');
const DATABASE_URL = 'postgres://tooken:hunter2@db.example.com/tooken';

describe('the configuration', () => {
  it('has a default for every variable, and an empty variable counts as absent', () => {
    const config = readConfig({ PORT: '', TOOKEN_TRUST_PROXY: '' });
    expect(config).toEqual(readConfig({}));
    expect(config).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      publicUrl: 'http://127.0.0.1:8080',
      bootstrap: 'print',
      metrics: null,
    });
  });

  it('reads what is set', () => {
    const config = readConfig({
      PORT: '9000',
      HOST: '::1',
      TOOKEN_TRUST_PROXY: '10.1.2.3/8, 192.0.2.1',
      TOOKEN_RATE_FAILURES: '5/10s',
      TOOKEN_RATE_REQUESTS: 'off',
      METRICS_PORT: '9464',
    });
    expect(config.metrics).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(readConfig({ METRICS_PORT: 'off', METRICS_HOST: '::' }).metrics).toBeNull();
    expect(config.publicUrl).toBe('http://[::1]:9000');
    expect(config.trustedProxies).toEqual(['10.0.0.0/8', '192.0.2.1/32']);
    expect(config.rates).toMatchObject({ failures: { limit: 5, windowSeconds: 10 }, requests: null });
  });

  it('keeps the request log for 30 days, for as many as it is told, or not at all', () => {
    const kept = (days: string) => readConfig({ TOOKEN_REQUEST_LOG_DAYS: days }).requestLogDays;
    expect(['', '1', '3650', 'off'].map(kept)).toEqual([30, 1, 3650, null]);
  });

  it('takes for its issuer an address that clients can reach, wherever it listens', () => {
    for (const HOST of ['0.0.0.0', '::']) expect(readConfig({ HOST }).publicUrl).toBe('http://localhost:8080');
  });

  it.each([
    ['PORT', '99999'],
    ['PORT', '80a'],
    ['PORT', '-1'],
    ['TOOKEN_PUBLIC_URL', 'tooken.example.com'],
    ['TOOKEN_PUBLIC_URL', 'https://u:p@tooken.example.com'],
    ['TOOKEN_PUBLIC_URL', 'https://tooken.example.com/base'],
    ['TOOKEN_TRUST_PROXY', '10.0.0.0/99'],
    ['TOOKEN_RATE_REQUESTS', '100'],
    ['TOOKEN_RATE_FAILURES', '0/60s'],
    ['TOOKEN_BOOTSTRAP', 'yes'],
    ['TOOKEN_WORKERS', '0'],
    ['TOOKEN_WORKERS', 'max'],
    ['TOOKEN_WORKERS', '65'],
    ['TOOKEN_REQUEST_LOG_DAYS', '0'],
    ['TOOKEN_REQUEST_LOG_DAYS', '3651'],
    ['TOOKEN_REQUEST_LOG_DAYS', '1.5'],
    ['TOOKEN_REQUEST_LOG_DAYS', 'for ever'],
    ['METRICS_PORT', 'on'],
    ['METRICS_PORT', '65536'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s in one line that names the variable and shows an example', (name, value) => {
    const failure = caught(() => readConfig({ [name]: value }));
    expect(failure).toBeInstanceOf(StartupError);
    expect(failure.message).toMatch(new RegExp(`^${name}: .*Example: ${name}=`));
    expect(failure.message).not.toContain('\n');
  });

  it('names variables that look like ours and are not', () => {
    expect(unknownVariables({ TOOKEN_MASTERKEY: 'x', TOOKEN_API_KEY: 'y', PATH: 'z' })).toEqual(['TOOKEN_MASTERKEY']);
  });
});

describe('the secrets', () => {
  it('are optional with the embedded database', () => {
    expect(readSecrets({})).toEqual({ databaseUrl: undefined, migrationDatabaseUrl: undefined, masterKey: undefined });
  });

  it('take a master key of exactly 32 bytes', () => {
    expect(readSecrets({ DATABASE_URL, TOOKEN_MASTER_KEY: `${KEY}\n` }).masterKey).toEqual(Buffer.alloc(32, 9));
  });

  it.each([
    ['no master key with a database', { DATABASE_URL }],
    ['a short master key', { DATABASE_URL, TOOKEN_MASTER_KEY: 'c2hvcnQ=' }],
    ['a master key that is not base64', { DATABASE_URL, TOOKEN_MASTER_KEY: '*'.repeat(44) }],
    ['two master keys', { DATABASE_URL, TOOKEN_MASTER_KEY: KEY, TOOKEN_MASTER_KEY_FILE: '/nowhere' }],
    ['a key file that is not there', { DATABASE_URL, TOOKEN_MASTER_KEY_FILE: '/nowhere/key' }],
    ['another database', { DATABASE_URL: 'mysql://root:hunter2@db/x', TOOKEN_MASTER_KEY: KEY }],
    ['an owner without a database', { MIGRATION_DATABASE_URL: DATABASE_URL, TOOKEN_MASTER_KEY: KEY }],
  ])('%s is refused without quoting a secret', (_case, env) => {
    const failure = caught(() => readSecrets(env));
    expect(failure).toBeInstanceOf(StartupError);
    expect(failure.message).not.toMatch(/hunter2|CQkJ|c2hvcnQ/);
  });
});

function caught(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('expected a failure');
}

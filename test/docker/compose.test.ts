import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
}

const text = await readFile(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Readonly<Record<string, Service>> };

test('a missing secret stops compose with a message, and none has a default', () => {
  const variables = [...text.matchAll(/\$\{(\w+)([^}]*)\}/g)].filter(([, name]) => name !== 'TOOKEN_PUBLIC_URL');
  const names = new Set(variables.map(([, name]) => name));
  expect([...names].toSorted()).toEqual(['POSTGRES_PASSWORD', 'TOOKEN_DB_PASSWORD', 'TOOKEN_MASTER_KEY']);
  for (const [, , rest] of variables) expect(rest).toMatch(/^:\?set it to /);
});

test('only the migration holds the owner role, and replicas wait for it', () => {
  const replicas = ['tooken-1', 'tooken-2'];
  const holders = Object.keys(services).filter(
    (name) => 'MIGRATION_DATABASE_URL' in (services[name]?.environment ?? {}),
  );
  expect(holders).toEqual(['migrate']);
  expect(services.migrate?.command).toEqual(['migrate']);
  expect(services.migrate?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  for (const name of replicas) {
    expect(services[name]?.environment.DATABASE_URL).toMatch(/^postgres:\/\/tooken_app:/);
    expect(services[name]?.volumes).toEqual(['checkpoints:/app/data']);
    expect(services[name]?.depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
  }
  expect(new Set(replicas.flatMap((name) => services[name]?.ports)).size).toBe(replicas.length);
});

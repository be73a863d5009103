import { expect, test } from 'vitest';
import { createCredentialMemory } from '../../src/introspection/memory.ts';
import type { TokenRecord } from '../../src/introspection/record.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { newId, type TokenId, type WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';

const ids = { clock: systemClock, random: systemRandom };
const workspaceId: WorkspaceId = newId('ws', ids);

function record(id: TokenId = newId('tkn', ids), metadata: Record<string, unknown> = {}): TokenRecord {
  return {
    kind: 'token',
    id,
    name: 'billing',
    workspaceId,
    environment: 'live',
    recordsIntrospections: false,
    scopes: [],
    owner: null,
    role: null,
    projectId: null,
    audience: null,
    metadata,
    allowedCidrs: null,
    notBefore: null,
    expiresAt: null,
    issuedAtSeconds: 1_800_000_000,
    createdBy: 'system',
    revokedAt: null,
    secret: 'current',
    previousSecretValidUntil: null,
    builtAnswer: undefined,
    isBuiltInOverlap: false,
  };
}

test('a subject is forgotten under all of its keys, and nothing else is', () => {
  const memory = createCredentialMemory({ maxRecords: 10, maxUnknown: 10 });
  const [one, other] = [record(), record()];
  memory.keep('current', one);
  memory.keep('previous', { ...one, secret: 'previous' });
  memory.keep('other', other);
  memory.keepUnknown('nobody');
  memory.forget([one.id]);
  expect(['current', 'previous', 'other', 'nobody'].map(memory.get)).toEqual([undefined, undefined, other, null]);
  memory.forget(['creation']);
  expect(['other', 'nobody'].map(memory.get)).toEqual([other, undefined]);
  memory.forgetAll();
  expect(memory.get('other')).toBeUndefined();
});

test('what was forgotten is found again under its newest record only', () => {
  const memory = createCredentialMemory({ maxRecords: 10, maxUnknown: 10 });
  const id = newId('tkn', ids);
  const [before, after] = [record(id), record(id)];
  memory.keep('key', before);
  memory.keep('key', after);
  expect(memory.get('key')).toBe(after);
  memory.forget([id]);
  expect(memory.get('key')).toBeUndefined();
});

test('garbage, however much, does not push out a record', () => {
  const memory = createCredentialMemory({ maxRecords: 10, maxUnknown: 100 });
  const good = record();
  memory.keep('good', good);
  for (let n = 0; n < 10_000; n += 1) memory.keepUnknown(`garbage ${n}`);
  expect(memory.get('good')).toBe(good);
  expect(memory.read()).toMatchObject({ records: 1, unknown: 100 });
});

test('records with much in them take the room of several', () => {
  const memory = createCredentialMemory({ maxRecords: 100, maxUnknown: 10 });
  for (let n = 0; n < 1_000; n += 1) memory.keep(`large ${n}`, record(newId('tkn', ids), { note: 'x'.repeat(4_000) }));
  expect(memory.read().records).toBeLessThan(10);
  for (let n = 0; n < 1_000; n += 1) memory.keep(`small ${n}`, record());
  expect(memory.read().records).toBe(100);
});

test('a record that is larger than all of memory is not kept, and takes nothing with it', () => {
  const memory = createCredentialMemory({ maxRecords: 3, maxUnknown: 10 });
  const [small, large] = [record(), record(newId('tkn', ids), { note: 'x'.repeat(4_000) })];
  memory.keep('small', small);
  memory.keep('large', large);
  expect([memory.get('small'), memory.get('large')]).toEqual([small, undefined]);
  memory.forget([large.id]);
  expect(memory.get('small')).toBe(small);
});

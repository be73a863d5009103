import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Subject } from '../../src/coherence/subject.ts';
import { createCredentialMemory } from '../../src/introspection/memory.ts';
import { type MemberRecord, restsOn, type SessionRecord, type TokenRecord } from '../../src/introspection/record.ts';
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

const MEMBERS = [newId('usr', ids), newId('usr', ids), newId('usr', ids)];
const ROLES = [newId('role', ids), newId('role', ids)];
const TOKENS = [newId('tkn', ids), newId('tkn', ids), newId('tkn', ids)];
const SESSIONS = [newId('ses', ids), newId('ses', ids)];
const WORKSPACES = [workspaceId, newId('ws', ids)];

const members = fc.record({ id: fc.constantFrom(...MEMBERS), roleIds: fc.subarray(ROLES) }).map(
  (member): MemberRecord => ({
    ...member,
    name: '',
    username: '',
    access: 'member',
    generation: 1,
    isRemoved: false,
    scopes: [],
    groups: [],
  }),
);
const tokenRecords = fc
  .record({
    id: fc.constantFrom(...TOKENS),
    workspaceId: fc.constantFrom(...WORKSPACES),
    owner: fc.option(members),
    role: fc.option(fc.constantFrom(...ROLES).map((id) => ({ id, name: '', scopes: [] }))),
  })
  .map((fields): TokenRecord => ({ ...record(), ...fields }));
const sessionRecords = fc
  .record({ id: fc.constantFrom(...SESSIONS), workspaceId: fc.constantFrom(...WORKSPACES), member: members })
  .map(
    (fields): SessionRecord => ({
      kind: 'session',
      ...fields,
      generation: 1,
      expiresAt: new Date(0),
      endedAt: null,
      recordsIntrospections: false,
    }),
  );
const subjects = fc.constantFrom<Subject>(...MEMBERS, ...ROLES, ...TOKENS, ...SESSIONS, ...WORKSPACES);
const KEYS = ['a', 'b', 'c', 'd', 'e'];
const steps = fc.oneof(
  fc.record({ key: fc.constantFrom(...KEYS), token: tokenRecords }),
  fc.record({ session: sessionRecords }),
  fc.record({ subject: subjects }),
);

test('whatever rests on a subject is forgotten with it, and nothing else is', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (taken) => {
      const memory = createCredentialMemory({ maxRecords: 10, maxUnknown: 10 });
      const [tokens, sessions] = [new Map<string, TokenRecord>(), new Map<string, SessionRecord>()];
      for (const step of taken) {
        if ('token' in step) {
          memory.keep(step.key, step.token);
          tokens.set(step.key, step.token);
        } else if ('session' in step) {
          memory.keepSession(step.session);
          sessions.set(step.session.id, step.session);
        } else {
          memory.forget([step.subject]);
          for (const known of [tokens, sessions]) {
            for (const [key, held] of known) {
              if (held.id === step.subject || restsOn(held).includes(step.subject)) known.delete(key);
            }
          }
        }
        expect(KEYS.map(memory.get)).toEqual(KEYS.map((key) => tokens.get(key)));
        expect(SESSIONS.map(memory.getSession)).toEqual(SESSIONS.map((id) => sessions.get(id)));
      }
    }),
  );
});

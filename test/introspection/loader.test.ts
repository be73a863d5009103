import { expect, test } from 'vitest';
import { type Credential, generateCredential } from '../../src/credentials/format.ts';
import { seek } from '../../src/introspection/sought.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestRecords } from '../support/records.ts';
import { createWorld } from './world.ts';

const database = await createTestDatabase();
const world = await createWorld(database.app);
const { digest } = world.services;
const records = createTestRecords(database.app, digest);
const recall = (text: string) =>
  records.vouched({ monotonicMs: systemClock.monotonicMs(), wallMs: systemClock.now().getTime() }).recall(text);
const load = async (credential: Credential) => (await records.load(seek(credential))).credentials.get(credential);

test('everyone gets the record of their own digest, or nothing', async () => {
  const issued = await Promise.all([
    ...Array.from({ length: 20 }, () => world.issueToken()),
    ...Array.from({ length: 20 }, () => world.issueKey()),
  ]);
  const asked = Array.from({ length: 1500 }, (_, index) => {
    const known = index % 3 === 0 ? undefined : issued[index % issued.length];
    return { id: known?.id, secret: known?.secret ?? generateCredential('tkn', 'live', systemRandom) };
  });
  const found = await Promise.all(asked.map(({ secret }) => load(secret)));
  expect(found.map((record) => record?.id)).toEqual(asked.map(({ id }) => id));
});

test('look-ups of one turn have one answer, and what it holds is remembered', async () => {
  const { id, secret } = await world.issueToken();
  const unknown = generateCredential('tkn', 'live', systemRandom);
  expect(recall(secret)).toBeUndefined();
  const answers = await Promise.all(Array.from({ length: 100 }, () => records.load(seek(secret, unknown))));
  expect(new Set(answers).size).toBe(1);
  expect([...(answers[0]?.credentials.values() ?? [])].map((record) => record.id)).toEqual([id]);
  expect([recall(secret)?.id, recall(unknown)]).toEqual([id, null]);
});

test('when the database cannot be asked, everyone hears of it, and the next is asked anew', async () => {
  const ask = () => world.lostRecords.load(seek(generateCredential('tkn', 'live', systemRandom)));
  for (let round = 0; round < 3; round += 1) {
    const outcomes = await Promise.allSettled([ask(), ask(), ask()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  }
});

test('a record is what the rows say', async () => {
  const expiresAt = new Date('2031-02-03T04:05:06.789Z');
  const notBefore = new Date('2026-02-03T04:05:06.001Z');
  const createdAt = new Date('2026-01-01T00:00:00.999Z');
  const token = await world.issueToken({
    scopes: ['b:write', 'a:read'],
    audience: 'x',
    metadata: { a: [1] },
    allowedCidrs: ['2001:db8::/32'],
    environment: 'test',
    createdBy: 'key_x',
    expiresAt,
    notBefore,
    createdAt,
  });
  expect(await load(token.secret)).toEqual({
    kind: 'token',
    id: token.id,
    name: 'billing',
    workspaceId: world.workspaceId,
    environment: 'test',
    recordsIntrospections: false,
    scopes: ['a:read', 'b:read', 'b:write'],
    owner: null,
    role: null,
    projectId: null,
    audience: 'x',
    metadata: { a: [1] },
    allowedCidrs: ['2001:db8::/32'],
    notBefore,
    expiresAt,
    issuedAtSeconds: Math.floor(createdAt.getTime() / 1000),
    createdBy: 'key_x',
    revokedAt: null,
    secret: 'current',
    previousSecretValidUntil: null,
    isBuiltInOverlap: false,
  });
  const key = await world.issueKey({ allowedCidrs: ['192.0.2.0/24'], expiresAt });
  expect(await load(key.secret)).toEqual({
    kind: 'api_key',
    id: key.id,
    name: 'ci',
    workspaceId: world.workspaceId,
    environment: 'live',
    allowedCidrs: ['192.0.2.0/24'],
    expiresAt,
    recordsIntrospections: false,
  });
});

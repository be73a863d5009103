import { expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { idToUuid, newId } from '../../src/lib/ids.ts';
import { examineOwners } from '../../src/operator/doctor/checks-people.ts';
import type { Facts } from '../../src/operator/doctor/facts.ts';
import { selectDatabaseFacts } from '../../src/operator/doctor/store.ts';
import { deps } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';

const service = await createTestService(await createTestDatabase());
const { db } = service.context;

async function examine() {
  const value = await selectDatabaseFacts(db, { clock: systemClock, witnesses: [] });
  return examineOwners({ database: { value } } as unknown as Facts);
}

interface Person {
  readonly access?: string;
  readonly hash?: string | null;
  readonly joined?: boolean;
  readonly removed?: boolean;
  readonly able?: boolean;
}

test('an owner who has joined, has a password, may sign in and is not removed is what an installation needs', async () => {
  expect(await examine()).toMatchObject({ level: 'ok', found: expect.stringContaining('no workspace') });
  const { id } = await service.addWorkspace('home');
  const now = systemClock.now().toISOString();
  const add = async ({ access = 'owner', hash = '$argon2id$', joined = true, removed = false, able = true }: Person) =>
    db.$client`
      insert into members (id, workspace_id, name, access, can_sign_in, password_hash, joined_at, removed_at, created_at, created_by)
      values (${idToUuid(newId('usr', deps))}, ${idToUuid(id)}, 'Ada', ${access}, ${able}, ${hash}, ${joined ? now : null},
        ${removed ? now : null}, ${now}, 'system')`;
  for (const person of [{ access: 'admin' }, { hash: null }, { joined: false }, { removed: true }, { able: false }]) {
    await add(person);
  }
  const finding = await examine();
  expect(finding).toMatchObject({ level: 'warning', found: expect.stringMatching(/^No owner can sign in/) });
  expect(finding?.advice).toContain('`tooken members invite <email> --access owner`');
  await add({});
  expect(await examine()).toEqual({ level: 'ok', found: '1 owner can sign in.' });
});

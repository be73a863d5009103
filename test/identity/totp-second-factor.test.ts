import { describe, expect, test } from 'vitest';
import { hasSecondFactor } from '../../src/identity/totp/second-factor.ts';
import { idToUuid } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTotpWorld } from './totp-world.ts';

const database = await createTestDatabase();
const world = await createTotpWorld(database);

describe('a code of an authenticator app', () => {
  test('works once', async () => {
    const { id, codeAt } = await world.addMember();
    expect(await world.verify(id, codeAt(0))).toBe('totp');
    expect(await world.verify(id, codeAt(0))).toBeUndefined();
  });

  test.each([
    { before: -1, next: 0, isGood: true },
    { before: 0, next: 1, isGood: true },
    { before: 0, next: -1, isGood: false },
    { before: 1, next: 0, isGood: false },
  ])('of step $next after one of step $before: $isGood', async ({ before, next, isGood }) => {
    const { id, codeAt } = await world.addMember();
    expect(await world.verify(id, codeAt(before))).toBe('totp');
    expect(await world.verify(id, codeAt(next))).toBe(isGood ? 'totp' : undefined);
  });

  test('that comes several times at the same moment is accepted once', async () => {
    const { id, codeAt } = await world.addMember();
    const answers = await Promise.all(Array.from({ length: 4 }, () => world.verify(id, codeAt(0))));
    expect(answers.filter((answer) => answer === 'totp')).toHaveLength(1);
  });

  test('may have a space in the middle, as apps show it', async () => {
    const { id, codeAt } = await world.addMember();
    const code = codeAt(0);
    expect(await world.verify(id, `${code.slice(0, 3)} ${code.slice(3)}`)).toBe('totp');
  });

  test('of another member is refused', async () => {
    const [ada, bob] = [await world.addMember(), await world.addMember()];
    expect(await world.verify(ada.id, bob.codeAt(0))).toBeUndefined();
  });

  test('is good for nothing while the app is being enrolled, nor is a recovery code', async () => {
    const { id, codes, codeAt } = await world.addMember({ isEnabled: false });
    expect(await hasSecondFactor(world.db, id)).toBe(false);
    expect(await world.verify(id, codeAt(0))).toBeUndefined();
    expect(await world.verify(id, codes[0] ?? '')).toBeUndefined();
  });
});

describe('a recovery code', () => {
  test('works once, and leaves the others', async () => {
    const { id, codes } = await world.addMember();
    for (const code of codes) {
      expect(await world.verify(id, code)).toBe('recovery_code');
      expect(await world.verify(id, code)).toBeUndefined();
    }
  });

  test('that comes several times at the same moment is accepted once', async () => {
    const { id, codes } = await world.addMember();
    const answers = await Promise.all(Array.from({ length: 4 }, () => world.verify(id, codes[3] ?? '')));
    expect(answers.filter((answer) => answer === 'recovery_code')).toHaveLength(1);
  });

  test('of another member is refused, also when its row was moved', async () => {
    const [ada, bob] = [await world.addMember(), await world.addMember()];
    expect(await world.verify(ada.id, bob.codes[0] ?? '')).toBeUndefined();
    await world.sql`delete from recovery_codes where member_id = ${idToUuid(ada.id)}`;
    await world.sql`update recovery_codes set member_id = ${idToUuid(ada.id)} where member_id = ${idToUuid(bob.id)}`;
    expect(await world.verify(ada.id, bob.codes[0] ?? '')).toBeUndefined();
  });
});

test.each(['', '12345', '0000000', 'x'.repeat(64), '\u0000', '١٢٣٤٥٦'])('%j is refused', async (code) => {
  const { id } = await world.addMember();
  expect(await world.verify(id, code)).toBeUndefined();
});

test('a sealed secret that is moved to another member does not open there', async () => {
  const [ada, mallory] = [await world.addMember(), await world.addMember()];
  await world.sql`
    update member_totp set sealed_secret = (
      select sealed_secret from member_totp where member_id = ${idToUuid(mallory.id)})
    where member_id = ${idToUuid(ada.id)}`;
  await expect(world.verify(ada.id, mallory.codeAt(0))).rejects.toThrow('does not open');
});

test('the database holds neither a secret nor a recovery code', async () => {
  const { id, secret, codes } = await world.addMember();
  const rows = await world.sql<{ kept: Buffer }[]>`
    select sealed_secret as kept from member_totp where member_id = ${idToUuid(id)}
    union all select digest from recovery_codes where member_id = ${idToUuid(id)}`;
  expect(rows).toHaveLength(11);
  for (const { kept } of rows) {
    expect(kept.includes(secret)).toBe(false);
    for (const code of codes) expect(kept.includes(code.replaceAll('-', ''))).toBe(false);
  }
});

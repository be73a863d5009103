import { hash } from '@node-rs/argon2';
import type postgres from 'postgres';
import { systemClock } from '../../src/lib/clock.ts';
import { idToUuid, newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { SeededWorkspace } from './workspace.ts';

export const PASSWORD = 'four quiet lakes at dawn';

/** Fills the workspace with members that sign in with {@link PASSWORD}; their email addresses. */
export async function seedMembers(sql: postgres.Sql, { uuid }: SeededWorkspace, count: number): Promise<string[]> {
  const source = { clock: systemClock, random: systemRandom };
  const ids = Array.from({ length: count }, () => idToUuid(newId('usr', source)));
  const emails = ids.map((_, n) => `member-${n}@example.com`);
  const passwordHash = await hash(PASSWORD, { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  await sql`
    insert into members (id, workspace_id, email, name, access, joined_at, password_hash, created_at, created_by)
    select id, ${uuid}, email, email, 'member', now(), ${passwordHash}, now(), 'system'
    from unnest(${ids}::uuid[], ${emails}::text[]) as seeded (id, email)`;
  return emails;
}

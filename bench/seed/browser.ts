import type postgres from 'postgres';
import { generateSecret } from '../../src/credentials/opaque-secret.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { idToUuid, newId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { digestOf } from '../support/credentials.ts';

/** Makes a member an owner who has signed in with a browser; the value of its cookie. */
export async function seedBrowser(sql: postgres.Sql, memberUuid: string): Promise<string> {
  const source = { clock: systemClock, random: systemRandom };
  const cookie = generateSecret('cookie', systemRandom);
  await sql`update members set access = 'owner' where id = ${memberUuid}`;
  await sql`
    insert into sessions (id, member_id, generation, kind, cookie_digest, created_at, expires_at, authenticated_at,
      last_seen_at, last_seen_from, user_agent)
    values (${idToUuid(newId('ses', source))}, ${memberUuid}, 1, 'browser', ${digestOf(cookie)}, now(),
      now() + interval '1 day', now(), now(), '127.0.0.1', 'tooken-bench')`;
  return cookie;
}

import type postgres from 'postgres';
import { hintOf } from '../../src/credentials/format.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type ApiKeyId, idToUuid, newId, type WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { mintApiKey } from '../support/credentials.ts';

/** A workspace with one API key, which calls and issues. */
export interface SeededWorkspace {
  readonly id: WorkspaceId;
  readonly uuid: string;
  readonly apiKeyId: ApiKeyId;
  readonly apiKey: string;
}

const source = { clock: systemClock, random: systemRandom };

export async function seedWorkspace(sql: postgres.Sql): Promise<SeededWorkspace> {
  const id = newId('ws', source);
  const apiKeyId = newId('key', source);
  const uuid = idToUuid(id);
  const { secret, digest } = mintApiKey();
  await sql`
    insert into workspaces (id, name, token_prefix, created_at, updated_at) values (${uuid}, 'bench', 'tkn', now(), now())`;
  await sql`
    insert into api_keys (id, workspace_id, environment, name, digest, hint, created_at, created_by)
    values (${idToUuid(apiKeyId)}, ${uuid}, 'live', 'bench', ${digest}, ${hintOf(secret)}, now(), 'system')`;
  return { id, uuid, apiKeyId, apiKey: secret };
}

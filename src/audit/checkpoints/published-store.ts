import { clientOf } from '../../db/client.ts';
import type { Database } from '../../db/connection.ts';

/** Whether a checkpoint of this log, of whatever generation, has a size from `begin` on and below `end`. */
export async function hasCheckpointBetween(
  db: Database,
  logId: string,
  { begin, end }: { readonly begin: number; readonly end: number },
): Promise<boolean> {
  const [row] = await clientOf(db)<{ found: boolean }[]>`
    select exists (
      select from audit_log_keys key where key.log_id = ${logId} and exists (
        select from audit_checkpoints stored
        where stored.log_id = key.log_id and stored.generation = key.generation
          and stored.size >= ${begin}::bigint and stored.size < ${end}::bigint
      )
    ) as found`;
  return row?.found === true;
}

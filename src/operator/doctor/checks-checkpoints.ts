import type { Facts } from './facts.ts';
import { count, type Finding, formatDuration, ok, problem, valueIn, warning } from './finding.ts';

const SLOW_SIGNATURE_MS = 30_000;
const STUCK_SIGNATURE_MS = 120_000;

export function examineCheckpoints({ database }: Facts): Finding | undefined {
  const contents = valueIn(database)?.contents;
  if (contents === undefined) return undefined;
  const { haltedLogs, replicas, vitals } = contents;
  const [first, ...others] = haltedLogs;
  if (first !== undefined) {
    const rest = others.length === 0 ? '' : ` So it is with ${count(others.length, 'other log')}.`;
    return problem(
      `Nothing is signed any more for ${first.log}: ${first.reason}${rest}`,
      'First find out what was restored or changed, and by whom: `tooken audit reopen` begins a new history.',
    );
  }
  const { unsignedEvents, oldestUnsignedMs } = vitals;
  if (unsignedEvents === 0) return ok('Every event is covered by a signed checkpoint.');
  const found = `${count(unsignedEvents, 'event')} not covered by a signed checkpoint yet, the oldest for ${formatDuration(oldestUnsignedMs)}.`;
  if (replicas.length === 0) return ok(`${found} The next start signs for them.`);
  if (oldestUnsignedMs <= SLOW_SIGNATURE_MS) return ok(found);
  const advice = 'Look for audit.checkpoint_failed in the log of the service.';
  return oldestUnsignedMs <= STUCK_SIGNATURE_MS ? warning(found, advice) : problem(found, advice);
}

export function examineCheckpointFiles({ checkpointFiles }: Facts): Finding | undefined {
  if (checkpointFiles === undefined) return undefined;
  const { path, isWritable } = checkpointFiles;
  if (isWritable) return ok(`The last checkpoint of each log is kept in ${path}.`);
  return warning(
    `This user cannot write ${path}, so no checkpoint is kept outside of the database.`,
    'Let TOOKEN_DATA_DIR name a directory that the service may write and that outlives it: so a restored old database is noticed.',
  );
}

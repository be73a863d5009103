import { LeaseMissing, type Replica } from '../coherence/replica.ts';
import type { Digest, DigestFunction } from '../credentials/digest.ts';
import type { Credential } from '../credentials/format.ts';
import { DatabaseSilent } from '../db/deadline.ts';
import type { OwnConnections } from '../db/own-connections.ts';
import { createBatcher } from '../lib/batcher.ts';
import type { SessionId } from '../lib/ids.ts';
import type { LoadMeter } from '../telemetry/metrics.ts';
import { type CredentialRecord, restsOn, type SessionRecord } from './record.ts';
import type { FoundRecords, Sought } from './sought.ts';
import { selectRecords } from './store.ts';

export interface LoaderOptions {
  readonly connections: OwnConnections;
  readonly digest: DigestFunction;
  readonly replica: Pick<Replica, 'requireLease' | 'beginLoad'>;
  /** Told of everything that a load may vouch for; null for a credential that nobody was given. */
  remember(credential: Credential, record: CredentialRecord | null): void;
  rememberSession(record: SessionRecord): void;
  readonly meter: LoadMeter;
}

const MAX_BATCHES_IN_FLIGHT = 2;
/** Look-ups, each of them of one or two credentials. */
const MAX_BATCH_SIZE = 250;
/** Only changes of the very records, or a lost lease, send a load back; so often in a row means that something is wrong. */
const MAX_ATTEMPTS = 8;

/**
 * Records from the database, in batches, each of them one query: under load the database sees few statements. What
 * resolves was found under a lease that is valid now, and nothing that was applied since speaks against it.
 */
export function createRecordLoader(options: LoaderOptions): (sought: Sought) => Promise<FoundRecords> {
  return createBatcher<Sought, FoundRecords>({
    maxInFlight: MAX_BATCHES_IN_FLIGHT,
    maxSize: MAX_BATCH_SIZE,
    // A silent database will not answer those in line any sooner.
    isHopeless: (error) => error instanceof DatabaseSilent,
    run: async (lookUps) => {
      const records = await loadCurrent(options, lookUps);
      return lookUps.map(() => ({ ok: true, value: records }));
    },
  });
}

/** What a batch asks about, each thing once. */
interface Question {
  readonly digests: ReadonlyMap<Credential, Digest>;
  readonly sessions: ReadonlySet<SessionId>;
}

async function loadCurrent(options: LoaderOptions, lookUps: readonly Sought[]): Promise<FoundRecords> {
  const credentials = new Set(lookUps.flatMap((sought) => sought.credentials));
  const digests = new Map([...credentials].map((credential) => [credential, options.digest(credential)]));
  const question: Question = { digests, sessions: new Set(lookUps.flatMap((sought) => sought.sessions)) };
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    await options.replica.requireLease();
    const size = digests.size + question.sessions.size;
    const records = await countLoad(options.meter, size, loadOnce(options, question));
    if (records !== undefined) return records;
  }
  throw new LeaseMissing();
}

async function countLoad(
  { batchSizes, outcomes }: LoadMeter,
  size: number,
  loading: Promise<FoundRecords | undefined>,
): Promise<FoundRecords | undefined> {
  batchSizes.observe(size);
  try {
    const records = await loading;
    outcomes.add(records === undefined ? 'stale' : 'loaded');
    return records;
  } catch (error) {
    outcomes.add('failed');
    throw error;
  }
}

/** Undefined if something of what was found may be what was before. */
async function loadOnce(
  { connections, replica, remember, rememberSession }: LoaderOptions,
  { digests, sessions }: Question,
): Promise<FoundRecords | undefined> {
  // Begun before the statement is sent, so that nothing that is applied meanwhile is missed.
  const load = replica.beginLoad();
  if (load === undefined) return undefined;
  const answer = await connections
    .use((db) => selectRecords(db, [...digests.values()], [...sessions]))
    .catch((error: unknown) => {
      load.abandon();
      throw error;
    });
  const stale = load.settle(answer.snapshot);
  if (stale === undefined) return undefined;
  const isStale = (record: CredentialRecord | SessionRecord) =>
    stale.has(record.id) || restsOn(record).some((subject) => stale.has(subject));
  const found = { credentials: new Map<Credential, CredentialRecord>(), sessions: new Map<SessionId, SessionRecord>() };
  let isCurrent = true;
  for (const [credential, digest] of digests) {
    const record = answer.records.get(digest.toString('hex'));
    if (record === undefined ? stale.has('creation') : isStale(record)) {
      isCurrent = false;
      continue;
    }
    remember(credential, record ?? null);
    if (record !== undefined) found.credentials.set(credential, record);
  }
  for (const record of answer.sessions) {
    if (isStale(record)) {
      isCurrent = false;
      continue;
    }
    rememberSession(record);
    found.sessions.set(record.id, record);
  }
  return isCurrent ? found : undefined;
}

import { LeaseMissing, type Replica } from '../coherence/replica.ts';
import type { DigestFunction } from '../credentials/digest.ts';
import type { Credential } from '../credentials/format.ts';
import { DatabaseSilent } from '../db/deadline.ts';
import type { OwnConnections } from '../db/own-connections.ts';
import { createBatcher } from '../lib/batcher.ts';
import type { LoadMeter } from '../telemetry/metrics.ts';
import type { CredentialRecord } from './record.ts';
import { selectRecords } from './store.ts';

export type LoadedRecords = ReadonlyMap<Credential, CredentialRecord>;

export interface LoaderOptions {
  readonly connections: OwnConnections;
  readonly digest: DigestFunction;
  readonly replica: Pick<Replica, 'requireLease' | 'beginLoad'>;
  /** Told of everything that a load may vouch for; null for a credential that nobody was given. */
  remember(credential: Credential, record: CredentialRecord | null): void;
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
export function createRecordLoader(
  options: LoaderOptions,
): (credentials: readonly Credential[]) => Promise<LoadedRecords> {
  return createBatcher<readonly Credential[], LoadedRecords>({
    maxInFlight: MAX_BATCHES_IN_FLIGHT,
    maxSize: MAX_BATCH_SIZE,
    // A silent database will not answer those in line any sooner.
    isHopeless: (error) => error instanceof DatabaseSilent,
    run: async (lookUps) => {
      const records = await loadCurrent(options, new Set(lookUps.flat()));
      return lookUps.map(() => ({ ok: true, value: records }));
    },
  });
}

async function loadCurrent(options: LoaderOptions, credentials: ReadonlySet<Credential>): Promise<LoadedRecords> {
  const digests = new Map([...credentials].map((credential) => [credential, options.digest(credential)]));
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    await options.replica.requireLease();
    const records = await countLoad(options.meter, digests.size, loadOnce(options, digests));
    if (records !== undefined) return records;
  }
  throw new LeaseMissing();
}

async function countLoad(
  { batchSizes, outcomes }: LoadMeter,
  size: number,
  loading: Promise<LoadedRecords | undefined>,
): Promise<LoadedRecords | undefined> {
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
  { connections, replica, remember }: LoaderOptions,
  digests: ReadonlyMap<Credential, ReturnType<DigestFunction>>,
): Promise<LoadedRecords | undefined> {
  // Begun before the statement is sent, so that nothing that is applied meanwhile is missed.
  const load = replica.beginLoad();
  if (load === undefined) return undefined;
  const answer = await connections
    .use((db) => selectRecords(db, [...digests.values()]))
    .catch((error: unknown) => {
      load.abandon();
      throw error;
    });
  const stale = load.settle(answer.snapshot);
  if (stale === undefined) return undefined;
  const found = new Map<Credential, CredentialRecord>();
  let isCurrent = true;
  for (const [credential, digest] of digests) {
    const record = answer.records.get(digest.toString('hex'));
    if (stale.has(record?.id ?? 'creation') || (record !== undefined && stale.has(record.workspaceId))) {
      isCurrent = false;
      continue;
    }
    remember(credential, record ?? null);
    if (record !== undefined) found.set(credential, record);
  }
  return isCurrent ? found : undefined;
}

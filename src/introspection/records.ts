import { hash } from 'node:crypto';
import type { Clocks } from '../coherence/protocol.ts';
import type { Replica } from '../coherence/replica.ts';
import type { DigestFunction } from '../credentials/digest.ts';
import type { DatabasePool, PoolOptions } from '../db/connection.ts';
import { createOwnConnections } from '../db/own-connections.ts';
import type { SessionId } from '../lib/ids.ts';
import type { LoadMeter } from '../telemetry/metrics.ts';
import { createRecordLoader } from './loader.ts';
import type { CredentialMemory } from './memory.ts';
import type { CredentialRecord, SessionRecord } from './record.ts';
import type { FoundRecords, Sought } from './sought.ts';
import { LOOK_UP_SETTINGS } from './store.ts';

/** Where the records behind credentials come from: this replica's memory, or the database. */
export interface Records {
  /**
   * What this replica can vouch for without asking anybody, which is nothing without a lease. It holds for one turn of the
   * event loop: read the clocks after the last byte of the request has come, take it at once, look up in it all that one
   * decision rests on, and after an `await` read and take anew.
   */
  vouched(now: Clocks): Vouched;
  /**
   * Asks the database about what is `sought`, together with what others ask at the same time. What resolves holds for
   * the turn in which it resolves, all of it at once; what there is nothing behind is not in it. Rejects when there is no
   * telling.
   */
  load(sought: Sought): Promise<FoundRecords>;
}

export interface Vouched {
  /** The record behind any text; null for a credential that nobody was ever given, undefined when there is no telling. */
  recall(text: string): CredentialRecord | null | undefined;
  /** The session of that id; undefined when there is no telling, which goes for those that there are none of, too. */
  recallSession(id: SessionId): SessionRecord | undefined;
}

export interface RecordsOptions {
  readonly memory: CredentialMemory;
  readonly replica: Replica;
  readonly digest: DigestFunction;
  openApart(options: PoolOptions): DatabasePool;
  readonly meter: LoadMeter;
}

/** As many as the loader has batches in flight. */
const LOOK_UP_CONNECTIONS = 2;
/** Callers would rather hear that we cannot tell than wait longer. */
const DEADLINE_MS = 3_000;

/** Records from memory while the replica holds its lease, and from the database, which memory then keeps. */
export function createRecords({
  memory,
  replica,
  digest,
  openApart,
  meter,
}: RecordsOptions): Records & AsyncDisposable {
  const connections = createOwnConnections(
    () =>
      openApart({ maxConnections: LOOK_UP_CONNECTIONS, applicationName: 'tooken-look-up', settings: LOOK_UP_SETTINGS }),
    DEADLINE_MS,
  );
  const load = createRecordLoader({
    connections,
    digest,
    replica,
    meter,
    remember(credential, record) {
      if (record === null) memory.keepUnknown(keyOf(credential));
      else memory.keep(keyOf(credential), record);
    },
    rememberSession: (record) => memory.keepSession(record),
  });
  const remembered: Vouched = {
    recall: (text) => memory.get(keyOf(text)),
    recallSession: (id) => memory.getSession(id),
  };
  return {
    vouched: (now) => (replica.holdsLease(now) ? remembered : NOTHING),
    load,
    [Symbol.asyncDispose]: () => connections.close(),
  };
}

const NOTHING: Vouched = { recall: () => undefined, recallSession: () => undefined };

/**
 * The key of a credential in memory. Not its digest, whose HMAC costs six times as much: the pepper protects what lies in
 * the database, and here it would lie beside it.
 */
function keyOf(text: string): string {
  return hash('sha256', text, 'binary');
}

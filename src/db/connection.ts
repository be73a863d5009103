import type { Socket } from 'node:net';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { type ActivityMeter, createActivityMeter } from './activity.ts';
import { withinDeadline } from './deadline.ts';
import { isConnectionLost } from './errors.ts';
import { type Destination, openSocket } from './socket.ts';

/** How to reach a database: a URL, or the parts when it is the embedded one behind a unix socket. */
export type DatabaseTarget = string | ConnectionTarget;

export interface ConnectionTarget {
  /** A host name, or the directory of a unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export type Database = PostgresJsDatabase & { readonly $client: postgres.Sql };

/** An open transaction. Functions that must be part of their caller's transaction ask for this type. */
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

/** A pool, closed by `close()`: an unclosed one keeps the process alive. */
export interface DatabasePool {
  readonly db: Database;
  /** More connections to the same database, for work that must not wait behind that of this pool. Close them apart, too. */
  openApart(options: PoolOptions): DatabasePool;
  /** What this pool does, together with those that were opened apart. */
  readonly activity: ActivityMeter;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly maxConnections: number;
  readonly applicationName: string;
  /** More settings of its sessions, by the server's names. */
  readonly settings?: Readonly<Record<string, string>>;
}

const CONNECT_TIMEOUT_SECONDS = 5;
const STATEMENT_TIMEOUT_MS = 15_000;
/** Nothing of ours holds a transaction open longer; the audit log's time ranges rely on it (audit/read.ts). */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
/** Longer than the server lets any statement run. */
const TRANSACTION_DEADLINE_MS = 20_000;
const CLOSE_TIMEOUT_SECONDS = 5;

export function openPool(
  target: DatabaseTarget,
  options: PoolOptions,
  activity: ActivityMeter = createActivityMeter(),
): DatabasePool {
  const client = connect(target, {
    max: options.maxConnections,
    onSocket: (socket) => activity.opened(options.applicationName, socket),
    connection: {
      application_name: options.applicationName,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      ...options.settings,
    },
  });
  const db = drizzle(client);
  activities.set(db, activity);
  return {
    db,
    openApart: (apart) => openPool(target, apart, activity),
    activity,
    close: () => client.end({ timeout: CLOSE_TIMEOUT_SECONDS }),
  };
}

interface ClientOptions extends postgres.Options<Record<string, never>> {
  /** Told of every connection; not of those to a URL that names several hosts. */
  readonly onSocket?: (socket: Socket) => void;
}

/** A client of `target` that reconnects at once instead of backing off: callers get their 503 or their answer early. */
export function connect(target: DatabaseTarget, { onSocket, ...options }: ClientOptions): postgres.Sql {
  const open = (destination: Destination) => {
    const socket = openSocket(destination);
    onSocket?.(socket);
    return socket;
  };
  const settings = {
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    backoff: () => 0.1,
    onnotice: () => {},
    socket: open,
    ...options,
  };
  if (typeof target !== 'string') return postgres({ ...target, ...settings });
  const url = new URL(target);
  const given = takeForeignParameters(url);
  // Among several hosts the driver chooses itself.
  const socket = { socket: url.hostname.includes(',') ? undefined : open };
  return postgres(url.href, { ...settings, ...socket, ...given });
}

/** Removes from a URL what libpq understands and the driver does not. */
function takeForeignParameters({ searchParams }: URL): { host?: string } {
  // A unix socket, as in `?host=/run/postgresql`.
  const host = searchParams.get('host');
  searchParams.delete('host');
  // What is the default anyway.
  searchParams.delete('target_session_attrs', 'any');
  return host === null ? {} : { host };
}

const activities = new WeakMap<Database, ActivityMeter>();

/** The meter of the pool that `db` belongs to. */
export function activityOf(db: Database): ActivityMeter | undefined {
  return activities.get(db);
}

const ended = new WeakSet<object>();

/**
 * Throws if `executor` is a transaction whose connection was lost while its work was busy elsewhere. Its next statement
 * must not be sent: the driver would send it on the connection that took the lost one's place, outside of any transaction.
 */
export function requireOpen(executor: Database | Transaction): void {
  if (ended.has(executor)) throw Object.assign(new Error('the transaction has ended'), { code: 'CONNECTION_CLOSED' });
}

/** Runs `work` in one transaction: all of it happens, or nothing. */
export function inTransaction<Result>(db: Database, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  const run = (begun?: () => void) => runTransaction(db, work, begun);
  return activityOf(db)?.count(run) ?? run();
}

function runTransaction<Result>(
  db: Database,
  work: (tx: Transaction) => Promise<Result>,
  begun?: () => void,
): Promise<Result> {
  const outcome = new Promise<Result>((resolve, reject) => {
    let opened: Transaction | undefined;
    const guarded = async (tx: Transaction): Promise<Result> => {
      opened = tx;
      begun?.();
      try {
        return await work(tx);
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
        reject(error);
        // Settling would make the driver send a ROLLBACK into the socket that is gone, which throws outside of any
        // promise and ends the process (porsager/postgres#1208). The server has rolled back already.
        return new Promise<never>(() => {});
      }
    };
    const fail = (error: unknown): void => {
      if (opened !== undefined) ended.add(opened);
      reject(error);
    };
    db.transaction(guarded).then(resolve, fail);
  });
  return withinDeadline(outcome, TRANSACTION_DEADLINE_MS);
}

import { connectionsNeeded } from '../../db/open.ts';
import type { DatabaseFacts, Facts } from './facts.ts';
import { count, type Finding, formatDuration, ok, problem, valueIn, warning } from './finding.ts';

/** A database further away than this makes every change slow, which waits for it several times. */
const SLOW_MS = 20;
const OLDEST_SERVER = 150_000;

export function examineDatabase({ database }: Facts): Finding | undefined {
  if (database === undefined) return undefined;
  if ('failure' in database) return problem(database.failure);
  const { version, versionNumber, latencyMs } = database.value.server;
  const found = `PostgreSQL ${version}, ${formatDuration(latencyMs)} away.`;
  if (versionNumber < OLDEST_SERVER) return problem(found, 'Upgrade to PostgreSQL 15 or newer.');
  if (latencyMs <= SLOW_MS) return ok(found);
  return warning(found, 'Run the service nearer to its database: each change waits for it several times.');
}

export function examinePrimary({ database }: Facts): Finding | undefined {
  const server = valueIn(database)?.server;
  if (server === undefined) return undefined;
  if (!server.isReadOnly) return ok('The database can be written.');
  return problem(
    'The database can only be read: it is a standby, or set to read-only.',
    'Point DATABASE_URL to the primary.',
  );
}

export function examineCharacters({ database }: Facts): Finding | undefined {
  const encoding = valueIn(database)?.server.encoding;
  if (encoding === undefined) return undefined;
  if (encoding === 'UTF8') return ok('UTF-8.');
  return problem(
    `The database stores ${encoding}.`,
    "Make it anew with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
  );
}

export function examineDurability({ database }: Facts): Finding | undefined {
  const off = valueIn(database)?.server.settingsOff;
  if (off === undefined) return undefined;
  if (off.length === 0) return ok('What is committed survives a crash.');
  return warning(
    `${off.join(', ')} ${off.length === 1 ? 'is' : 'are'} off: a crash of the server undoes what was answered, revocations too.`,
    'Switch it on in the settings of the server, the database and the role.',
  );
}

export function examineConnections({ config, secrets, database }: Facts): Finding | undefined {
  const [known, server] = [valueIn(config), valueIn(database)?.server];
  if (known === undefined || server === undefined) return undefined;
  if (valueIn(secrets)?.isEmbedded === true) return ok('A start of the service makes room for all that it opens.');
  const { limit, used, own } = server.connections;
  // The supervisor of several workers counts as one more.
  const processes = known.workers === 1 ? 1 : known.workers + 1;
  const needed = connectionsNeeded(processes, known.databaseConnections);
  const left = limit - (used - own);
  const found = `This service opens up to ${needed}; the server has ${left} of ${limit} for it.`;
  if (needed <= left) return ok(found);
  return warning(
    found,
    'Raise max_connections, or lower TOOKEN_DB_CONNECTIONS or TOOKEN_WORKERS. Count all machines that run the service.',
  );
}

const NOTICEABLE_MS = 1_000;
/** Events whose time is further off are refused by the database, and the changes with them. */
const REFUSED_MS = 15 * 60_000;

export function examineClock({ database }: Facts): Finding | undefined {
  const aheadMs = valueIn(database)?.clockAheadMs;
  if (aheadMs === undefined) return undefined;
  const offMs = Math.abs(aheadMs);
  if (offMs <= NOTICEABLE_MS) return ok(`Within ${formatDuration(Math.max(1, offMs))} of the database's.`);
  const found = `${formatDuration(offMs)} ${aheadMs > 0 ? 'ahead of' : 'behind'} the database's.`;
  const advice = 'Keep the clocks of all machines right, by NTP: tokens expire by them.';
  if (offMs <= REFUSED_MS) return warning(found, advice);
  return problem(found, `${advice} From 15 minutes on every change is refused.`);
}

export function examineMigrations({ database, secrets }: Facts): Finding | undefined {
  const state: DatabaseFacts['migrations'] | undefined = valueIn(database)?.migrations;
  if (state === undefined) return undefined;
  if (state.isNewer) {
    return problem(
      'A newer version of Tooken has migrated the database.',
      'Run that version, or restore a backup from before.',
    );
  }
  if (state.pending === 0) return ok('The database is of this version.');
  const owner =
    valueIn(secrets)?.isEmbedded === false ? ', with MIGRATION_DATABASE_URL if its role owns no tables' : '';
  return problem(
    `${count(state.pending, 'migration')} to be made.`,
    `Run \`tooken migrate\`${owner}; a start does it too.`,
  );
}

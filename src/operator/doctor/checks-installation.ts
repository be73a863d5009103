import type { ContentFacts, Facts, ReplicaFacts } from './facts.ts';
import { count, type Finding, formatDuration, ok, problem, valueIn, warning } from './finding.ts';

const contentsOf = ({ database }: Facts): ContentFacts | undefined => valueIn(database)?.contents;

export function examineRole({ database }: Facts): Finding | undefined {
  const role = valueIn(database)?.role;
  if (role === undefined) return undefined;
  const advice =
    'Let the service run as a role that owns nothing, and name the owner in MIGRATION_DATABASE_URL: `tooken migrate` then gives the rights.';
  if (role.isSuperuser) return warning(`${role.name} is a superuser, which no right holds back.`, advice);
  if (role.isOwner) return warning(`${role.name} owns the tables, so it could change the audit log.`, advice);
  return ok(`${role.name} owns nothing.`);
}

export function examineRights(facts: Facts): Finding | undefined {
  const missing = contentsOf(facts)?.missingRights;
  if (missing === undefined) return undefined;
  if (missing.length === 0) return ok('The role may do what the service does.');
  return problem(
    `The role lacks ${some(missing)}.`,
    'Run `tooken migrate` with MIGRATION_DATABASE_URL: it gives the rights anew.',
  );
}

export function examineAppendOnly(facts: Facts): Finding | undefined {
  const [contents, role] = [contentsOf(facts), valueIn(facts.database)?.role];
  if (contents === undefined || role === undefined) return undefined;
  // That is said of the role already.
  if (role.isSuperuser || role.isOwner) return ok('Kept by triggers alone: the rights of the role do not help.');
  if (contents.excessRights.length === 0) return ok('The role may add to the audit log, and change nothing in it.');
  return warning(
    `The role has ${some(contents.excessRights)}.`,
    'Run `tooken migrate` with MIGRATION_DATABASE_URL: it takes away what is too much.',
  );
}

export function examineTriggers(facts: Facts): Finding | undefined {
  const missing = contentsOf(facts)?.missingTriggers;
  if (missing === undefined) return undefined;
  if (missing.length === 0) return ok('All are there and switched on.');
  return problem(
    `Gone or switched off: ${some(missing)}.`,
    'They keep records from being changed, and memory true. Find out who did that, then restore them: ALTER TABLE … ENABLE TRIGGER …',
  );
}

export function examineNameSearch(facts: Facts): Finding | undefined {
  const contents = contentsOf(facts);
  if (contents === undefined) return undefined;
  if (contents.hasNameIndex) return ok('Token names are indexed by pg_trgm.');
  return warning(
    'Without pg_trgm a search for a token name reads all of them.',
    'CREATE EXTENSION pg_trgm; CREATE INDEX tokens_by_name ON tokens USING gin (name gin_trgm_ops);',
  );
}

export function examineMasterKey(facts: Facts): Finding | undefined {
  const { masterKey } = facts;
  if (masterKey === undefined) return undefined;
  const { source, fingerprint } = masterKey;
  if (fingerprint !== undefined && 'failure' in fingerprint) return problem(fingerprint.failure);
  const contents = contentsOf(facts);
  if (contents === undefined) return undefined;
  if (contents.fingerprint === undefined) return ok('The database belongs to none yet: the first start ties them.');
  if (fingerprint?.value === contents.fingerprint) return ok(`${source} is the one of this database.`);
  return problem(
    fingerprint === undefined ? `${source} is missing.` : `${source} is not the one of this database.`,
    'Restore the key that the database was first started with; without it no credential can be checked.',
  );
}

/** By then a living one has renewed, whatever kept it. */
const isSilent = ({ leaseMs, sinceRenewalMs }: ReplicaFacts) => sinceRenewalMs > 2 * leaseMs + 1_000;

const livingIn = (contents: ContentFacts) => contents.replicas.filter((replica) => !isSilent(replica));

export function examineReplicas(facts: Facts): Finding | undefined {
  const contents = contentsOf(facts);
  if (contents === undefined) return undefined;
  const [living, silent] = [livingIn(contents), contents.replicas.filter(isSilent)];
  const found = `${living.length === 0 ? 'None runs' : `${count(living.length, 'replica')}: ${some(living.map(describe))}`}.`;
  if (living.length === 0 && facts.servicePort?.state.kind === 'ours') {
    return warning(
      `${found} Yet Tooken answers at ${facts.servicePort.url}.`,
      'That service works on another database, or has lost this one: compare its DATABASE_URL.',
    );
  }
  if (silent.length === 0) return ok(found);
  return warning(
    `${found} Silent: ${some(silent.map(describe))}.`,
    'They ended without leaving, hang, or do not reach the database. The next revocation waits one lease for them and drops them.',
  );
}

function describe({ address, ageMs, sinceRenewalMs }: ReplicaFacts): string {
  return `${address} (since ${formatDuration(ageMs)}, renewed ${formatDuration(sinceRenewalMs)} ago)`;
}

export function examineLeases(facts: Facts): Finding | undefined {
  const contents = contentsOf(facts);
  if (contents === undefined) return undefined;
  const lengths = [...new Set(livingIn(contents).map(({ leaseMs }) => leaseMs))].toSorted((a, b) => a - b);
  const found = lengths.map(formatDuration).join(', ');
  if (lengths.length === 0) return ok('No replica holds one.');
  if (lengths.length === 1) return ok(`All last ${found}.`);
  return warning(
    `They last ${found}: a revocation may have to wait for the longest.`,
    'Set the same TOOKEN_LEASE_SECONDS for all replicas.',
  );
}

/** Up to here they are counted. */
const MANY_INVALIDATIONS = 10_000;
const OLD_INVALIDATION_MS = 10 * 60_000;

export function examineInvalidations(facts: Facts): Finding | undefined {
  const contents = contentsOf(facts);
  if (contents === undefined) return undefined;
  const { oldestInvalidationMs, vitals } = contents;
  const number = vitals.invalidations;
  const amount = number >= MANY_INVALIDATIONS ? `${MANY_INVALIDATIONS} or more` : String(number);
  const found = `${amount} kept${number === 0 ? '' : `, the oldest for ${formatDuration(oldestInvalidationMs)}`}.`;
  const isOld = number > 0 && oldestInvalidationMs > OLD_INVALIDATION_MS;
  if (livingIn(contents).length === 0 || (number < MANY_INVALIDATIONS && !isOld)) return ok(found);
  return warning(
    found,
    'Replicas that run apply and delete them: look for one that hangs, or a transaction that never ends.',
  );
}

const SLOW_EVENT_MS = 10_000;
const STUCK_EVENT_MS = 60_000;

export function examineAuditLog(facts: Facts): Finding | undefined {
  const contents = contentsOf(facts);
  if (contents === undefined) return undefined;
  const { pendingEvents, oldestPendingMs } = contents.vitals;
  if (pendingEvents === 0) return ok('Every event has its place.');
  const found = `${count(pendingEvents, 'event')} without a place yet, the oldest for ${formatDuration(oldestPendingMs)}.`;
  if (livingIn(contents).length === 0) return ok(`${found} The next start gives them theirs.`);
  if (oldestPendingMs <= SLOW_EVENT_MS) return ok(found);
  const advice = 'Look for audit.sequencer_failed in the log of the service. Nothing is lost: events wait.';
  return oldestPendingMs <= STUCK_EVENT_MS ? warning(found, advice) : problem(found, advice);
}

const SHOWN = 5;

/** The first few of many. */
function some(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

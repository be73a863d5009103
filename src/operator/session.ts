import type { RequestOrigin } from '../audit/events/event.ts';
import { type Evidence, openEvidence } from '../audit/evidence.ts';
import { createFence } from '../coherence/fence.ts';
import { type Config, type Environment, readConfig } from '../config/config.ts';
import { readSecrets, type Secrets } from '../config/secrets.ts';
import { createDigest } from '../credentials/digest.ts';
import { openInstallation } from '../credentials/installation.ts';
import { type AttachOptions, attachDatabase } from '../db/attach.ts';
import { isDatabaseUnavailable } from '../db/errors.ts';
import type { OpenDatabase } from '../db/open.ts';
import type { ApiKeyDeps } from '../keys/create.ts';
import { systemClock } from '../lib/clock.ts';
import { ServiceError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { systemRandom } from '../lib/random.ts';
import { createMailer, type Mailer } from '../mail/mailer.ts';
import { LOG_EVENTS } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/logger.ts';

export { processEnvironment } from '../config/environment.ts';
export { readVersion } from '../config/version.ts';

/** What one command of an operator works with. */
export interface Session extends ApiKeyDeps, Evidence {
  readonly config: Pick<Config, 'publicUrl'>;
  readonly mailer: Mailer;
  /** How the audit log names the command. */
  readonly request: RequestOrigin;
}

export interface SessionOptions {
  readonly env: Environment;
  /** The command without its arguments, `keys create`: the audit log's route. */
  readonly route: string;
  readonly purpose: AttachOptions['purpose'];
  /** Aborting it ends the session without waiting for the work. */
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Two, so that a count or a list does not wait for a transaction. */
const MAX_CONNECTIONS = 2;

/**
 * Opens the database that the environment names, does `work`, and closes all of it.
 *
 * @throws StartupError if the environment is wrong or the database is not set up
 * @throws ServiceError what `work` throws, and `unavailable` if the database goes away meanwhile
 */
export async function withSession<Result>(
  options: SessionOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { route, signal, onProgress } = options;
  return withDatabase(options, async ({ db }, { config, secrets }) => {
    const ids = { clock: systemClock, random: systemRandom };
    const masterKey = await openInstallation({ db, masterKey: secrets.masterKey, dataDir: config.dataDir }, ids);
    signal.throwIfAborted();
    const digest = createDigest(masterKey.derive('credential-pepper'));
    const wrappingKey = masterKey.derive('log-key-encryption');
    const options = { ...config, ...ids, db, logger: createTeller(onProgress), wrappingKey };
    const { witnesses, ...evidence } = openEvidence(options);
    const fence = createFence({ connections: { use: (look) => look(db) }, clock: systemClock });
    const mailer = createMailer({ smtp: secrets.smtp, clock: systemClock, logger: options.logger });
    try {
      return await work({ ...ids, ...evidence, config, mailer, db, digest, fence, request: originOf(route) });
    } finally {
      await mailer.stop();
      await witnesses.stop();
    }
  });
}

/** Brings the database up to this version, and says how many migrations that took. */
export async function migrateDatabase(
  options: Omit<SessionOptions, 'route' | 'purpose'>,
): Promise<{ applied: number }> {
  return withDatabase({ ...options, purpose: 'set_up' }, async ({ applied }) => ({ applied }));
}

interface Settings {
  readonly config: Config;
  readonly secrets: Secrets;
}

async function withDatabase<Result>(
  { env, purpose, signal, onProgress }: Omit<SessionOptions, 'route'>,
  work: (database: OpenDatabase, settings: Settings) => Promise<Result>,
): Promise<Result> {
  const [config, secrets] = [readConfig(env), readSecrets(env)];
  const { databaseUrl, migrationDatabaseUrl } = secrets;
  const target = { databaseUrl, migrationDatabaseUrl, dataDir: config.dataDir, maxConnections: MAX_CONNECTIONS };
  const database = await attachDatabase({ ...target, purpose, onProgress });
  try {
    return await Promise.race([work(database, { config, secrets }), rejectionBy(signal)]);
  } catch (error) {
    throw isDatabaseUnavailable(error) ? unavailable(error) : error;
  } finally {
    await database.close();
  }
}

/** What a service would log, for the person at the terminal. */
function createTeller(onProgress: SessionOptions['onProgress']): Logger {
  return { log: (_level, event) => onProgress(LOG_EVENTS[event]), isEnabled: () => true };
}

function originOf(route: string): RequestOrigin {
  const id = newId('req', { clock: systemClock, random: systemRandom });
  return { id, method: 'CLI', route, ip: null, userAgent: null };
}

function unavailable(cause: unknown): ServiceError {
  const message =
    'The connection to the database was lost, so it is not known whether the change was made. Look, then retry.';
  return new ServiceError('unavailable', { message, cause });
}

/** Rejects with the reason of `signal` when that is aborted. */
export function rejectionBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

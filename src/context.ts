import { setMaxListeners } from 'node:events';
import { createCheckpointPublisher } from './audit/checkpoints/checkpoint-publisher.ts';
import { createDenialRecorder } from './audit/denials/recorder.ts';
import { openEvidence } from './audit/evidence.ts';
import { createLogWatch } from './audit/queries/follow-watch.ts';
import { createSequencer } from './audit/sequencer/sequencer.ts';
import { createCoherence } from './coherence/coherence.ts';
import type { Config } from './config/config.ts';
import type { Secrets } from './config/secrets.ts';
import { startHousekeeping } from './context/housekeeping.ts';
import { readProcess } from './context/readings.ts';
import { createAnswerSeal } from './credentials/answer-seal.ts';
import { createDigest } from './credentials/digest.ts';
import { openInstallation } from './credentials/installation.ts';
import { explainConnection } from './db/explain-connection.ts';
import { type OpenDatabase, openDatabase } from './db/open.ts';
import { createVitalsReader } from './db/vitals.ts';
import { openAccessTokens } from './identity/access-tokens/access-tokens.ts';
import { createForgottenPasswords } from './identity/members/forgotten.ts';
import { createPasswords } from './identity/passwords/passwords.ts';
import { createSuccessors } from './identity/sessions/refresh-token.ts';
import { createSignInKeys } from './identity/sign-in/keys.ts';
import { createSecondFactorKeys } from './identity/totp/keys.ts';
import { createCredentialMemory } from './introspection/memory.ts';
import { createIntrospectionRecorder } from './introspection/recorded/recorder.ts';
import { createRecords } from './introspection/records.ts';
import { countVerdicts } from './introspection/usage/count-verdicts.ts';
import { createUsageRecorder } from './introspection/usage/recorder.ts';
import { createUsageWriter } from './introspection/usage/writer.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { createCursorCodec } from './lib/cursor.ts';
import { type Random, systemRandom } from './lib/random.ts';
import { createMailer } from './mail/mailer.ts';
import { createRequestLog } from './requests/request-log.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { createMetrics } from './telemetry/metrics.ts';
import type { DatabaseReadings, ProcessReadings } from './telemetry/metrics-readings.ts';
import { createLimits } from './web/limits.ts';
import { createLongAnswers } from './web/long-answers.ts';
import { createRefusals } from './web/refusals.ts';
import type { Services } from './web/services.ts';

/** Everything the service is made of, put together once; disposing of it ends what it started. */
export interface Context extends Services, AsyncDisposable {
  readonly config: Config;
  /** Says that the process begins to stop: aborts `stopping`. Everything else goes on. */
  beginToStop(): void;
  /** What this process tells of itself. */
  readProcess(): ProcessReadings;
  /** What the database tells of the installation; undefined when it does not answer. */
  readDatabase(): Promise<DatabaseReadings | undefined>;
}

/** What a test, or a worker, may replace. */
export interface ContextOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** An open database, which the context closes like its own. */
  readonly database?: OpenDatabase;
  readonly onProgress?: (line: string) => void;
}

/** The composition root. Rejects with a `StartupError` if the operator has to do something first. */
export async function createContext(
  config: Config,
  secrets: Secrets,
  overrides: ContextOverrides = {},
): Promise<Context> {
  const { clock = systemClock, random = systemRandom, onProgress } = overrides;
  const logger = overrides.logger ?? createLogger({ level: config.logLevel, isPretty: !config.isProduction });
  const database =
    overrides.database ??
    (await openDatabase({ ...secrets, ...databaseOptions(config), ...(onProgress && { onProgress }) }));
  try {
    return await compose(config, secrets, { clock, random, logger, database });
  } catch (error) {
    await database.close();
    throw secrets.databaseUrl === undefined ? error : explainConnection(error, 'DATABASE_URL');
  }
}

interface Foundations {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly database: OpenDatabase;
}

async function compose(config: Config, secrets: Secrets, foundations: Foundations): Promise<Context> {
  const { clock, random, logger, database } = foundations;
  const { db, openApart } = database;
  if (database.applied > 0) logger.log('info', 'database.migrated', { migrations: database.applied });
  const masterKey = await openInstallation({ db, masterKey: secrets.masterKey, dataDir: config.dataDir }, foundations);
  const digest = createDigest(masterKey.derive('credential-pepper'));
  const accessTokens = await openAccessTokens({
    ...foundations,
    db,
    wrappingKey: masterKey.derive('access-key-encryption'),
    publicUrl: config.publicUrl,
  });
  const metrics = createMetrics();
  const memory = createCredentialMemory(config.memory);
  const coherence = createCoherence({
    openApart,
    clock,
    random,
    logger,
    memory,
    leaseMs: config.leaseMs,
    meter: metrics.fences,
  });
  const records = createRecords({ memory, replica: coherence.replica, digest, openApart, meter: metrics.loads });
  const recorder = createIntrospectionRecorder({ openApart, clock, random });
  const denials = createDenialRecorder({ db, clock, random, logger });
  const deniedUses = createDenialRecorder({ db, clock, random, logger });
  const usage = createUsageRecorder({
    clock,
    logger,
    writer: createUsageWriter({ db, clock, random, logger, recordDenials: deniedUses.recordCounts }),
  });
  const { requestLogDays } = config;
  const requestLog = createRequestLog({ db, clock, random, logger, isKept: requestLogDays !== null });
  const wrappingKey = masterKey.derive('log-key-encryption');
  const { witnesses, ...evidence } = openEvidence({ ...config, ...foundations, db, wrappingKey });
  const publisher = createCheckpointPublisher({ db, logger, checkpoints: evidence.checkpoints });
  const sequencer = createSequencer({ db, logger, onGrown: publisher.grew });
  const limits = createLimits(config.rates, clock);
  const vitals = createVitalsReader(database);
  const mailer = createMailer({ smtp: secrets.smtp, clock, logger });
  const forgottenPasswords = createForgottenPasswords({ ...foundations, db, digest, config, mailer });
  const parts = { config, metrics, memory, replica: coherence.replica, usage, requestLog, limits, database };
  const housekeeping = startHousekeeping({ db, clock, logger, requestLogDays });
  const stopping = new AbortController();
  // Each stream listens to it; more than ten of them are no leak.
  setMaxListeners(0, stopping.signal);
  const beginToStop = () => stopping.abort();
  sequencer.start();
  witnesses.start(evidence.checkpoints);
  publisher.start();
  coherence.start();
  return {
    config,
    logger,
    clock,
    random,
    db,
    digest,
    accessTokens,
    successorOf: createSuccessors(masterKey.derive('refresh-derivation')),
    cursors: createCursorCodec(masterKey.derive('cursor-mac')),
    answers: createAnswerSeal(masterKey.derive('idempotency-encryption')),
    secondFactorKeys: createSecondFactorKeys(masterKey),
    passwords: createPasswords({ random }),
    signInKeys: createSignInKeys(masterKey.derive('sign-in-mac')),
    recordDenial: (event) => denials.record(event),
    mailer,
    forgottenPasswords,
    records,
    recorder,
    ...evidence,
    fence: coherence.fence,
    replica: coherence.replica,
    limits,
    refusals: createRefusals((event) => denials.record(event)),
    usage: countVerdicts(usage, metrics.verdicts),
    requestLog,
    metrics,
    logWatch: createLogWatch(db),
    longAnswers: createLongAnswers(),
    stopping: stopping.signal,
    beginToStop,
    readProcess: () => readProcess({ ...parts, denials: [denials, deniedUses], witnesses }),
    readDatabase: () => vitals.read(),
    // The lease is given up first. What is still in memory is written before the connections go: calls, uses and
    // denials first, then their places in the log, then the signature for those, then what witnesses say of it.
    [Symbol.asyncDispose]: async () => {
      beginToStop();
      await forgottenPasswords.stop();
      // Beside the rest, since a mail server may be slow.
      const mailed = mailer.stop();
      housekeeping.stop();
      await coherence.stop();
      await records[Symbol.asyncDispose]();
      await recorder[Symbol.asyncDispose]();
      await requestLog.stop();
      await usage.stop();
      await deniedUses.stop();
      await denials.stop();
      await sequencer.stop();
      await publisher.stop();
      await witnesses.stop();
      await mailed;
      await vitals.close();
      await database.close();
    },
  };
}

function databaseOptions(config: Config) {
  return { dataDir: config.dataDir, maxConnections: config.databaseConnections };
}

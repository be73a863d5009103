import { readSecrets } from '../config/secrets.ts';
import { createDigest } from '../credentials/digest.ts';
import { openInstallation } from '../credentials/installation.ts';
import { type OpenDatabase, openDatabase } from '../db/open.ts';
import { createVitalsReader } from '../db/vitals.ts';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { announce } from './arrival.ts';
import { createCrew } from './crew.ts';
import { type Life, printProgress, startOrLeave } from './life.ts';
import { listenForMetrics } from './metrics-listener.ts';
import { gatherWorkers } from './metrics-sources.ts';
import { openPort } from './port.ts';

/**
 * Runs the service in several processes. This one answers no requests: it has the embedded database, if that is used, the
 * port and the workers, and does what is to be done once.
 */
export async function supervise(life: Life): Promise<void> {
  const { env, config, signals } = life;
  const { dataDir, databaseConnections: maxConnections } = config;
  const logger = createLogger({ level: config.logLevel, isPretty: !config.isProduction });
  const options = { ...readSecrets(env), dataDir, maxConnections, onProgress: printProgress };
  // While one is replaced there is one more.
  const database = await startOrLeave(openDatabase({ ...options, processes: config.workers + 1 }), signals);
  try {
    if (!signals.hasCome()) await lead(life, { database, logger });
  } finally {
    await database.close();
  }
  logger.log('info', 'service.stopped');
}

async function lead(life: Life, { database, logger }: { database: OpenDatabase; logger: Logger }): Promise<void> {
  const { env, config, signals } = life;
  const { db, applied } = database;
  if (applied > 0) logger.log('info', 'database.migrated', { migrations: applied });
  const ids = { clock: systemClock, random: systemRandom };
  const { masterKey: givenKey } = readSecrets(env);
  const masterKey = await openInstallation({ db, masterKey: givenKey, dataDir: config.dataDir }, ids);
  const digest = createDigest(masterKey.derive('credential-pepper'));

  const port = await openPort(config);
  const crew = createCrew({ size: config.workers, env, port, logger });
  const vitals = createVitalsReader(database);
  const metrics = await listenForMetrics(config, logger, () => gatherWorkers(config.workers, crew, vitals));
  try {
    await Promise.race([crew.start(), signals.first]);
    if (!signals.hasCome()) await announce({ ...ids, db, digest, logger }, life, port.url);
    signals.onReplace(() => crew.replace());
    logger.log('info', 'service.stopping', { signal: await signals.first });
  } finally {
    await crew.stop(signals.second);
    metrics.close();
    await vitals.close();
  }
}

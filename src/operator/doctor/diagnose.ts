import { availableParallelism } from 'node:os';
import { type Config, originOf, readConfig, unknownVariables } from '../../config/config.ts';
import { readSecrets, type Secrets } from '../../config/secrets.ts';
import { readVersion } from '../../config/version.ts';
import { attachDatabase } from '../../db/attach.ts';
import { withinDeadline } from '../../db/deadline.ts';
import { databaseErrorCode } from '../../db/errors.ts';
import { explainConnection } from '../../db/explain-connection.ts';
import { systemClock } from '../../lib/clock.ts';
import { StartupError } from '../../lib/startup-error.ts';
import { rejectionBy, type SessionOptions } from '../session.ts';
import { CHECKS } from './checks.ts';
import type { DatabaseFacts, Facts } from './facts.ts';
import { type Finding, type Level, mapSeen, type Seen, valueIn } from './finding.ts';
import { selectDatabaseFacts } from './store.ts';
import {
  see,
  seeCheckpointFiles,
  seeDisk,
  seeMail,
  seeMasterKey,
  seeMetricsPort,
  seeServicePort,
} from './surroundings.ts';

/** What `tooken doctor` answers. */
export interface Diagnosis {
  /** The worst that was found. */
  readonly level: Level;
  readonly checks: readonly ({ readonly check: string } & Finding)[];
  /** Those that could not be made, since what they look at could not be seen. */
  readonly left_out: readonly string[];
}

/** Looks at everything a service with this environment needs, whether it runs or not. Changes nothing. */
export async function diagnose(options: Omit<SessionOptions, 'route' | 'purpose'>): Promise<Diagnosis> {
  const facts = await Promise.race([gatherFacts(options), rejectionBy(options.signal)]);
  const findings = CHECKS.map(({ name, examine }) => ({ check: name, finding: examine(facts) }));
  const checks = findings.flatMap(({ check, finding }) => (finding === undefined ? [] : [{ check, ...finding }]));
  const levels = new Set(checks.map(({ level }) => level));
  return {
    level: levels.has('problem') ? 'problem' : levels.has('warning') ? 'warning' : 'ok',
    checks,
    left_out: findings.filter(({ finding }) => finding === undefined).map(({ check }) => check),
  };
}

async function gatherFacts({ env, onProgress }: Omit<SessionOptions, 'route' | 'purpose'>): Promise<Facts> {
  const [config, secrets] = [await see(() => readConfig(env)), await see(() => readSecrets(env))];
  const [knownConfig, knownSecrets] = [valueIn(config), valueIn(secrets)];
  const isEmbedded = knownSecrets !== undefined && knownSecrets.databaseUrl === undefined;
  const both = knownConfig && knownSecrets && { config: knownConfig, secrets: knownSecrets };
  return {
    program: { version: readVersion(), node: process.version, cores: availableParallelism() },
    config,
    secrets: mapSeen(secrets, ({ migrationDatabaseUrl }) => ({
      isEmbedded,
      hasMigrationUrl: migrationDatabaseUrl !== undefined,
    })),
    unknownVariables: unknownVariables(env),
    masterKey: both && (await seeMasterKey(env, both.secrets, both.config)),
    disk: both && isEmbedded ? await seeDisk(both.config.dataDir) : undefined,
    checkpointFiles: knownConfig && (await seeCheckpointFiles(knownConfig)),
    ...(await seePorts(knownConfig)),
    mail: knownSecrets?.smtp && (await seeMail(knownSecrets.smtp)),
    database: both && (await seeDatabase(both, onProgress)),
  };
}

async function seePorts(config: Config | undefined): Promise<Pick<Facts, 'servicePort' | 'metricsPort'>> {
  const isFixed = (port: number | undefined): port is number => port !== undefined && port !== 0;
  const metrics = config?.metrics ?? undefined;
  return {
    servicePort:
      config !== undefined && isFixed(config.port)
        ? await seeServicePort(originOf(config.host, config.port))
        : undefined,
    metricsPort:
      metrics !== undefined && isFixed(metrics.port)
        ? await seeMetricsPort(originOf(metrics.host, metrics.port))
        : undefined,
  };
}

/** It is a few small questions; a database that takes longer has gone silent. */
const DATABASE_DEADLINE_MS = 20_000;

async function seeDatabase(
  { config, secrets }: { readonly config: Config; readonly secrets: Secrets },
  onProgress: SessionOptions['onProgress'],
): Promise<Seen<DatabaseFacts>> {
  const { databaseUrl, migrationDatabaseUrl } = secrets;
  const { dataDir } = config;
  return see(async () => {
    const options = { databaseUrl, migrationDatabaseUrl, dataDir, maxConnections: 1, onProgress };
    const database = await attachDatabase({ ...options, purpose: 'inspect' });
    try {
      const witnesses = config.witnesses.map(({ key }) => key.name);
      const looking = selectDatabaseFacts(database.db, { clock: systemClock, witnesses });
      return await withinDeadline(looking, DATABASE_DEADLINE_MS);
    } catch (error) {
      throw asStartupError(error);
    } finally {
      await database.close();
    }
  });
}

/** The message of an unexpected one may quote anything; its code says what to look up. */
function asStartupError(error: unknown): unknown {
  const explained = explainConnection(error, 'DATABASE_URL');
  const code = databaseErrorCode(error);
  if (explained instanceof StartupError || code === undefined) return explained;
  return new StartupError(`The database refused a question about itself (${code}).`);
}

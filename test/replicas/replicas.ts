import { createFence } from '../../src/coherence/fence.ts';
import { createDigest } from '../../src/credentials/digest.ts';
import { createMasterKey } from '../../src/credentials/master-key.ts';
import { type ConnectionTarget, openPool } from '../../src/db/connection.ts';
import type { ApiKeyDeps } from '../../src/keys/create.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { listWorkspaces } from '../../src/operator/workspaces.ts';
import { databaseUrl } from '../support/database.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/proxy.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';

/** Several replicas on one database, as processes of their own, and what an operator needs to work on it. */
export interface Replicas extends AsyncDisposable {
  readonly processes: readonly ReplicaProcess[];
  /** Of the first start; nothing ever takes it. */
  readonly apiKey: string;
  readonly operator: Operator;
}

export interface ReplicaProcess extends ServiceProcess {
  /** Between it and the database, if it has one of its own. */
  readonly proxy: DatabaseProxy | undefined;
  /** Stops the process where it stands, and lets it go on. */
  freeze(): void;
  thaw(): void;
}

/** What the commands of an operator draw on: a connection to the database, and a fence without a replica. */
export interface Operator extends ApiKeyDeps {
  readonly workspaceId: WorkspaceId;
}

export interface ReplicasOptions {
  readonly count: number;
  readonly isProxied?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Of the first start on this database, if it was another one. */
  readonly apiKey?: string;
  /** Files in hooks/ that the last replica loads, and it alone. */
  readonly hooks?: readonly string[];
}

const MASTER_KEY = Buffer.alloc(32, 17);

export async function startReplicas(
  target: ConnectionTarget,
  { count, isProxied = false, env = {}, hooks = [], ...given }: ReplicasOptions,
): Promise<Replicas> {
  const started: ReplicaProcess[] = [];
  const stop = () => Promise.all(started.map(end));
  try {
    for (let n = 0; n < count; n += 1) {
      // One after the other: the first one prints the key.
      started.push(await startReplica(target, env, { isProxied, hooks: n === count - 1 ? hooks : [] }));
    }
    const apiKey = given.apiKey ?? started[0]?.apiKey;
    if (apiKey === undefined) throw new Error('the first start printed no API key');
    const pool = openPool(target, { maxConnections: 4, applicationName: 'tooken-operator' });
    const dispose = async () => {
      await Promise.all([stop(), pool.close()]);
    };
    return { processes: started, apiKey, operator: await createOperator(pool.db), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startReplica(
  target: ConnectionTarget,
  env: Readonly<Record<string, string>>,
  { isProxied, hooks }: { readonly isProxied: boolean; readonly hooks: readonly string[] },
): Promise<ReplicaProcess> {
  const proxy = isProxied ? await startDatabaseProxy(target) : undefined;
  const imports = hooks.map((name) => `--import ${new URL(`./hooks/${name}.mjs`, import.meta.url)}`);
  const process = await startService({
    NODE_OPTIONS: imports.join(' '),
    DATABASE_URL: databaseUrl(proxy?.through(target) ?? target),
    TOOKEN_MASTER_KEY: MASTER_KEY.toString('base64'),
    TOOKEN_RATE_REQUESTS: 'off',
    TOOKEN_RATE_INTROSPECTIONS: 'off',
    ...env,
  });
  return { ...process, proxy, freeze: () => signal(process, 'SIGSTOP'), thaw: () => signal(process, 'SIGCONT') };
}

function signal({ pid }: ServiceProcess, name: NodeJS.Signals): void {
  process.kill(pid, name);
}

async function end(replica: ReplicaProcess): Promise<void> {
  await replica.kill();
  await replica.proxy?.[Symbol.asyncDispose]();
}

async function createOperator(db: ApiKeyDeps['db']): Promise<Operator> {
  const [workspace] = await listWorkspaces({ db });
  if (workspace === undefined) throw new Error('the first start made no workspace');
  return {
    db,
    clock: systemClock,
    random: systemRandom,
    digest: createDigest(createMasterKey(MASTER_KEY).derive('credential-pepper')),
    fence: createFence({ connections: { use: (look) => look(db) }, clock: systemClock }),
    workspaceId: workspace.id as WorkspaceId,
  };
}

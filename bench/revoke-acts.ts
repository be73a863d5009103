import { connect } from '../src/db/connection.ts';
import { idFromUuid } from '../src/lib/ids.ts';
import { seedHotTokens } from './seed/tokens.ts';
import { seedWorkspace } from './seed/workspace.ts';
import type { Database } from './support/cluster.ts';
import { requestBytes } from './support/http-connection.ts';
import type { Keep } from './support/keep.ts';
import type { Act } from './support/latencies.ts';
import { openProbe } from './support/probe.ts';
import { type Server, startService } from './support/service.ts';

/** Inserts one small row: the least that anything durable can take. */
export async function bareCommits(keep: Keep, database: Database, clients: number): Promise<Act> {
  await database.sql`create table bench_commits (client int not null)`;
  const sql = connect(database.owner, { max: clients });
  await keep(Promise.resolve({ stop: () => sql.end() }));
  return async (client) => {
    const start = performance.now();
    await sql`insert into bench_commits (client) values (${client})`;
    return performance.now() - start;
  };
}

interface ReplicasOptions {
  readonly database: Database;
  readonly replicas: number;
  /** They spread over the replicas. */
  readonly clients: number;
  readonly tokenCount: number;
  readonly profileDir: string | undefined;
}

/** Starts as many services on one database. Each act revokes the next token and sees that all of them were waited for. */
export async function replicasUnderRevoke(
  keep: Keep,
  { database, replicas, clients, tokenCount, profileDir }: ReplicasOptions,
): Promise<Act> {
  const { sql } = database;
  const workspace = await seedWorkspace(sql);
  await seedHotTokens(sql, workspace, tokenCount);
  const rows = await sql<{ id: string }[]>`select id from tokens`;
  const requests = rows.map(({ id }) => revokeRequest(workspace.apiKey, idFromUuid('tkn', id))).values();
  const services: Server[] = [];
  while (services.length < replicas) services.push(await keep(startService({ database, profileDir })));
  const probes = Array.from({ length: clients }, (_, client) => openProbe(services[client % replicas]?.url ?? ''));
  await keep(Promise.resolve({ stop: async () => probes.forEach(({ close }) => void close()) }));
  return async (client) => {
    const { value: request, done } = requests.next();
    const probe = probes[client];
    if (done || probe === undefined) throw new RangeError('there are fewer tokens or clients than planned');
    const { ms, body } = await probe.exchange(request);
    const { effective } = JSON.parse(body) as { effective: { replicas: number } };
    if (effective.replicas !== replicas) throw new Error(`${effective.replicas} of ${replicas} replicas: ${body}`);
    return ms;
  };
}

function revokeRequest(apiKey: string, id: string): Buffer {
  return requestBytes({
    method: 'POST',
    path: `/v1/tokens/${id}/revoke`,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: '{}',
  });
}

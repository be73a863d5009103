import { type Crowd, runClients } from './clients/clients.ts';
import { createHttpClient } from './clients/http-client.ts';
import { introspect } from './clients/observations.ts';
import { callerByKey, createPopulation } from './clients/population.ts';
import { bringOwner } from './clients/sign-in.ts';
import type { Stage } from './clients/stage.ts';
import type { Operation } from './history.ts';
import type { Replicas } from './replicas.ts';

export interface RunOptions {
  /** The run goes on until so much is written down, and `disturb` has come to its end. */
  readonly operations: number;
  readonly crowd: Crowd;
  /** How long observers pause between two questions; 0 unless given. */
  readonly paceMs?: number;
  /** After how long a client takes an answer for lost; as good as never unless given. */
  readonly patienceMs?: number;
  /** Whether rights may end by time as well. */
  readonly hasEnds?: boolean;
  /** What the replicas have to go through meanwhile. Leaves them in order. */
  disturb?(): Promise<void>;
}

/** After everything has settled so many of the newest secrets are asked about once more, everywhere. */
const REVIEWED_SECRETS = 200;

/** Lets a crowd of clients work on replicas, and returns all that they did and were told. */
export async function recordHistory(
  { processes, apiKey, operator }: Replicas,
  { operations, crowd, paceMs = 0, patienceMs = 30_000, hasEnds = true, disturb = async () => {} }: RunOptions,
): Promise<readonly Operation[]> {
  const root = callerByKey(apiKey, 'the first API key');
  const history: Operation[] = [];
  let isDisturbed = true;
  const http = createHttpClient(patienceMs);
  const empty: Stage = {
    urls: processes.map(({ url }) => url),
    http,
    operator,
    root,
    population: createPopulation(root),
    history,
    hasEnds,
    paceMs,
    loose: new Set(),
    isOver: () => history.length >= operations && !isDisturbed,
  };
  const [given] = root.rights;
  history.push({
    kind: 'start',
    replica: null,
    sentMs: 0,
    receivedMs: 0,
    outcome: 'done',
    answer: '-',
    gives: given === undefined ? [] : [given],
  });
  const stage = (crowd.personLives ?? 0) === 0 ? empty : { ...empty, owner: await bringOwner(empty) };
  const disturbance = disturb().finally(() => {
    isDisturbed = false;
  });
  try {
    await Promise.all([runClients(stage, crowd), disturbance]);
    await review(stage);
  } finally {
    http.close();
  }
  return history;
}

async function review(stage: Stage): Promise<void> {
  for (const secret of stage.population.secrets.slice(-REVIEWED_SECRETS)) {
    await Promise.all(stage.urls.map((_, replica) => introspect(stage, replica, secret, stage.root)));
  }
}

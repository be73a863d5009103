import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplicaProcess } from './replicas.ts';

/** What replicas have to go through, so many times, one of them after the other. Each leaves all of them in order. */
export type Disturbance = (replicas: readonly ReplicaProcess[], rounds: number) => Promise<void>;

/** Shorter and longer than a lease, and than the patience of a client. */
const FROZEN_MS = [3_000, 1_500, 5_000, 700, 7_000];
const THAWING_MS = 500;
const AWAY_MS = [2_500, 500, 6_000];
const RECOVERY_MS = 1_500;

/** In every other round, the first included, it has heard of nothing when it goes on. */
export const frozen: Disturbance = (replicas, rounds) =>
  inTurn(replicas, rounds, async ({ freeze, thaw, proxy }, round) => {
    proxy?.dropNotifications(round % 2 === 0);
    freeze();
    await sleep(FROZEN_MS[round % FROZEN_MS.length]);
    thaw();
    await sleep(THAWING_MS);
    proxy?.dropNotifications(false);
  });

/** Its connections stay open, and nothing comes through them. */
export const blackHoled: Disturbance = (replicas, rounds) =>
  inTurn(replicas, rounds, async ({ proxy }, round) => {
    proxy?.fallSilent();
    await sleep(AWAY_MS[round % AWAY_MS.length]);
    proxy?.recover();
  });

export const cutOff: Disturbance = (replicas, rounds) =>
  inTurn(replicas, rounds, async ({ proxy }, round) => {
    proxy?.hangUp();
    await sleep(AWAY_MS[round % AWAY_MS.length]);
    proxy?.recover();
  });

/** Notifications get lost, for all of them, in each round for a while. */
export const withoutNotify: Disturbance = async (replicas, rounds) => {
  for (const { proxy } of replicas) proxy?.dropNotifications(true);
  await sleep(rounds * DEAF_MS);
  for (const { proxy } of replicas) proxy?.dropNotifications(false);
};

/** The wall clock of the last one, which has loaded hooks/stepping-clock, goes ahead and behind, and right in the end. */
export const clockSteps: Disturbance = async (replicas, rounds) => {
  for (let step = 0; step < CLOCK_STEPS * rounds; step += 1) {
    const replica = replicas.at(-1);
    if (replica !== undefined) process.kill(replica.pid, 'SIGWINCH');
    await sleep(STEPPED_MS);
  }
};

const DEAF_MS = 2_500;
const CLOCK_STEPS = 5;
const STEPPED_MS = 1_000;

async function inTurn(
  replicas: readonly ReplicaProcess[],
  rounds: number,
  disturb: (replica: ReplicaProcess, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const replica = replicas[round % replicas.length];
    if (replica !== undefined) await disturb(replica, round);
    await sleep(RECOVERY_MS);
  }
}

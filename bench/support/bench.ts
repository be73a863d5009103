import type { Cluster } from './cluster.ts';
import type { Report } from './report.ts';

/** One benchmark: what `npm run bench <name>` runs. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(setting: Setting): Promise<Report>;
}

/** What all benchmarks of a run share. */
export interface Setting {
  readonly size: Size;
  readonly cluster: Cluster;
  /** Where to leave CPU profiles of the services, if anywhere. */
  readonly profileDir: string | undefined;
}

export type Size = 'quick' | 'full' | 'large';

/** Contenders take turns in every round, so that what slows the machine down for a while slows all of them down. */
export async function inRounds(rounds: number, contenders: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) await contender();
  }
}

import { askJson } from './ask.ts';
import type { AskGrowth } from './judge-head.ts';
import { readGrowth } from './proof-file.ts';

/** Asks for proofs below `base`. A service that has none is one whose log does not go on as it should. */
export function growthFrom(base: string): AskGrowth {
  return async (from, to) => readGrowth(await askJson(`${base}/consistency.json?from=${from}&to=${to}`));
}

import type { Effective } from '../../coherence/fence.ts';

/** `effective on 2 of 2 replicas`: how far a change that takes rights away has got when it is told of. */
export function effectiveOn({ replicas }: Effective): string {
  return `effective on ${replicas} of ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`;
}

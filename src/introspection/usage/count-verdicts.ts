import type { Tally } from '../../telemetry/tally.ts';
import type { Usage } from './usage.ts';

/** `usage`, with what introspections find counted in `verdicts` as well. */
export function countVerdicts(usage: Usage, verdicts: Tally): Usage {
  return {
    introspected(introspection, at) {
      verdicts.add(introspection.outcome);
      usage.introspected(introspection, at);
    },
    called: (principal, address, at) => usage.called(principal, address, at),
  };
}

import type { Tally } from '../../telemetry/tally.ts';
import type { Usage } from './usage.ts';

/** `usage`, with what introspections find counted in `verdicts` as well. */
export function countVerdicts(usage: Usage, verdicts: Tally): Usage {
  return {
    introspected(introspection) {
      verdicts.add(introspection.outcome);
      usage.introspected(introspection);
    },
    called: (principal, address) => usage.called(principal, address),
  };
}

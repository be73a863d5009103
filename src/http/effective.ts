import { z } from '@hono/zod-openapi';
import type { Effective } from '../coherence/fence.ts';

/** What calls that take rights away say about how far that has got: everywhere. */
export const effectiveBody = z
  .object({
    replicas: z.int().openapi({ description: 'How many processes of the service answer accordingly: all there are.' }),
    waited_ms: z.int().openapi({ description: 'How long this call has waited for them after its change was made.' }),
  })
  .openapi('Effective', { example: { replicas: 4, waited_ms: 3 } });

export function presentEffective({ replicas, waitedMs }: Effective): z.output<typeof effectiveBody> {
  return { replicas, waited_ms: Math.round(waitedMs) };
}

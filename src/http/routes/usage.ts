import { z } from '@hono/zod-openapi';
import { BUCKETS } from '../../introspection/usage/buckets.ts';
import { USAGE_OUTCOMES } from '../../introspection/usage/outcome.ts';
import { listUsage } from '../../introspection/usage/read.ts';
import type { UsageRecord } from '../../introspection/usage/read-store.ts';
import { parseAddress, parseCidr, sourceOf } from '../../lib/addresses.ts';
import { idPattern, type TokenId } from '../../lib/ids.ts';
import { cursorInput, idSchema, instantInput, limitInput } from '../../web/fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { instantOutput, jsonAnswer, pageOf } from '../schemas.ts';

const SECRETS = ['current', 'previous'] as const;

/** Managers may introspect too. */
const INTROSPECTORS = ['key', 'tkn', 'usr'] as const;

const introspector = z
  .string()
  .refine((text) => INTROSPECTORS.some((prefix) => idPattern(prefix).test(text)), {
    error: 'must be the id of an API key, token or member',
  })
  .openapi({ example: 'key_01kav3c4r8e0jbwn7sgm5zkqd2' });

const outcomes = z
  .string()
  .transform((text) => [...new Set(text.split(','))].sort())
  .pipe(z.array(z.enum(USAGE_OUTCOMES, `must name ${USAGE_OUTCOMES.join(', ')}`)))
  .openapi({ type: 'string', example: 'revoked,expired' });

const source = z
  .string()
  .transform((text, context) => {
    const canonical = toSource(text);
    if (canonical !== undefined) return canonical;
    context.addIssue({ code: 'custom', message: 'must be an IP address, or an IPv6 /64' });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: '192.0.2.7' });

/** What usage knows an address by. */
function toSource(text: string): string | undefined {
  const address = parseAddress(text);
  if (address !== undefined) return sourceOf(address);
  const block = parseCidr(text);
  return block?.includes(':') === true && block.endsWith('/64') ? block : undefined;
}

const query = z.strictObject({
  bucket: z.enum(BUCKETS).default('hour').openapi({
    description: 'What one entry counts. Minutes are kept for 48 hours, hours for 90 days, days for 400 days.',
  }),
  token_id: idSchema('tkn').optional(),
  introspector_id: introspector.optional(),
  outcome: outcomes.optional(),
  secret: z.enum(SECRETS).optional(),
  source: source.optional(),
  since: instantInput.optional().openapi({ description: 'Buckets that start at this time or later.' }),
  until: instantInput.optional().openapi({ description: 'Buckets that start before this time.' }),
  limit: limitInput,
  cursor: cursorInput,
});

const usageBody = z
  .object({
    bucket: z.enum(BUCKETS),
    starts_at: instantOutput.openapi({ description: 'When the bucket starts, in UTC.' }),
    token_id: idSchema('tkn')
      .nullable()
      .openapi({ description: 'Null for what led to no token of this workspace and environment.' }),
    introspector_id: z.string().nullable().openapi({
      description: 'The API key, token or member that asked; null when the token called Tooken itself.',
      example: 'key_01kav3c4r8e0jbwn7sgm5zkqd2',
    }),
    source: z.string().nullable().openapi({
      description:
        'Where the holder came from, an IPv4 address or an IPv6 /64. Null if the introspector sent no `client_ip`, or the token has come from more than 100 sources.',
      example: '192.0.2.7',
    }),
    outcome: z.enum(USAGE_OUTCOMES).openapi({
      description: '`missing_scope` is an active token that lacked the `required_scope`. The caller was told less.',
    }),
    secret: z
      .enum(SECRETS)
      .nullable()
      .openapi({ description: 'Which secret of the token was presented; null where there is no token.' }),
    count: z.int().openapi({ example: 1_204 }),
    last_used_at: instantOutput,
  })
  .openapi('Usage');

const listRoute = defineRoute('listUsage', {
  summary: 'See who uses which token, from where',
  description:
    'Counts of introspections, and of calls that tokens made to Tooken itself, newest first. Filters add up; outcomes may be given with commas. Counts are a second or two behind. Members without further access, and their tokens, see how their own tokens were used.',
  tags: ['Usage'],
  request: { query },
  responses: { 200: jsonAnswer('A page of counts.', pageOf(usageBody).openapi('UsagePage')) },
});

export function mountUsage(api: Api, services: Services): void {
  api.openapi(listRoute, async (c) => {
    const { bucket, token_id, introspector_id, outcome, secret, source, since, until, limit, cursor } =
      c.req.valid('query');
    const { items, nextCursor } = await listUsage(services, c.get('caller'), {
      bucket,
      limit,
      ...(token_id !== undefined && { tokenId: token_id as TokenId }),
      ...(introspector_id !== undefined && { introspectorId: introspector_id }),
      ...(outcome !== undefined && { outcomes: outcome }),
      ...(secret !== undefined && { secret }),
      ...(source !== undefined && { source }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
      ...(cursor !== undefined && { cursor }),
    });
    return c.json({ data: items.map((item) => present(item, bucket)), next_cursor: nextCursor }, 200);
  });
}

function present(record: UsageRecord, bucket: z.output<typeof usageBody>['bucket']): z.output<typeof usageBody> {
  return {
    bucket,
    starts_at: record.startsAt.toISOString(),
    token_id: record.tokenId,
    introspector_id: record.introspectorId,
    source: record.source,
    outcome: record.outcome,
    secret: record.secret,
    count: record.count,
    last_used_at: record.lastUsedAt.toISOString(),
  };
}

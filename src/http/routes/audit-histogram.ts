import { z } from '@hono/zod-openapi';
import { countEvents } from '../../audit/queries/histogram.ts';
import { INTERVALS } from '../../audit/queries/histogram-store.ts';
import { auditFilterFields, viewerOf } from '../../web/audit-filters.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { instantOutput, jsonAnswer } from '../schemas.ts';

const { action, outcome, since, until } = auditFilterFields;
const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;
/** RFC 3339 has four digits for the year. */
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const query = z.strictObject({
  interval: z.enum(INTERVALS, 'must be hour, day, week or month').default('day'),
  since: since.openapi({ description: `Unless given, ${DEFAULT_DAYS} days before \`until\`.` }),
  until: until.openapi({ description: 'Unless given, now.' }),
  action,
  outcome,
  time_zone: z.string().max(64).default('UTC').openapi({
    description: 'Where days, weeks (from Monday) and months begin at midnight: a name of the IANA database.',
    example: 'Europe/Berlin',
  }),
});

const count = z.int();

const histogramBody = z
  .object({
    interval: z.enum(INTERVALS),
    time_zone: z.string(),
    data: z.array(
      z.object({
        start: instantOutput,
        end: instantOutput.openapi({ description: 'Excluded.' }),
        total: count,
        by_outcome: z.object({ success: count, denied: count, failure: count }),
      }),
    ),
  })
  .openapi('AuditHistogram');

const histogramRoute = defineRoute('countAuditEvents', {
  summary: 'Count audit events by time',
  description: `For charts: how many events there were in each hour, day, week or month, the empty ones too. Intervals are
always whole, so the first may begin before \`since\` and the last end after \`until\`. At most 1,000 of them.`,
  tags: ['Audit log'],
  request: { query },
  responses: { 200: jsonAnswer('The counts, oldest first.', histogramBody) },
});

export function mountAuditHistogram(api: Api, services: Services): void {
  const { db, clock } = services;
  api.openapi(histogramRoute, async (c) => {
    const { interval, time_zone, action: actions, outcome: outcomes, ...range } = c.req.valid('query');
    const until = range.until ?? clock.now();
    const since = range.since ?? new Date(until.getTime() - DEFAULT_DAYS * DAY_MS);
    const request = { interval, timeZone: time_zone, since, until, actions, outcomes };
    const buckets = await countEvents(db, viewerOf(c.get('caller')), request);
    const data = buckets.map(({ start, end, ...by_outcome }) => ({
      start: start.toISOString(),
      end: new Date(Math.min(end.getTime(), LAST_INSTANT)).toISOString(),
      total: by_outcome.success + by_outcome.denied + by_outcome.failure,
      by_outcome,
    }));
    return c.json({ interval, time_zone, data }, 200);
  });
}

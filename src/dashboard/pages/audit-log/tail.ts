import { z } from 'zod';
import { ServiceError } from '../../../lib/errors.ts';
import { LEAF_POSITION, POSITION_PROBLEM } from '../../../web/audit-filters.ts';
import { FOLLOW_HEADERS, openFollow } from '../../../web/audit-follow.ts';
import { parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { readFilters } from './filters.ts';
import { rowOf } from './list-row.ts';

const position = z.object({ after: z.string().regex(LEAF_POSITION, POSITION_PROBLEM).transform(Number).optional() });

/** What follows the list: each new event that its filters want, as a row. */
export function mountEventStream(pages: Pages): void {
  pages.background('/audit-log/stream', 'streamAuditEvents', async (c, visit, recheck) => {
    // It would hold its place for ever: nobody reads a body that is not sent.
    if (c.req.method === 'HEAD') return c.body(null, 200, FOLLOW_HEADERS);
    const { read } = readFilters(visit.query);
    if ('problems' in read)
      throw new ServiceError('validation_failed', { message: read.problems.map(({ text }) => text).join(' ') });
    const { after } = parseFields(position, { after: visit.query.get('after') ?? undefined });
    const stream = await openFollow(visit.services, {
      caller: visit.caller,
      requestId: c.get('requestId'),
      filters: read.filters,
      after,
      recheck,
      isAnswered: () => c.finalized,
      present: (event) => rowOf(event, visit.at),
    });
    return c.body(stream, 200, FOLLOW_HEADERS);
  });
}

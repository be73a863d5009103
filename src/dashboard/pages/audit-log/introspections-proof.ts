import { toBase64 } from '../../../audit/core/base64.ts';
import { parseSize } from '../../../audit/core/size.ts';
import { proveRecord } from '../../../introspection/recorded/read.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { viewerOf } from '../../../web/audit-filters.ts';
import type { Pages } from '../../kernel/pages.ts';
import { eventIdOf } from './event-record.ts';

/** That one introspection is among those that its event commits to. */
export function mountIntrospectionProof(pages: Pages): void {
  pages.answer('/audit-log/:id/introspections/:position/proof.json', 'proveIntrospectionRecord', async (c, visit) => {
    const id = eventIdOf(visit);
    const position = parseSize(visit.param('position'));
    if (position === undefined) throw new ServiceError('not_found');
    const proof = await proveRecord(visit.services.db, viewerOf(visit.caller), id, position);
    if (proof === undefined) throw new ServiceError('not_found');
    const { record, size, root, hashes } = proof;
    c.header('Cache-Control', 'no-store');
    return c.json({ event: id, position, line: record.line, size, root, hashes: hashes.map(toBase64) });
  });
}

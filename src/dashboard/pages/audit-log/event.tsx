import { proveEvent } from '../../../audit/checkpoints/prove.ts';
import { listRecords } from '../../../introspection/recorded/read.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { viewerOf } from '../../../web/audit-filters.ts';
import { proofDocument } from '../../../web/proof-document.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { EventSentence } from '../../parts/event-sentence.tsx';
import { thousands } from '../../parts/times.ts';
import { EventChanges } from './event-changes.tsx';
import { EventFacts } from './event-facts.tsx';
import { EventJson } from './event-json.tsx';
import { NeighbourLinks, readNeighbours } from './event-neighbours.tsx';
import { EventPlace } from './event-place.tsx';
import { EventProof } from './event-proof.tsx';
import { eventIdOf, readRecord } from './event-record.ts';
import { readStanding } from './event-standing.ts';
import { Introspections, readIntrospections } from './introspections.tsx';
import { mountIntrospectionProof } from './introspections-proof.ts';

/** One event, and its proof. To be mounted after every page whose name could pass for an id. */
export function mountAuditEvent(pages: Pages): void {
  pages.page('/audit-log/:id', 'getAuditEvent', showEvent);

  pages.answer('/audit-log/:id/proof.json', 'proveAuditEvent', async (c, visit) => {
    const [proof, records] = await Promise.all([proofOf(visit), recordsOf(visit)]);
    c.header('Cache-Control', 'no-store');
    return c.json({ ...proofDocument(proof), ...(records !== undefined && { records }) });
  });

  pages.answer('/audit-log/:id/proof.tlog-proof', 'proveAuditEvent', async (c, visit) => {
    const { tlogProof } = await proofOf(visit);
    c.header('Cache-Control', 'no-store');
    return c.text(tlogProof);
  });

  mountIntrospectionProof(pages);
}

async function showEvent(visit: Visit): Promise<View> {
  const record = await readRecord(visit);
  const { event } = record;
  const standing = await readStanding(visit);
  const [neighbours, introspections] = await Promise.all([
    readNeighbours(visit, { index: event.leaf_index, size: standing.size }),
    readIntrospections(visit, event),
  ]);
  return {
    title: `Event ${thousands(event.leaf_index)}`,
    section: 'audit-log',
    crumbs: [{ title: 'Audit log', href: visit.at('/audit-log') }],
    scripts: ['verify.js'],
    body: (
      <>
        <p class="lead">
          <EventSentence event={event} />.
        </p>
        {event.redacted && (
          <div class="alert">
            Personal data of this event has been erased. The record itself is as it was, and so is every proof over it.
          </div>
        )}
        <div class="event-page">
          <EventFacts visit={visit} record={record} />
          <div class="stack">
            <EventPlace visit={visit} record={record} standing={standing} />
            <EventChanges record={record} />
          </div>
        </div>
        <EventProof visit={visit} record={record} />
        {introspections !== undefined && <Introspections visit={visit} event={event} page={introspections} />}
        <EventJson record={record} />
        <NeighbourLinks visit={visit} neighbours={neighbours} />
      </>
    ),
  };
}

async function proofOf(visit: Visit) {
  const proof = await proveEvent(visit.services, viewerOf(visit.caller), eventIdOf(visit));
  if (proof === undefined) throw new ServiceError('not_found');
  return proof;
}

/** The lines of single introspections, as an export has them; undefined if the event stands for none. */
async function recordsOf(visit: Visit): Promise<string | undefined> {
  const records = await listRecords(visit.services.db, viewerOf(visit.caller), eventIdOf(visit));
  return records?.map(({ line }) => line).join('\n');
}

import { servedNote } from '../../../audit/checkpoints/checkpoints.ts';
import { proveGrowth } from '../../../audit/checkpoints/prove.ts';
import { publishedCheckpoint, publishedVerifierKey } from '../../../audit/checkpoints/published.ts';
import { parseSize } from '../../../audit/core/size.ts';
import { logIdOf } from '../../../audit/events/append.ts';
import { ServiceError } from '../../../lib/errors.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { readStanding } from './event-standing.ts';
import { ExportCard, KeptCard, OfflineCard } from './verify-cards.tsx';
import { HeadCard, type LogHead } from './verify-head.tsx';

/** The whole log: what is signed of it, and ways to check that against one's own record. */
export function mountAuditVerify(pages: Pages): void {
  pages.page('/audit-log/verify', 'getCheckpoint', showVerify);

  pages.answer('/audit-log/head.json', 'getCheckpoint', async (c, visit) => {
    const { checkpoint, key } = await headOf(visit);
    c.header('Cache-Control', 'no-store');
    return c.json({ checkpoint, verifier_key: key });
  });

  pages.answer('/audit-log/checkpoint.txt', 'getCheckpoint', async (c, visit) => {
    const { checkpoint } = await headOf(visit);
    c.header('Cache-Control', 'no-store');
    return c.text(checkpoint);
  });

  pages.answer('/audit-log/key.txt', 'getVerifierKey', async (c, visit) => {
    const { key } = await headOf(visit);
    c.header('Cache-Control', 'no-store');
    return c.text(`${key}\n`);
  });

  pages.answer('/audit-log/consistency.json', 'getCheckpoint', async (c, visit) => {
    const [oldSize, newSize] = ['from', 'to'].map((name) => parseSize(visit.query.get(name) ?? ''));
    if (oldSize === undefined || newSize === undefined) throw new ServiceError('invalid_request');
    const { workspaceId } = visit.caller.principal;
    const hashes = await proveGrowth(visit.services, { workspaceId }, { oldSize, newSize });
    if (hashes === undefined) throw new ServiceError('not_found');
    c.header('Cache-Control', 'no-store');
    return c.json({ from: oldSize, to: newSize, hashes });
  });
}

async function showVerify(visit: Visit): Promise<View> {
  // Signs what is not signed yet, so that what is read after it is up to date.
  const head = await headOf(visit);
  const standing = await readStanding(visit);
  const base = visit.at('/audit-log');
  return {
    title: 'Verify the log',
    section: 'audit-log',
    crumbs: [{ title: 'Audit log', href: base }],
    scripts: ['verify.js'],
    body: (
      <>
        <p class="narrow">
          A checkpoint says how many events the log has and what they are, in one hash, signed. Whoever keeps one
          outside of the reach of this service can tell later whether anything before it was changed, removed or put in,
          by whomever.
        </p>
        <div class="columns">
          <HeadCard visit={visit} head={head} standing={standing} />
          <KeptCard base={base} />
        </div>
        <ExportCard base={base} />
        <OfflineCard />
      </>
    ),
  };
}

/** @throws ServiceError `unavailable` if nothing is signed, and nothing can be */
async function headOf({ services, caller }: Visit): Promise<LogHead> {
  const logId = logIdOf(caller.principal.workspaceId);
  const checkpoint = await publishedCheckpoint(services, logId);
  return { checkpoint: servedNote(checkpoint), key: await publishedVerifierKey(services, logId) };
}

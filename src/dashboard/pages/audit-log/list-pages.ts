import type { Pages } from '../../kernel/pages.ts';
import { mountEventExport } from './export.tsx';
import { mountEventList } from './list.tsx';
import { mountEventStream } from './tail.ts';

/** The list of events, what follows it, and its export. Before the pages of single events, whose ids their paths are not. */
export function mountAuditList(pages: Pages): void {
  mountEventList(pages);
  mountEventStream(pages);
  mountEventExport(pages);
}

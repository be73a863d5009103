import { z } from 'zod';
import { beginDownload } from '../../../web/audit-export.ts';
import { auditFilterFields, auditFiltersOf, auditSearchField, exportFields } from '../../../web/audit-filters.ts';
import { toServiceError } from '../../../web/failure.ts';
import { type Draft, type Form, formOf, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { Outcome, View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { ExportForm, ExportNotes } from './export-form.tsx';
import { inWords, meantBy, readFilters } from './filters.ts';
import { filterDraft } from './filters-form.tsx';

/** Takes the log, or some of it, away as a file. A form, since it leaves an event: nothing changes on GET. */
export function mountEventExport(pages: Pages): void {
  pages.form('/audit-log/export', 'exportAuditLog', { show, submit });
}

function show(visit: Visit, draft: Draft): View {
  const isNew = draft.form.entries.length === 0;
  return {
    title: 'Export the audit log',
    section: 'audit-log',
    crumbs: [{ title: 'Audit log', href: visit.at('/audit-log') }],
    body: (
      <div class="columns log-export">
        <ExportForm visit={visit} draft={isNew ? firstDraft(visit) : draft} />
        <ExportNotes visit={visit} />
      </div>
    ),
  };
}

/** What the list was narrowed down to. */
function firstDraft({ query }: Visit): Draft {
  const draft = filterDraft(readFilters(query));
  return { ...draft, form: formOf([...draft.form.entries, ['format', 'ndjson']]) };
}

const schema = z.object({ ...auditFilterFields, q: auditSearchField, ...exportFields });

async function submit({ services, caller }: Visit, form: Form): Promise<Outcome> {
  const { format, previous, q: words, ...filters } = read(form);
  const download = await beginDownload(services, {
    caller,
    filters: { ...filters, words },
    format,
    previous,
  });
  return {
    download: (c, recheck) => {
      const stream = download.send({
        requestId: c.get('requestId'),
        outgoing: c.env?.outgoing,
        isAnswered: c.finalized,
        recheck,
      });
      return c.body(stream, 200, { ...download.headers, 'Cache-Control': 'no-store' });
    },
  };
}

/** @throws ServiceError `validation_failed`, in the words of the page */
function read(form: Form) {
  const { set } = readFilters({ get: (name) => form.text(name) });
  const previous = form.text('previous').trim();
  try {
    const fields = { ...meantBy(set), format: form.text('format'), ...(previous !== '' && { previous }) };
    const { format, previous: size, q, ...filters } = parseFields(schema, fields);
    return { ...auditFiltersOf(filters), q, format, previous: size };
  } catch (thrown) {
    throw inWords(toServiceError(thrown));
  }
}

import { SUBJECT_TYPES, type SubjectType } from '../../../audit/erasures/subject.ts';
import { type Erasure, erasePersonalData, measureSubject } from '../../../introspection/erasure.ts';
import { erasureInput, subjectOf } from '../../../web/erasure-fields.ts';
import { type Draft, type Form, freshDraft, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther, showOnce, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { counted } from '../../parts/times.ts';
import { EraseConfirmation } from './erase-confirm.tsx';
import { EraseForm } from './erase-form.tsx';

/** Takes the personal data of one subject out of the log, once it was said how much that is. */
export function mountErase(pages: Pages): void {
  pages.form('/audit-log/erase', 'erasePersonalData', {
    show: (visit, draft) =>
      viewOf(visit, <EraseForm visit={visit} draft={draft.form.entries.length === 0 ? askedFor(visit) : draft} />),
    async submit(visit, form) {
      const order = orderOf(form);
      if (!form.has('is_confirmed')) {
        const extent = await measureSubject(visit.services, visit.caller.principal.workspaceId, order.subject);
        return showOnce(viewOf(visit, <EraseConfirmation visit={visit} order={order} extent={extent} />));
      }
      const erasure = await erasePersonalData(visit.services, visit.caller, order);
      return seeOther(visit.at(`/audit-log/${erasure.eventIds.at(-1) ?? ''}`), noticeOf(erasure));
    },
  });
}

function viewOf(visit: Visit, body: View['body']): View {
  return {
    title: 'Erase personal data',
    section: 'audit-log',
    crumbs: [{ title: 'Audit log', href: visit.at('/audit-log') }],
    body,
  };
}

/** What a link has put into the address. */
function askedFor({ query }: Visit): Draft {
  const type = SUBJECT_TYPES.find((each: SubjectType) => each === query.get('type')) ?? 'source';
  return freshDraft({ type, subject: query.get('id') ?? '' });
}

function orderOf(form: Form) {
  const reason = form.text('reason').trim();
  const { subject } = parseFields(erasureInput, {
    subject: { type: form.text('type'), id: form.text('subject').trim() },
    ...(reason !== '' && { reason }),
  });
  return { subject: subjectOf(subject), note: reason === '' ? undefined : reason };
}

/** Without whom it was about, who is to be forgotten. */
function noticeOf({ events, payloads, usageRows, requestRows }: Erasure): string {
  const elsewhere = usageRows + requestRows;
  const traces = elsewhere === 0 ? '' : ` ${counted(elsewhere, 'row')} of usage and requests forgot it too.`;
  return events === 0
    ? `Nothing was left to erase in the log; this event says so.${traces}`
    : `${counted(payloads, 'piece')} of personal data erased from ${counted(events, 'event')}; this event says so.${traces}`;
}

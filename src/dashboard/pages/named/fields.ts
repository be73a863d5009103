import type { ExpectedRevisions } from '../../../lib/revision.ts';
import type { Draft, Form } from '../../kernel/form.ts';
import { freshDraft } from '../../kernel/form.ts';

/** What is in a field of several lines, or null if there is nothing in it. Browsers send line breaks as two characters. */
export function textOrNull(form: Form, name: string): string | null {
  const text = form.text(name).replaceAll('\r\n', '\n').trim();
  return text === '' ? null : text;
}

/** The hidden field that says which state of a thing was open when somebody began to change it. */
export const REVISION_FIELD = 'revision';

/** What the form expects to change: the state that was open. A form that does not say changes nothing. */
export function expectedBy(form: Form): ExpectedRevisions {
  return [Number.parseInt(form.text(REVISION_FIELD), 10)];
}

/** The form as it was sent, or as it is when it is opened. */
export function draftOf(draft: Draft, values: Parameters<typeof freshDraft>[0]): Draft {
  return draft.form.has('csrf') ? draft : freshDraft(values);
}

/** Whether the thing has changed since the form was opened. */
export function isStale({ form }: Draft, { revision }: { readonly revision: number }): boolean {
  return form.has(REVISION_FIELD) && form.text(REVISION_FIELD) !== String(revision);
}

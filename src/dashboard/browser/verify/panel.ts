import type { Kept } from './judge-head.ts';
import { type Report, showReport, showTrouble } from './show.ts';
import { messageOf } from './step.ts';

/** A part of a page that verifies something: it has a button, and a place for what came of it. */
export interface Panel {
  readonly root: HTMLElement;
  /** Where the pages of the audit log are: `/live/audit-log`. */
  readonly base: string;
  readonly place: Element;
}

/** Shows the part, which is of no use without scripts, and lets its button run `verify`. */
export function preparePanel(name: string, verify: (panel: Panel) => Promise<Report>): void {
  const root = document.querySelector<HTMLElement>(`[data-verify="${name}"]`);
  const button = root?.querySelector<HTMLButtonElement>('button[data-run]');
  const place = root?.querySelector('[data-report]');
  if (!root || !button || !place) return;
  root.hidden = false;
  const panel = { root, base: root.dataset.base ?? '', place };
  button.addEventListener('click', () => {
    button.disabled = true;
    void verify(panel)
      .then((report) => showReport(place, report))
      .catch((error: unknown) => showTrouble(place, `Nothing could be verified. ${messageOf(error)}`))
      .finally(() => {
        button.disabled = false;
      });
  });
}

/** What the visitor has put into the fields for it, of which a page has one each. */
export function keptHere(): Kept {
  const read = (name: string) =>
    document.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name="${name}"]`)?.value.trim() ?? '';
  return { key: read('kept_key'), checkpoint: read('kept_checkpoint') };
}

import { systemClock } from '../../../lib/clock.ts';

/** What the stream of the audit log says of an event: the page it belongs to has such rows already. */
export interface EventRow {
  readonly index: number;
  readonly href: string;
  readonly action: string;
  readonly said: readonly SentencePart[];
  readonly outcome: { readonly tone: string; readonly text: string };
  readonly actor: { readonly said: readonly SentencePart[]; readonly href: string };
  readonly source: readonly SentencePart[];
  readonly at: string;
  readonly exact: string;
}

interface SentencePart {
  readonly as: 'words' | 'name' | 'code' | 'erased';
  readonly text: string;
}

/** A row of the page's template with an event in it. All of that is put there as text, whatever it looks like. */
export function makeRow(template: HTMLTemplateElement, event: EventRow): HTMLElement {
  const row = document.importNode(template.content, true).querySelector('tr');
  if (row === null) throw new Error('the template has no row');
  row.dataset.index = String(event.index);
  row.classList.add('event-new');
  const part = (name: string) => row.querySelector<HTMLElement>(`[data-part="${name}"]`);
  lead(part('said'), event.href, event.said);
  lead(part('actor'), event.actor.href, event.actor.said);
  part('source')?.replaceChildren(phrase(event.source));
  part('action')?.replaceChildren(event.action);
  part('exact')?.replaceChildren(event.exact);
  part('when')?.setAttribute('datetime', event.at);
  const badge = row.querySelector('.badge');
  if (badge !== null) {
    badge.className = `badge badge-${event.outcome.tone}`;
    badge.textContent = event.outcome.text;
  }
  tellAge(row);
  return row;
}

/** How long ago the event of a row was. */
export function tellAge(row: HTMLElement): void {
  const at = row.querySelector('time')?.dateTime ?? '';
  const minutes = Math.floor((systemClock.now().getTime() - Date.parse(at)) / 60_000);
  const text = minutes < 1 ? 'just now' : `${minutes} minute${minutes === 1 ? '' : 's'} ago`;
  row.querySelector('[data-part="relative"]')?.replaceChildren(text);
}

/** The sentence as it is read out. */
export function plainText(said: readonly SentencePart[]): string {
  return said.map(({ text }) => text).join('');
}

function lead(link: HTMLElement | null, href: string, said: readonly SentencePart[]): void {
  if (!(link instanceof HTMLAnchorElement)) return;
  // Only ever within this host, whatever the text says.
  link.href = new URL(href, location.origin).pathname + new URL(href, location.origin).search;
  link.replaceChildren(phrase(said));
}

const TAGS = { name: 'bdi', code: 'code', erased: 'em' } as const;

function phrase(said: readonly SentencePart[]): HTMLElement {
  const sentence = document.createElement('span');
  sentence.className = 'sentence';
  for (const { as, text } of said) {
    if (as === 'words') sentence.append(text);
    else {
      const element = document.createElement(TAGS[as]);
      if (as !== 'code') element.className = `said-${as}`;
      element.textContent = text;
      sentence.append(element);
    }
  }
  return sentence;
}

import type { Fact, Step } from './step.ts';

const BADGES = {
  holds: ['good', 'Holds'],
  fails: ['bad', 'Does not hold'],
  open: ['plain', 'Not compared'],
} as const;

/** All in one sentence, what was looked at, and what else there is to say. Texts stay texts, whatever is in them. */
export interface Report {
  readonly isGood: boolean;
  readonly verdict: string;
  readonly steps: readonly Step[];
  readonly facts?: { readonly title: string; readonly facts: readonly Fact[] } | undefined;
}

export function showReport(place: Element, { isGood, verdict, steps, facts }: Report): void {
  place.replaceChildren(
    alert(isGood, verdict),
    ...(steps.length === 0 ? [] : [element('ol', { class: 'checks' }, steps.map(stepItem))]),
    ...(facts === undefined ? [] : [element('h3', {}, [facts.title]), factList(facts.facts)]),
  );
}

/** What could not be done at all, and why. */
export function showTrouble(place: Element, message: string): void {
  place.replaceChildren(alert(false, message));
}

export function showProgress(
  place: Element,
  message: string,
  share: { readonly done: number; readonly all: number } | undefined,
): void {
  const bar = { class: 'check-progress', 'aria-label': 'Verified so far' };
  const extent = share === undefined ? {} : { value: String(share.done), max: String(share.all) };
  place.replaceChildren(element('p', { class: 'muted' }, [message]), element('progress', { ...bar, ...extent }, []));
}

function alert(isGood: boolean, text: string): Element {
  const tone = isGood ? 'alert-good' : 'alert-bad';
  return element('div', { class: `alert ${tone}`, role: isGood ? 'status' : 'alert' }, [text]);
}

function stepItem({ title, outcome, said, numbers = [] }: Step): Element {
  const [tone, word] = BADGES[outcome];
  const head = element('p', { class: 'check-head' }, [
    element('strong', {}, [title]),
    ' ',
    element('span', { class: `badge badge-${tone}` }, [word]),
  ]);
  return element('li', { class: `check check-${outcome}` }, [
    head,
    element('p', {}, [said]),
    ...(numbers.length === 0 ? [] : [factList(numbers, 'check-numbers')]),
  ]);
}

function factList(facts: readonly Fact[], more = ''): Element {
  return element(
    'dl',
    { class: `facts ${more}`.trim() },
    facts.map(([name, value]) =>
      element('div', {}, [element('dt', {}, [name]), element('dd', {}, [element('code', { dir: 'auto' }, [value])])]),
    ),
  );
}

function element(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly (Element | string)[],
): Element {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

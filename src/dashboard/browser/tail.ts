import { type EventRow, makeRow, plainText, tellAge } from './parts/event-row.ts';
import { type FollowEnd, follow } from './parts/follow.ts';

/** The list with its panel, which is another one after each change of the filters. */
interface Panel {
  readonly results: HTMLElement;
  readonly stream: string;
  readonly watch: HTMLButtonElement;
  readonly pause: HTMLButtonElement;
  readonly state: HTMLElement;
  readonly log: HTMLElement;
  readonly rows: HTMLElement;
}

/** More than that nobody reads, and the page gets slow. */
const MOST_ROWS = 1_000;
const MOST_READ_OUT = 20;
const AGE_INTERVAL_MS = 30_000;

const ENDS: Readonly<Record<FollowEnd, string>> = {
  signed_out: 'You are signed out. Load the page again to sign in.',
  forbidden: 'Your access no longer covers the audit log.',
  lost: 'The list cannot go on from here. Load the page again.',
};

const template = document.querySelector<HTMLTemplateElement>('template#event-row');
let isWatching = false;
let isPaused = false;
let stop = (): void => {};

function findPanel(): Panel | undefined {
  const results = document.querySelector<HTMLElement>('#results');
  const live = results?.querySelector<HTMLElement>('.live');
  const rows = results?.querySelector<HTMLElement>('.events tbody');
  const part = <Found extends HTMLElement>(name: string) => live?.querySelector<Found>(`[data-live="${name}"]`);
  const [watch, pause] = [part<HTMLButtonElement>('watch'), part<HTMLButtonElement>('pause')];
  const [state, log] = [part('state'), part('log')];
  if (!(results && live && rows && watch && pause && state && log)) return undefined;
  live.hidden = false;
  return { results, stream: live.dataset.stream ?? '', watch, pause, state, log, rows };
}

/** Takes over the list that is shown now. */
function attach(from: HTMLTemplateElement): void {
  stop();
  const panel = findPanel();
  if (panel === undefined) return;
  panel.watch.addEventListener('click', () => {
    isWatching = !isWatching;
    isPaused = false;
    stop();
    if (isWatching) stop = start(panel, from);
  });
  if (isWatching) stop = start(panel, from);
}

/** Returns how to end it. */
function start(panel: Panel, from: HTMLTemplateElement): () => void {
  const ending = new AbortController();
  const waiting: EventRow[] = [];
  let count = 0;
  let isConnected = false;

  function show(): void {
    panel.watch.setAttribute('aria-pressed', String(isWatching));
    panel.pause.hidden = !isWatching;
    panel.pause.textContent = isPaused ? 'Go on' : 'Pause';
    panel.state.textContent = isWatching ? stateText() : '';
  }

  function stateText(): string {
    if (isPaused) return `Paused, ${counted(waiting.length)} waiting`;
    if (!isConnected) return 'Connecting …';
    return count === 0 ? 'Waiting for events' : `${counted(count)} so far`;
  }

  function take(event: EventRow): void {
    count += 1;
    if (isPaused) waiting.push(event);
    else put(event);
    if (count >= MOST_ROWS) finish(`${counted(count)}. Load the page again to go on.`);
    else show();
  }

  function put(event: EventRow): void {
    panel.results.querySelector<HTMLElement>('.events')?.removeAttribute('hidden');
    panel.results.querySelector<HTMLElement>('.empty')?.remove();
    panel.rows.prepend(makeRow(from, event));
    const line = document.createElement('p');
    line.textContent = plainText(event.said);
    panel.log.append(line);
    if (panel.log.childElementCount > MOST_READ_OUT) panel.log.firstElementChild?.remove();
  }

  function goOn(): void {
    for (const event of waiting.splice(0)) put(event);
  }

  function turn(): void {
    isPaused = !isPaused;
    if (!isPaused) goOn();
    show();
  }

  function finish(text: string): void {
    ending.abort();
    isPaused = false;
    isWatching = false;
    goOn();
    show();
    panel.state.textContent = text;
  }

  panel.pause.addEventListener('click', turn, { signal: ending.signal });
  const ages = setInterval(() => {
    for (const row of panel.rows.querySelectorAll<HTMLElement>('.event-new')) tellAge(row);
  }, AGE_INTERVAL_MS);
  ending.signal.addEventListener('abort', () => clearInterval(ages));
  void follow(panel.stream, {
    signal: ending.signal,
    onData: (data) => take(JSON.parse(data) as EventRow),
    onConnection(isThere) {
      isConnected = isThere;
      show();
    },
  }).then((end) => {
    if (end !== undefined) finish(ENDS[end]);
  });
  show();
  return () => {
    ending.abort();
    goOn();
    show();
  };
}

function counted(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'event' : 'events'}`;
}

if (template !== null) {
  attach(template);
  document.addEventListener('results', () => attach(template));
}

import { offerCopies } from './copy.ts';

const PAUSE_MS = 250;

/**
 * A form of filters (`data-filter`) applies itself as one types: what is in `#results` is fetched anew, and the address says what is
 * shown. Without scripts it has a button. Other scripts of the page hear of it by the event `results`.
 */
export function filterAsTyped(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-filter]')) {
    let timer: number | undefined;
    let underWay: AbortController | undefined;
    const apply = () => {
      underWay?.abort();
      underWay = new AbortController();
      void show(urlOf(form), underWay.signal);
    };
    form.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(apply, PAUSE_MS);
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      clearTimeout(timer);
      apply();
    });
  }
}

/** Without the filters that say nothing. */
function urlOf(form: HTMLFormElement): string {
  const filled = [...new FormData(form)]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams(filled).toString();
  return query === '' ? location.pathname : `${location.pathname}?${query}`;
}

async function show(url: string, signal: AbortSignal): Promise<void> {
  try {
    const response = await fetch(url, { signal });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const results = page.querySelector('#results');
    // Signed out meanwhile, or refused: the browser shows it as a page.
    if (results === null || response.redirected) location.assign(url);
    else {
      document.querySelector('#results')?.replaceWith(results);
      offerCopies(results);
      history.replaceState(null, '', url);
      document.dispatchEvent(new Event('results'));
    }
  } catch (error) {
    if (!signal.aborted) location.assign(url);
    else if (!(error instanceof DOMException)) throw error;
  }
}

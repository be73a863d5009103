const DOWNLOAD_PAUSE_MS = 2_000;

/**
 * A form is sent once, however fast somebody clicks: the second answer would be shown in place of the first, and a secret is
 * in the first alone. Where a secret is shown, loading the page again shows what it belongs to instead (`data-once`).
 */
export function sendOnce(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== 'post' || event.defaultPrevented) return;
    if (form.dataset.sent === 'yes') event.preventDefault();
    form.dataset.sent = 'yes';
    // Its page stays, and is for more than one.
    if (form.dataset.download !== undefined) setTimeout(() => delete form.dataset.sent, DOWNLOAD_PAUSE_MS);
  });
  // Whoever comes back to the page by the browser's history may send the form again.
  addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
  const page = document.querySelector<HTMLElement>('[data-once]')?.dataset.once;
  if (page !== undefined && page !== '') history.replaceState(null, '', page);
}

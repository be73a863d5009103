const SHOWN_MS = 2_000;

/** Shows the buttons that copy, each the code beside it. */
export function offerCopies(root: ParentNode = document): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    const code = button.parentElement?.querySelector('code');
    if (code === null || code === undefined) continue;
    button.hidden = false;
    button.addEventListener('click', () => void copy(button, code));
  }
}

async function copy(button: HTMLButtonElement, code: Element): Promise<void> {
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    say(button, 'Copied');
  } catch {
    // Not allowed, or not over HTTPS: then it is at least selected, and the keyboard copies it.
    getSelection()?.selectAllChildren(code);
    say(button, 'Press Ctrl+C');
  }
}

function say(button: HTMLButtonElement, text: string): void {
  const label = button.textContent;
  button.textContent = text;
  button.setAttribute('aria-live', 'polite');
  setTimeout(() => {
    button.textContent = label;
  }, SHOWN_MS);
}

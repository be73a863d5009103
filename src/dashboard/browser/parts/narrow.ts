/**
 * A field with `data-narrow` hides the choices of the group with that id that do not contain what is typed. What is ticked stays
 * in sight, so that nothing is sent that nobody sees.
 */
export function narrowAsTyped(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>('input[data-narrow]')) {
    const group = document.getElementById(field.dataset.narrow ?? '');
    if (group === null) continue;
    field.hidden = false;
    field.addEventListener('input', () => narrow(group, field.value.trim().toLowerCase()));
    // It finds, and does not send the form.
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault();
    });
  }
}

function narrow(group: HTMLElement, text: string): void {
  for (const choice of group.querySelectorAll<HTMLElement>('label.choice')) {
    const isTicked = choice.querySelector('input')?.checked === true;
    choice.hidden = !isTicked && !(choice.textContent ?? '').toLowerCase().includes(text);
  }
}

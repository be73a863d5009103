/** Shows the mark in the colour that is being chosen. */
for (const fields of document.querySelectorAll('[data-color]')) {
  const [own, color, stroke] = [
    fields.querySelector<HTMLInputElement>('input[value="own"]'),
    fields.querySelector<HTMLInputElement>('input[type="color"]'),
    fields.querySelector('.mark path'),
  ];
  fields.addEventListener('input', (event) => {
    // Whoever picks a colour means to have it.
    if (event.target === color && own !== null) own.checked = true;
    stroke?.setAttribute('stroke', own?.checked === true ? (color?.value ?? '') : 'currentColor');
  });
}

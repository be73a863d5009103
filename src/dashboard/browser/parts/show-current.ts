/** Where the navigation is a line that scrolls, the part that one is in should be seen. */
export function showCurrent(): void {
  const menu = document.querySelector('.menu');
  const current = menu?.querySelector('[aria-current="page"]');
  if (menu === null || current === null || current === undefined) return;
  const { left, right } = current.getBoundingClientRect();
  const frame = menu.getBoundingClientRect();
  if (right > frame.right || left < frame.left)
    menu.scrollLeft += left - frame.left - (frame.width - (right - left)) / 2;
}

/** The sign of Tooken, a ring with its key notch, in the colour of the workspace if that has one. */
export function Mark({ color }: { color: string | null }) {
  return (
    <svg class="mark" viewBox="0 0 16 16" width="22" height="22" aria-hidden="true">
      <path fill="none" stroke={color ?? 'currentColor'} stroke-width="3" d="M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 8h6" />
    </svg>
  );
}

/** The same for the browser's tab. */
export function iconUrl(color: string | null): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="none" stroke="${color ?? '#0f7a66'}" stroke-width="3" d="M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 8h6"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Strokes on a grid of 16 by 16. */
const SHAPES = {
  overview: 'M2.5 9.5v4M6.2 6v7.5M9.8 8v5.5M13.5 2.5v11',
  token: 'M8 2.2l5 2.9v5.8l-5 2.9-5-2.9V5.1zM8 8l5-2.9M8 8v5.8M8 8L3 5.1',
  project: 'M2.5 4.5h4l1.5 2h5.5v7h-11zM2.5 4.5v-2h4',
  role: 'M8 2.2l5 2v3.6c0 3-2 5-5 6-3-1-5-3-5-6V4.2zM5.8 8l1.6 1.6 2.9-3.1',
  member: 'M8 8.2a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM2.8 13.6c.6-2.4 2.6-3.6 5.2-3.6s4.6 1.2 5.2 3.6',
  log: 'M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.500h2.5',
  request: 'M2.5 5.500h9M9 3l2.5 2.500L9 8M13.5 10.500h-9M7 8l-2.5 2.500L7 13',
  key: 'M5.5 13.200a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.400zM7.4 8.600l5.8-5.800M11 5l2 2',
  settings:
    'M2.5 4.500h7M12 4.500h1.500M2.5 11.500h1.500M6.5 11.500h7M10.8 6a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM5.2 13a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z',
  account:
    'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM8 8.800a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM4.5 12.500c.6-1.5 1.9-2.2 3.5-2.200s2.9.7 3.5 2.2',
  copy: 'M5.5 5.500h8v8h-8zM10.5 5.500v-3h-8v8h3',
  check: 'M3 8.500l3.2 3.200L13 4.8',
  warning: 'M8 2.500l6 11H2zM8 6.500v3.200M8 11.400v.2',
  out: 'M6.5 2.500h-4v11h4M6 8h7.500M10.5 5l3 3-3 3',
} as const;

export type IconName = keyof typeof SHAPES;

/** Says nothing by itself: what it stands for is written beside it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={SHAPES[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.4"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
    </svg>
  );
}

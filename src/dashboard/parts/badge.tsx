import type { Child } from 'hono/jsx';

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'accent';

/** A word or two of standing. The word says it; the colour only helps. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: Child }) {
  return <span class={`badge badge-${tone}`}>{children}</span>;
}

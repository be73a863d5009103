import { absoluteTime, relativeTime } from './times.ts';

interface WhenProps {
  readonly at: Date | null | undefined;
  readonly now: Date;
  /** What is said instead where there is no time. */
  readonly none?: string;
}

/** A moment as people speak of it, `5 days ago`, with the exact one beneath. */
export function When({ at, now, none = 'never' }: WhenProps) {
  if (at === null || at === undefined) return <span class="muted">{none}</span>;
  return (
    <time class="when" datetime={at.toISOString()}>
      {relativeTime(at, now)} <span class="exact">{absoluteTime(at)}</span>
    </time>
  );
}

/** A moment to the second, in UTC. */
export function Exact({ at }: { at: Date }) {
  return <time datetime={at.toISOString()}>{absoluteTime(at, 'second')}</time>;
}

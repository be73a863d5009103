import type { AuditEvent } from '../../../audit/events/event.ts';
import type { Tone } from '../../parts/badge.tsx';
import { sentenceOf } from '../../parts/event-sentence.tsx';
import { actorPhrase } from '../../parts/event-subjects.ts';
import type { SentencePart } from '../../parts/phrase.ts';
import { absoluteTime } from '../../parts/times.ts';

/** An event as a row of the list shows it: also what the script that watches the log gets of it. */
export interface EventRow {
  readonly index: number;
  /** The page of the event. */
  readonly href: string;
  readonly action: string;
  readonly said: readonly SentencePart[];
  readonly outcome: { readonly tone: Tone; readonly text: string };
  /** It leads to what else this actor did. */
  readonly actor: { readonly said: readonly SentencePart[]; readonly href: string };
  readonly source: readonly SentencePart[];
  /** RFC 3339, and as people read it. */
  readonly at: string;
  readonly exact: string;
}

const OUTCOMES = {
  success: { tone: 'good', text: 'Success' },
  denied: { tone: 'warn', text: 'Denied' },
  failure: { tone: 'bad', text: 'Failure' },
} as const satisfies Record<AuditEvent['outcome'], EventRow['outcome']>;

/** `at` makes an address below the environment. */
export function rowOf(event: AuditEvent, at: (path: string) => string): EventRow {
  const { actor } = event;
  return {
    index: event.leaf_index,
    href: at(`/audit-log/${event.id}`),
    action: event.action,
    said: sentenceOf(event),
    outcome: OUTCOMES[event.outcome],
    actor: {
      said: actorPhrase(event),
      href: at(`/audit-log?${new URLSearchParams({ actor: actor.id ?? actor.type })}`),
    },
    source: sourceOf(event),
    at: event.occurred_at,
    exact: absoluteTime(new Date(event.occurred_at), 'second'),
  };
}

function sourceOf({ source, redacted }: AuditEvent): SentencePart[] {
  if (source === null) return [];
  if (source.ip !== null) return [{ as: 'code', text: source.ip }];
  return redacted ? [{ as: 'erased', text: 'erased' }] : [];
}

import type { AuditEvent } from '../../../audit/events/event.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { Card, Facts } from '../../parts/facts.tsx';
import { absoluteTime, relativeTime, thousands } from '../../parts/times.ts';
import { Exact } from '../../parts/when.tsx';
import { Alike, Erased, EraseLink, Subject } from './event-links.tsx';
import type { PageRecord } from './event-record.ts';

interface Props {
  readonly visit: Visit;
  readonly record: PageRecord;
}

const OUTCOMES: Readonly<Record<AuditEvent['outcome'], { readonly tone: Tone; readonly text: string }>> = {
  success: { tone: 'good', text: 'Success' },
  denied: { tone: 'warn', text: 'Denied' },
  failure: { tone: 'bad', text: 'Failure' },
};

/** Who did what to what, when, from where, and with which outcome. */
export function EventFacts({ visit, record }: Props) {
  const { event, erased } = record;
  const { actor, targets, request, outcome, reason } = event;
  return (
    <Card title="What happened">
      <Facts
        facts={[
          ['Action', <Action event={event} />],
          [
            'Outcome',
            <>
              <Badge tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].text}</Badge>
              {reason !== null && <code class="beside">{reason}</code>}
            </>,
          ],
          ['When', <Time visit={visit} event={event} />],
          [
            'Who',
            <>
              <Subject visit={visit} subject={actor} isErased={erased.has('actor')} />
              <span class="alike">
                <Alike visit={visit} text="What else it did" filter={{ actor: actor.id ?? actor.type }} />
                {!erased.has('actor') && <EraseLink visit={visit} {...actor} />}
              </span>
            </>,
          ],
          ...targets.map(
            (target, n) =>
              [
                n === 0 ? 'To what' : '',
                <>
                  <Subject visit={visit} subject={target} isErased={erased.has(`target/${n}`)} />
                  {target.type !== 'source' && (
                    <span class="alike">
                      <Alike visit={visit} text="All about it" filter={{ target: target.id }} />
                      {!erased.has(`target/${n}`) && <EraseLink visit={visit} {...target} />}
                    </span>
                  )}
                </>,
              ] as const,
          ),
          ['From where', <Source visit={visit} record={record} />],
          [
            'By which call',
            request === null ? undefined : (
              <>
                <code>
                  {request.method} {request.route}
                </code>
                <span class="muted beside">
                  request <code>{request.id}</code>
                </span>
                <span class="alike">
                  <Alike visit={visit} text="All of this request" filter={{ request_id: request.id }} />
                </span>
              </>
            ),
          ],
          ['Why', event.note === null ? undefined : <q dir="auto">{event.note}</q>],
          ['Environment', ENVIRONMENTS[event.environment ?? 'both']],
        ]}
      />
    </Card>
  );
}

const ENVIRONMENTS = { live: 'Live', test: 'Test', both: 'The whole workspace' } as const;

function Action({ event: { action, operation } }: { event: AuditEvent }) {
  return (
    <>
      <code>{action}</code>
      <span class="muted beside">{operation}</span>
    </>
  );
}

function Time({ visit, event: { occurred_at: at, count, first_at, last_at } }: { visit: Visit; event: AuditEvent }) {
  const when = new Date(at);
  return (
    <>
      <Exact at={when} />
      <span class="muted beside">{relativeTime(when, visit.now)}</span>
      {first_at !== null && last_at !== null && (
        <span class="muted aggregate">
          Stands for {thousands(count)} alike, from {absoluteTime(new Date(first_at), 'second')} to{' '}
          {absoluteTime(new Date(last_at), 'second')}
        </span>
      )}
    </>
  );
}

function Source({ visit, record: { event, erased } }: Props) {
  const { source } = event;
  if (source === null) return <span class="muted">not from outside</span>;
  if (erased.has('source')) return <Erased />;
  return (
    <>
      {source.ip === null ? <span class="muted">not known</span> : <code>{source.ip}</code>}
      {source.user_agent !== null && (
        <span class="muted beside" dir="auto">
          {source.user_agent}
        </span>
      )}
      {source.ip !== null && (
        <span class="alike">
          <Alike visit={visit} text="All from this address" filter={{ ip: source.ip }} />
          <EraseLink visit={visit} type="source" id={source.ip} />
        </span>
      )}
    </>
  );
}

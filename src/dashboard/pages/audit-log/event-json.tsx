import { Card } from '../../parts/facts.tsx';
import type { PageRecord } from './event-record.ts';

/** The event as the API has it, and what that is put together from: the record, and what opens its commitments. */
export function EventJson({ record: { event, leaf, openings } }: { record: PageRecord }) {
  const slots = Object.entries(openings);
  return (
    <Card title="For programs">
      <details>
        <summary>The event as the API shows it</summary>
        <pre class="wrap" id="event-json" tabindex={0} dir="ltr">
          {JSON.stringify(event, null, 2)}
        </pre>
      </details>
      <details>
        <summary>The record, byte for byte as the log holds it</summary>
        <pre class="wrap" tabindex={0} dir="ltr">
          {leaf}
        </pre>
      </details>
      <details>
        <summary>Personal data beside it</summary>
        {slots.length === 0 && <p class="muted">None, or none any more.</p>}
        {slots.map(([slot, { salt, payload }]) => (
          <div class="opening">
            <h3>{slot}</h3>
            <pre class="wrap" tabindex={0} dir="ltr">
              {payload}
            </pre>
            <p class="muted">
              Salt <code>{salt}</code>
            </p>
          </div>
        ))}
      </details>
    </Card>
  );
}

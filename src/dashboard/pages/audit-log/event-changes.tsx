import { Card } from '../../parts/facts.tsx';
import { Table } from '../../parts/table.tsx';
import { Erased } from './event-links.tsx';
import type { PageRecord } from './event-record.ts';

/** The fields that were changed, before and after. */
export function EventChanges({ record: { event, erasedFields } }: { record: PageRecord }) {
  if (event.changes.length === 0) return null;
  return (
    <Card title="What changed">
      <Table caption="What changed" columns={['Field', 'Before', 'After']}>
        {event.changes.map(({ field, old, new: now }) => (
          <tr>
            <th scope="row">{field.replaceAll('_', ' ')}</th>
            {[old, now].map((value) => (
              <td class="change-value">{erasedFields.has(field) ? <Erased /> : <Value value={value} />}</td>
            ))}
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined || value === '') return <span class="muted">none</span>;
  if (typeof value === 'string') return <span dir="auto">{value}</span>;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return <List values={value} />;
  return <code>{JSON.stringify(value)}</code>;
}

function List({ values }: { values: readonly string[] }) {
  if (values.length === 0) return <span class="muted">none</span>;
  return (
    <span class="tags">
      {values.map((value) => (
        <span class="tag">{value}</span>
      ))}
    </span>
  );
}

import type { Subject } from '../../../audit/erasures/subject.ts';
import type { Extent } from '../../../introspection/erasure.ts';
import { freshDraft } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card, Facts } from '../../parts/facts.tsx';
import { PageForm } from '../../parts/form.tsx';
import { thousands } from '../../parts/times.ts';
import { SUBJECT_NAMES } from './erase-form.tsx';

interface ConfirmationProps {
  readonly visit: Visit;
  readonly order: { readonly subject: Subject; readonly note: string | undefined };
  readonly extent: Extent;
}

/** Says how much there is, and asks once more. */
export function EraseConfirmation({ visit, order: { subject, note }, extent }: ConfirmationProps) {
  const { events, payloads, usageRows, requestRows } = extent;
  return (
    <div class="narrow">
      <Card title="Erase this for good?">
        <Facts
          facts={[
            [SUBJECT_NAMES[subject.type], <code>{subject.id}</code>],
            ['Events', `${thousands(events)}, which lose ${thousands(payloads)} pieces of personal data`],
            ['Usage', `${thousands(usageRows)} rows lose the address`],
            ['Requests', `${thousands(requestRows)} rows lose the address`],
            ['Reason', note === undefined ? undefined : <q dir="auto">{note}</q>],
          ]}
        />
        <p>Nobody can bring it back. To erase what is erased already is harmless, and is recorded as well.</p>
        <PageForm
          csrf={visit.csrf}
          draft={freshDraft()}
          submit="Erase for good"
          danger
          cancel={visit.at('/audit-log/erase')}
        >
          <input type="hidden" name="type" value={subject.type} />
          <input type="hidden" name="subject" value={subject.id} />
          <input type="hidden" name="reason" value={note ?? ''} />
          <input type="hidden" name="is_confirmed" value="yes" />
        </PageForm>
      </Card>
    </div>
  );
}

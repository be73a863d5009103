import type { Draft } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { ChoicesField } from '../../parts/choice-field.tsx';
import { Copyable } from '../../parts/copyable.tsx';
import { Card } from '../../parts/facts.tsx';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { FilterFields } from './filters-form.tsx';

const FORMATS = [
  {
    value: 'ndjson',
    label: 'NDJSON, to verify',
    hint: 'One event a line, with the hashes and signatures that prove it. The only format that can be verified offline.',
  },
  { value: 'csv', label: 'CSV, for spreadsheets', hint: 'One event a row. Nothing in it is taken for a formula.' },
  { value: 'ocsf', label: 'OCSF 1.8, for security tools', hint: 'One event a line, in the classes of the schema.' },
] as const;

export function ExportForm({ visit, draft }: { visit: Visit; draft: Draft }) {
  return (
    <Card title="What to export">
      <PageForm csrf={visit.csrf} draft={draft} submit="Download export" cancel={visit.at('/audit-log')} downloads>
        <ChoicesField name="format" label="Format" draft={draft} type="radio" choices={FORMATS} />
        <FilterFields draft={draft} />
        <TextField
          name="previous"
          label="Size of a checkpoint you have kept"
          draft={draft}
          inputmode="numeric"
          hint="The export then also proves that it continues the log which that checkpoint was of."
          optional
        />
      </PageForm>
    </Card>
  );
}

export function ExportNotes({ visit }: { visit: Visit }) {
  return (
    <div class="stack">
      <Card title="What is in it">
        <p>
          All events of the {visit.environment} environment that the filters ask for, oldest first, as far as they are
          in the log when you press the button
          {visit.environment === 'live' && ', those of the whole workspace included'}. Days begin and end at midnight
          UTC.
        </p>
        <p>
          It holds names, addresses and what else of a person has not been erased: keep it as you would keep the log.
          That you have exported it is an event, which is written first.
        </p>
        <p>
          A download that breaks off is cut, and never looks whole. It ends when you sign out or lose the right to it.
        </p>
      </Card>
      <Card title="How it is verified">
        <p>
          Anybody can verify an NDJSON export without this service, and without a network. This names the first record
          that was changed, removed, added or moved:
        </p>
        <Copyable label="command" text={VERIFY} block />
        <p class="muted">
          Take the log’s key from where you noted it earlier, not from where the export comes from: a key that comes
          with what it verifies proves nothing. <a href={visit.at('/audit-log/verify')}>Verify the log</a> shows both
          for you to note, and verifies exports in your browser.
        </p>
      </Card>
    </div>
  );
}

const VERIFY = `npx tooken audit verify export.ndjson \\
  --key "$(cat log.key)" --previous earlier.checkpoint`;

import { SUBJECT_IDS, SUBJECT_TYPES, type SubjectType } from '../../../audit/erasures/subject.ts';
import type { Draft } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { SelectField, TextArea, TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';

export const SUBJECT_NAMES: Readonly<Record<SubjectType, string>> = {
  source: 'IP address',
  api_key: 'API key',
  token: 'Token',
  scope: 'Scope',
  workspace: 'Workspace',
  member: 'Member',
  role: 'Role',
  group: 'Group',
  project: 'Project',
};

/** Asks whose personal data it is about, and says what becomes of it. */
export function EraseForm({ visit, draft }: { visit: Visit; draft: Draft }) {
  return (
    <div class="columns">
      <Card title="Whose data">
        <PageForm csrf={visit.csrf} draft={draft} submit="See what would be erased" cancel={visit.at('/audit-log')}>
          <SelectField
            name="type"
            label="Subject"
            draft={draft}
            choices={SUBJECT_TYPES.map((type) => ({ value: type, label: SUBJECT_NAMES[type] }))}
          />
          <TextField
            name="subject"
            label="Address, id or name"
            draft={draft}
            mono
            required
            hint={`For an address ${SUBJECT_IDS.source}; for a scope its name; for anything else its id, which stays the same when the name changes.`}
          />
          <TextArea
            name="reason"
            label="Reason"
            draft={draft}
            optional
            hint="Kept in the log. Without what is to be forgotten."
          />
        </PageForm>
      </Card>
      <Card title="What it does">
        <h3>Erased, for good</h3>
        <ul class="notes">
          <li>Names, addresses, user agents and free text of this subject, in every event of the workspace.</li>
          <li>Its address in usage, in requests and in where sessions came from. The counts stay.</li>
        </ul>
        <h3>Stays</h3>
        <ul class="notes">
          <li>
            The events themselves: what was done, when, by and to which ids. They show “erased” where something is gone.
          </li>
          <li>
            Every proof and every checkpoint: the log has never held more of personal data than its hash with a salt.
          </li>
          <li>One event for the erasure, which says how much it took.</li>
        </ul>
        <h3>Yours to handle</h3>
        <ul class="notes">
          <li>Exports and backups that were made before. What the subject does from now on is recorded again.</li>
        </ul>
      </Card>
    </div>
  );
}

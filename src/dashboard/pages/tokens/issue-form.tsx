import type { Draft } from '../../kernel/form.ts';
import { ONCE_FIELD } from '../../kernel/once.ts';
import type { Visit } from '../../kernel/visit.ts';
import { ChoicesField } from '../../parts/choice-field.tsx';
import { Card } from '../../parts/facts.tsx';
import { TextArea, TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { ScopeFields } from '../../parts/scope-picker.tsx';
import { Empty } from '../../parts/table.tsx';
import { absoluteDay } from '../../parts/times.ts';
import type { IssueChoices } from './issue-choices.ts';
import { EXPIRY_DAYS, MORE_FIELDS } from './issue-fields.ts';
import { ReferenceField } from './reference-field.tsx';
import type { References, RoleReference } from './references.ts';

interface IssueFormProps {
  readonly visit: Visit;
  readonly draft: Draft;
  readonly choices: IssueChoices;
}

export function IssueForm({ visit, draft, choices }: IssueFormProps) {
  const { roles, projects, owners } = choices;
  const isForSelf = owners === undefined;
  if (isForSelf && choices.scopes.length === 0) return <NothingToGrant />;
  return (
    <div class="issue">
      <PageForm csrf={visit.csrf} draft={draft} submit="Issue token" cancel={visit.at('/tokens')}>
        <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD)} />
        <Card title="What it is">
          <TextField
            name="name"
            label="Name"
            draft={draft}
            maxlength={128}
            hint="Who or what will use it. You find it again by this."
            required
          />
          <TextField name="description" label="Description" draft={draft} maxlength={1024} optional />
          {(projects.items.length > 0 || draft.form.text('project_id') !== '') && (
            <ReferenceField name="project_id" label="Project" draft={draft} references={projects} none="None" />
          )}
        </Card>
        <Card
          title="What it can do"
          note={
            isForSelf
              ? 'The token belongs to you. You can give it what your roles grant, and it never does more than they do.'
              : 'Scopes, a role, or both.'
          }
        >
          <ScopeFields draft={draft} choices={choices} />
          {(roles.items.length > 0 || draft.form.text('role') !== '') && (
            <ReferenceField
              name="role"
              label="Role"
              draft={draft}
              references={roles}
              none="None"
              hint="The token has the role’s scopes as well, and changes with them."
              describe={(id) => granted(roles, id)}
            />
          )}
          {owners !== undefined && (
            <ReferenceField
              name="owner"
              label="Owner"
              draft={draft}
              references={owners}
              none="Nobody: it belongs to the workspace"
              hint="A token of a member never does more than that member’s roles grant, and ends with the membership."
            />
          )}
        </Card>
        <Card title="How long it lasts">
          <ExpiryFields draft={draft} now={visit.now} />
        </Card>
        <MoreFields draft={draft} />
      </PageForm>
    </div>
  );
}

/** When a token expires: a preset with the day that it means, a date, or never. */
export function ExpiryFields({ draft, now }: { draft: Draft; now: Date }) {
  const presets = EXPIRY_DAYS.map((days) => ({
    value: String(days),
    label: `${days} days`,
    hint: absoluteDay(new Date(now.getTime() + days * 86_400_000)),
  }));
  const others = [
    { value: 'date', label: 'A date', hint: 'your choice' },
    { value: 'never', label: 'Never', hint: 'until revoked' },
  ];
  return (
    <div class="expiry stack">
      <ChoicesField name="expiry" label="Expires" type="radio" draft={draft} choices={[...presets, ...others]} />
      <div class="expiry-date">
        <TextField
          name="expires_at"
          label="Expires at"
          type="datetime-local"
          draft={draft}
          hint="In UTC. From that minute on it is refused."
        />
      </div>
    </div>
  );
}

function MoreFields({ draft }: { draft: Draft }) {
  const isUsed = MORE_FIELDS.some((name) => draft.form.text(name) !== '' || draft.problemOf(name) !== undefined);
  return (
    <details class="card" open={isUsed}>
      <summary>More: start, audience, addresses, metadata</summary>
      <div class="stack">
        <TextField
          name="not_before"
          label="Not before"
          type="datetime-local"
          draft={draft}
          hint="In UTC. Until then it is refused."
          optional
        />
        <TextField
          name="audience"
          label="Audience"
          draft={draft}
          maxlength={256}
          placeholder="https://api.example.com"
          hint="The one service that it is for. Services that check it refuse tokens for others."
          optional
        />
        <TextArea
          name="allowed_cidrs"
          label="Allowed addresses"
          draft={draft}
          placeholder={'192.0.2.0/24\n2001:db8::/32'}
          hint="Where it may be used from: IP addresses or CIDR blocks, one per line. Anywhere if empty."
          mono
          optional
        />
        <TextArea
          name="metadata"
          label="Metadata"
          draft={draft}
          placeholder={'team=billing\ncost-center=4711'}
          hint="Lines of key=value, or JSON. Services that check the token are told."
          mono
          optional
        />
      </div>
    </details>
  );
}

const MAX_NAMED = 3;

function granted({ items }: References<RoleReference>, id: string): string {
  const scopes = items.find((role) => role.id === id)?.scopes ?? [];
  const more = scopes.length > MAX_NAMED ? `, and ${scopes.length - MAX_NAMED} more` : '';
  return `: ${scopes.slice(0, MAX_NAMED).join(', ')}${more}`;
}

function NothingToGrant() {
  return (
    <Empty title="Your roles grant no scopes yet">
      <p>A token of yours could do nothing. Ask an owner or admin of the workspace to give you a role.</p>
    </Empty>
  );
}

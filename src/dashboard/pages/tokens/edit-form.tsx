import type { Token } from '../../../tokens/token.ts';
import type { Draft } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { TextArea, TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { ScopeFields } from '../../parts/scope-picker.tsx';
import { REVISION_FIELD } from '../named/fields.ts';
import { isOver } from './detail-over.tsx';
import { tokenPath } from './detail-token.ts';
import { movesTokens } from './edit-fields.ts';
import type { IssueChoices } from './issue-choices.ts';
import { ReferenceField } from './reference-field.tsx';

interface EditFormProps {
  readonly visit: Visit;
  readonly token: Token;
  readonly choices: IssueChoices;
  readonly draft: Draft;
}

/** Everything about a token that can be changed as it is. */
export function EditForm(props: EditFormProps) {
  const { visit, token, draft } = props;
  const isLive = !isOver(token, visit.now);
  return (
    <PageForm csrf={visit.csrf} draft={draft} submit="Save changes" cancel={tokenPath(visit, token)}>
      {/* That of the token as it is shown: who saves after having been told of a change means to. */}
      <input type="hidden" name={REVISION_FIELD} value={String(token.revision)} />
      <Card title="What it is">
        <TextField name="name" label="Name" draft={draft} maxlength={128} required />
        <TextArea name="description" label="Description" draft={draft} optional />
        {isLive && movesTokens(visit) && (props.choices.projects.items.length > 0 || token.projectId !== null) && (
          <ReferenceField
            name="project_id"
            label="Project"
            draft={draft}
            references={props.choices.projects}
            none="None"
          />
        )}
        <TextArea
          name="metadata"
          label="Metadata"
          draft={draft}
          hint="Lines of key=value, or JSON. Services that check the token are told."
          mono
          optional
        />
      </Card>
      {isLive && <RightsFields {...props} />}
      {isLive && <BoundsFields {...props} />}
    </PageForm>
  );
}

function RightsFields({ token, choices, draft }: EditFormProps) {
  return (
    <Card title="What it can do" note="What is taken away is gone everywhere by the time this is saved.">
      <ScopeFields draft={draft} choices={choices} />
      {(choices.roles.items.length > 0 || token.role !== null) && (
        <ReferenceField
          name="role"
          label="Role"
          draft={draft}
          references={withPresent(choices.roles, token)}
          none="None"
          hint="The token has the role’s scopes as well, and changes with them."
        />
      )}
    </Card>
  );
}

/** The role that it carries is named also where the member could not give it. */
function withPresent({ items, areAll }: IssueChoices['roles'], { role }: Token): IssueChoices['roles'] {
  if (role === null || items.some(({ id }) => id === role.id)) return { items, areAll };
  return { items: [role, ...items], areAll };
}

function BoundsFields({ token, draft }: EditFormProps) {
  return (
    <Card title="What bounds it">
      <div class="box-detail">
        <TextField
          name="expires_at"
          label="Expires at"
          type="datetime-local"
          draft={draft}
          hint={
            token.expiresAt === null
              ? 'In UTC. It never expires as it is; once it has an end, only rotating it moves that back.'
              : 'In UTC. It can be brought forward here; rotate the token to move it back.'
          }
        />
      </div>
      <TextArea
        name="allowed_cidrs"
        label="Allowed addresses"
        draft={draft}
        hint="Where it may be used from: IP addresses or CIDR blocks, one per line. Anywhere if empty."
        mono
        optional
      />
    </Card>
  );
}

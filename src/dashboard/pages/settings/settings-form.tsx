import type { Draft } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { ChoicesField, TickField } from '../../parts/choice-field.tsx';
import { Card } from '../../parts/facts.tsx';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { Mark } from '../../parts/mark.tsx';
import { REVISION_FIELD } from '../named/fields.ts';

interface SettingsFormProps {
  readonly visit: Visit;
  readonly draft: Draft;
  readonly revision: number;
}

export function SettingsForm({ visit, draft, revision }: SettingsFormProps) {
  return (
    <PageForm csrf={visit.csrf} draft={draft} submit="Save settings">
      <input type="hidden" name={REVISION_FIELD} value={String(revision)} />
      <Card title="The workspace">
        <TextField
          name="name"
          label="Name"
          draft={draft}
          maxlength={128}
          hint="Everybody in it sees it, and may have to give it at sign-in where the installation has several workspaces: tell them when you change it."
          required
        />
        <ColorFields draft={draft} />
      </Card>
      <Card title="Tokens">
        <TextField
          name="token_prefix"
          label="Prefix of new tokens"
          draft={draft}
          maxlength={12}
          hint="What tokens start with that are issued from now on, so that people and scanners know whose they are. Tokens that exist keep theirs and go on working."
          mono
          required
        />
        <TickField
          name="scope_catalogue_enforced"
          label="Only scopes that the catalogue lists"
          draft={draft}
          hint="Issuing a token with any other scope is refused then, from the next token on. Tokens that exist keep their scopes."
        />
      </Card>
      <Card title="Audit log">
        <ChoicesField
          name="audited_introspections"
          label="Introspections"
          type="radio"
          draft={draft}
          choices={[
            {
              value: 'counted',
              label: 'Count them',
              hint: 'The log says how many there were of each kind, token and source. Answers are given at once.',
            },
            {
              value: 'all',
              label: 'Record every single one',
              hint: 'Each is written before it is answered: slower, and the log grows with every call. Without the database none is answered.',
            },
          ]}
        />
        <TickField
          name="audit_tree_public"
          label="The hash tree is public"
          draft={draft}
          hint="Anybody may then read the checkpoint, the key and the hashes, and see that nothing of the log was changed. What it says stays private."
        />
      </Card>
    </PageForm>
  );
}

function ColorFields({ draft }: { draft: Draft }) {
  const isOwn = draft.form.text('color_choice') === 'own';
  const color = draft.form.text('color');
  return (
    <div class="stack" data-color>
      <ChoicesField
        name="color_choice"
        label="Colour"
        type="radio"
        draft={draft}
        inline
        choices={[
          { value: 'tooken', label: 'Tooken’s own' },
          { value: 'own', label: 'This one' },
        ]}
      />
      <div class="colour-preview">
        <Mark color={isOwn && /^#[0-9a-f]{6}$/i.test(color) ? color : null} />
        <TextField
          name="color"
          label="Colour of the mark"
          type="color"
          draft={draft}
          hint="The mark above the navigation and in the tab of the browser has it. Nothing else does, so that all stays readable."
        />
      </div>
    </div>
  );
}

import type { Child } from 'hono/jsx';
import { toServiceError } from '../../../web/failure.ts';
import { newRole } from '../../../web/named-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TextArea, TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { ScopeFields, type ScopeOffer } from '../../parts/scope-picker.tsx';
import { textOrNull } from '../named/fields.ts';
import { namingScopes, scopesIn } from '../tokens/issue-fields.ts';

interface RoleFormProps {
  readonly visit: Visit;
  readonly draft: Draft;
  readonly choices: ScopeOffer;
  readonly submit: string;
  readonly cancel: string;
  /** Hidden fields. */
  readonly children?: Child;
}

/** What a role is called, what it is for, and what it grants. */
export function RoleForm({ visit, draft, choices, submit, cancel, children }: RoleFormProps) {
  return (
    <PageForm csrf={visit.csrf} draft={draft} submit={submit} cancel={cancel}>
      {children}
      <TextField
        name="name"
        label="Name"
        draft={draft}
        placeholder="billing"
        hint="Services read it: lower-case letters, digits, dots, hyphens and underscores."
        maxlength={64}
        required
        mono
      />
      <TextArea name="description" label="Description" draft={draft} optional />
      <ScopeFields draft={draft} choices={choices} />
    </PageForm>
  );
}

/** What the form says of a role. @throws ServiceError `validation_failed` */
export function roleIn(form: Form) {
  return parseFields(newRole, {
    name: form.text('name').trim(),
    description: textOrNull(form, 'description'),
    scopes: scopesIn(form),
  });
}

/** Throws what somebody threw, with each scope that it is about named. */
export function namingScopesIn(form: Form): (thrown: unknown) => never {
  return (thrown) => {
    throw namingScopes(toServiceError(thrown), form);
  };
}

import type { Child } from 'hono/jsx';
import type { FoundLink } from '../../../identity/links/links.ts';
import type { Draft } from '../../kernel/form.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { NewPasswordFields } from '../../parts/new-password-fields.tsx';

const INTRODUCTIONS = {
  invitation: (workspace: Child) => <>You were invited to {workspace}. Choose a password, and you can sign in.</>,
  set_up: () => 'You are the first owner of this workspace. Say how you sign in; you can invite others afterwards.',
  reset: (workspace: Child) => <>It is for {workspace}, and ends every session that you have there.</>,
} as const;

const SUBMITS = { invitation: 'Join', set_up: 'Set up', reset: 'Set the password' } as const;

/** What the holder of a link says of itself. */
export function LinkForm({ csrf, draft, found }: { csrf: string; draft: Draft; found: FoundLink }) {
  const { kind, member, workspaceName } = found;
  return (
    <>
      <p>
        {INTRODUCTIONS[kind](
          <strong>
            <bdi>{workspaceName}</bdi>
          </strong>,
        )}
      </p>
      <PageForm csrf={csrf} draft={draft} submit={SUBMITS[kind]} action="/link">
        <input type="hidden" name="token" value={draft.form.text('token')} />
        <input type="hidden" name="chosen" value="yes" />
        {member.email === null ? (
          <TextField name="email" label="Email" type="email" autocomplete="username" draft={draft} required />
        ) : (
          <p class="field">
            <span class="label">Email</span>
            <span>{member.email}</span>
            {/* For password managers. */}
            <input type="text" value={member.email} autocomplete="username" hidden />
          </p>
        )}
        {kind !== 'reset' && (
          <TextField name="name" label="Your name" autocomplete="name" draft={draft} maxlength={128} />
        )}
        <NewPasswordFields draft={draft} name="password" label="Password" againLabel="The same once more" />
      </PageForm>
    </>
  );
}

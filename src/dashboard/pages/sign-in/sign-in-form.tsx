import type { Draft } from '../../kernel/form.ts';
import { CodeField } from '../../parts/code-field.tsx';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';

interface SignInFormProps {
  readonly csrf: string;
  readonly draft: Draft;
  /** The page to go to afterwards. */
  readonly next: string;
  readonly asksForWorkspace: boolean;
}

export function SignInForm({ csrf, draft, next, asksForWorkspace }: SignInFormProps) {
  return (
    <>
      <PageForm csrf={csrf} draft={draft} submit="Sign in" action={`/sign-in?${new URLSearchParams({ next })}`}>
        {asksForWorkspace && <TextField name="workspace" label="Workspace" draft={draft} hint="Its name or id." />}
        <TextField name="email" label="Email" type="email" autocomplete="username" draft={draft} required />
        <TextField
          name="password"
          label="Password"
          type="password"
          autocomplete="current-password"
          draft={draft}
          required
        />
      </PageForm>
      <p class="muted">
        <a href="/forgotten">Forgotten your password?</a>
      </p>
    </>
  );
}

export function CodeForm({ csrf, draft, next }: Pick<SignInFormProps, 'csrf' | 'draft' | 'next'>) {
  return (
    <>
      <p>Your password was right. Now give the code that your authenticator app shows.</p>
      <PageForm csrf={csrf} draft={draft} submit="Sign in" action={`/sign-in/code?${new URLSearchParams({ next })}`}>
        <CodeField draft={draft} hint="Six digits, or one of your recovery codes." />
      </PageForm>
      <p class="muted">
        <a href="/sign-in">Start again</a>
      </p>
    </>
  );
}

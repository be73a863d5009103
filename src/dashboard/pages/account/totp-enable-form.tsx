import type { Draft } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';

/** Asks for the first code of an app, which shows that it has understood. */
export function EnableForm({ visit, draft }: { visit: Visit; draft: Draft }) {
  return (
    <PageForm
      csrf={visit.csrf}
      draft={draft}
      action={visit.at('/account/totp/enable')}
      submit="Turn on second factor"
      cancel={visit.at('/account')}
    >
      <TextField
        name="code"
        label="Code that the app shows now"
        autocomplete="one-time-code"
        inputmode="numeric"
        draft={draft}
        hint="Six digits."
        required
        mono
      />
    </PageForm>
  );
}

import { type Form, freshDraft } from '../kernel/form.ts';
import { PROOF_FIELDS } from '../kernel/proof-fields.ts';
import type { View } from '../kernel/view.ts';
import type { Visit } from '../kernel/visit.ts';
import { TextField } from '../parts/field.tsx';
import { PageForm } from '../parts/form.tsx';

/** Asks who is there before a form is let through. It is sent again from here as it was, so nothing has to be typed twice. */
export function confirmView(visit: Visit, form: Form, { problem }: { readonly problem: string | undefined }): View {
  const kept = form.entries.filter(([name]) => name !== 'csrf' && !PROOF_FIELDS.some((field) => field === name));
  const draft = { ...freshDraft(), problem };
  return {
    title: 'Confirm that it is you',
    section: 'account',
    body: (
      <div class="narrow stack">
        <p>You signed in a while ago. What you are about to do takes a fresh proof that it is still you.</p>
        <PageForm csrf={visit.csrf} draft={draft} submit="Confirm and go on" cancel={visit.at(visit.path)}>
          {kept.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          {/* For password managers, which look for whose password it is. */}
          <input type="text" value={visit.session.member.email} autocomplete="username" hidden />
          <TextField
            name="proof_password"
            label="Your password"
            type="password"
            autocomplete="current-password"
            draft={draft}
            {...(visit.session.member.hasSecondFactor && { hint: 'Or leave it empty and give a code instead.' })}
          />
          {visit.session.member.hasSecondFactor && (
            <TextField
              name="proof_code"
              label="Code of your authenticator app"
              autocomplete="one-time-code"
              inputmode="numeric"
              draft={draft}
              optional
            />
          )}
        </PageForm>
      </div>
    ),
  };
}

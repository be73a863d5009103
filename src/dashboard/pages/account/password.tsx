import { changePassword } from '../../../identity/sign-in/change-password.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { changePasswordFields } from '../../../web/proof-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { NewPasswordFields } from '../../parts/new-password-fields.tsx';
import { belowAccount } from './account-path.ts';
import { sayingProblems } from './proof-problem.ts';

/** A new password for whoever knows the present one, which is the proof that this takes. */
export function mountOwnPassword(pages: Pages): void {
  pages.form('/account/password', 'stepUp', { show, submit });
}

function show(visit: Visit, draft: Draft): View {
  return {
    ...belowAccount(visit),
    title: 'Change password',
    body: (
      <div class="narrow stack">
        <p>
          Every other session that you have ends with it, on every device, and so do links for a new password. You stay
          signed in here. Tokens that you own live on.
        </p>
        <PageForm csrf={visit.csrf} draft={draft} submit="Change password" cancel={visit.at('/account')}>
          {/* For password managers, which look for whose password it is. */}
          <input type="text" value={visit.session.member.email} autocomplete="username" hidden />
          <TextField
            name="current_password"
            label="Present password"
            type="password"
            autocomplete="current-password"
            draft={draft}
            required
          />
          <NewPasswordFields
            draft={draft}
            name="new_password"
            label="New password"
            againLabel="The new one once more"
          />
        </PageForm>
      </div>
    ),
  };
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { current_password: currentPassword, new_password: newPassword } = parseFields(changePasswordFields, {
    current_password: form.text('current_password'),
    new_password: form.text('new_password'),
  });
  if (newPassword !== form.text('again')) {
    const details = [{ path: 'again', message: 'is not the same as the new password above' }];
    throw new ServiceError('validation_failed', { details });
  }
  const { services, caller, deviceCookie } = visit;
  const change = { currentPassword, newPassword, deviceCookie, kind: 'browser' } as const;
  const changed = await sayingProblems(() => changePassword(services, caller, change), {
    field: 'current_password',
    wrong: 'is not your present password',
  });
  const notice = `Your password is changed. Every other session is over, ${effectiveOn(changed.effective)}.`;
  return seeOther(visit.at('/account'), notice, {
    cookie: changed.session.cookie,
    deviceCookie: changed.deviceCookie,
  });
}

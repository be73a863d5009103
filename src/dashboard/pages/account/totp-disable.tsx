import { disable } from '../../../identity/totp/disable.ts';
import { bothFactorsFields } from '../../../web/proof-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { CodeField } from '../../parts/code-field.tsx';
import { effectiveOn } from '../../parts/effective.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { belowAccount } from './account-path.ts';
import { NoFactor } from './no-factor.tsx';
import { PASSWORD_FIELD, sayingProblems } from './proof-problem.ts';

/** Turns the second factor off, which takes both factors. */
export function mountDisableTotp(pages: Pages): void {
  pages.form('/account/totp/disable', 'disableTotp', { show, submit });
}

function show(visit: Visit, draft: Draft): View {
  return {
    ...belowAccount(visit),
    title: 'Turn off second factor',
    body: visit.session.member.hasSecondFactor ? (
      <div class="narrow stack">
        <p>
          Your password alone will sign you in then. Every session that you have ends, this one too, and your recovery
          codes with it. Tokens that you own live on.
        </p>
        <PageForm csrf={visit.csrf} draft={draft} submit="Turn off second factor" danger cancel={visit.at('/account')}>
          <input type="text" value={visit.session.member.email} autocomplete="username" hidden />
          <TextField
            name={PASSWORD_FIELD}
            label="Your password"
            type="password"
            autocomplete="current-password"
            draft={draft}
            required
          />
          <CodeField draft={draft} hint="The six digits that the app shows, or a recovery code." />
        </PageForm>
      </div>
    ) : (
      <NoFactor visit={visit} />
    ),
  };
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { services, caller, deviceCookie } = visit;
  const effective = await sayingProblems(
    () => {
      const typed = { password: form.text(PASSWORD_FIELD), code: form.text('code').trim() };
      return disable(services, caller, { ...parseFields(bothFactorsFields, typed), deviceCookie });
    },
    { wrong: 'The password or the code is not right. Nothing was changed.' },
  );
  const notice = `The second factor is off, and every session over, ${effectiveOn(effective)}. Sign in again.`;
  return seeOther('/sign-in', notice, 'none');
}

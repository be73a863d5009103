import { replaceOwnCodes } from '../../../identity/totp/replace-codes.ts';
import { codeFields } from '../../../web/proof-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, showOnce, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { CodeField } from '../../parts/code-field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { belowAccount } from './account-path.ts';
import { codesView } from './codes-once.tsx';
import { NoFactor } from './no-factor.tsx';
import { sayingProblems } from './proof-problem.ts';

/** Makes new recovery codes, in the place of those from before. */
export function mountRecoveryCodes(pages: Pages): void {
  pages.form('/account/recovery-codes', 'replaceRecoveryCodes', { show, submit });
}

function show(visit: Visit, draft: Draft): View {
  return {
    ...belowAccount(visit),
    title: 'Make new recovery codes',
    body: visit.session.member.hasSecondFactor ? (
      <div class="narrow stack">
        <p>You get ten, which are shown once. All that you had before are dead then, used or not.</p>
        <PageForm csrf={visit.csrf} draft={draft} submit="Make new codes" cancel={visit.at('/account')}>
          <CodeField
            draft={draft}
            hint="The six digits that the app shows, or one of the recovery codes that you have."
          />
        </PageForm>
      </div>
    ) : (
      <NoFactor visit={visit} />
    ),
  };
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { services, caller, deviceCookie } = visit;
  const codes = await sayingProblems(
    () => {
      const { code } = parseFields(codeFields, { code: form.text('code').trim() });
      return replaceOwnCodes(services, caller, { code, deviceCookie });
    },
    { field: 'code', wrong: 'is not right, or was used before' },
  );
  return showOnce(codesView(visit, { title: 'New recovery codes', codes }));
}

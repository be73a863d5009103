import { enable } from '../../../identity/totp/enrolment.ts';
import { readOwnFactor } from '../../../identity/totp/state.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { codeFields } from '../../../web/proof-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, showOnce, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { belowAccount } from './account-path.ts';
import { codesView } from './codes-once.tsx';
import { sayingProblems } from './proof-problem.ts';
import { EnableForm } from './totp-enable-form.tsx';

/** Turns the second factor on, with the first code of the app that was begun with. */
export function mountEnableTotp(pages: Pages): void {
  pages.form('/account/totp/enable', 'enableTotp', { show, submit });
}

function show(visit: Visit, draft: Draft): View {
  return {
    ...belowAccount(visit),
    title: 'Turn on second factor',
    body: (
      <div class="narrow stack">
        <p>
          Your app has the key already? Then give the code that it shows. Otherwise{' '}
          <a href={visit.at('/account/totp')}>start with a new QR code</a>.
        </p>
        <EnableForm visit={visit} draft={draft} />
      </div>
    ),
  };
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { services, caller } = visit;
  const { enabledAt } = await readOwnFactor(services, caller);
  if (enabledAt !== null) return seeOther(visit.at('/account'), IS_ON);
  const codes = await sayingProblems(
    () => enable(services, caller, parseFields(codeFields, { code: form.text('code').trim() }).code).catch(explain),
    { field: 'code', wrong: 'is not the code that the app should show now. See that the clock of your phone is right' },
  );
  return showOnce(codesView(visit, { title: 'The second factor is on', codes }));
}

function explain(error: unknown): never {
  if (error instanceof ServiceError && error.code === 'conflict')
    throw new ServiceError('conflict', { message: NOT_STARTED, cause: error });
  throw error;
}

const IS_ON = 'The second factor is on already. If its recovery codes are lost, make new ones.';
const NOT_STARTED = 'There is no app to turn on, or its key was shown over an hour ago. Start with a new QR code.';

import { type Enrolment, startEnrolment } from '../../../identity/totp/enrolment.ts';
import { readOwnFactor } from '../../../identity/totp/state.ts';
import { passwordFields } from '../../../web/proof-fields.ts';
import { type Draft, type Form, freshDraft, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, showOnce, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { belowAccount } from './account-path.ts';
import { PASSWORD_FIELD, sayingProblems } from './proof-problem.ts';
import { EnableForm } from './totp-enable-form.tsx';

/** Begins to enrol an authenticator app: shows what it has to know, once. */
export function mountStartTotp(pages: Pages): void {
  pages.form('/account/totp', 'startTotp', { show, submit });
}

const TITLE = 'Turn on second factor';

async function show(visit: Visit, draft: Draft): Promise<View> {
  const { enabledAt } = await readOwnFactor(visit.services, visit.caller);
  return {
    ...belowAccount(visit),
    title: TITLE,
    body:
      enabledAt === null ? (
        <div class="narrow stack">
          <p>
            From then on, signing in takes your password and a code that an app on your phone shows. Any app for
            one-time codes will do, as password managers have it, too.
          </p>
          <PageForm csrf={visit.csrf} draft={draft} submit="Show the QR code" cancel={visit.at('/account')}>
            <input type="text" value={visit.session.member.email} autocomplete="username" hidden />
            <TextField
              name={PASSWORD_FIELD}
              label="Your password"
              type="password"
              autocomplete="current-password"
              draft={draft}
              required
            />
          </PageForm>
        </div>
      ) : (
        <IsOn visit={visit} />
      ),
  };
}

function IsOn({ visit }: { visit: Visit }) {
  return (
    <div class="narrow stack">
      <p>
        The second factor is on already. To go on with another app, turn it off first. If you have lost your recovery
        codes, make new ones.
      </p>
      <p class="actions">
        <a class="button" href={visit.at('/account')}>
          Back to your account
        </a>
      </p>
    </div>
  );
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { services, caller, deviceCookie } = visit;
  const enrolment = await sayingProblems(
    () => {
      const { password } = parseFields(passwordFields, { password: form.text(PASSWORD_FIELD) });
      return startEnrolment(services, caller, { password, deviceCookie });
    },
    { field: PASSWORD_FIELD, wrong: 'is not your password' },
  );
  return showOnce({
    ...belowAccount(visit),
    title: TITLE,
    body: <ShowEnrolment visit={visit} enrolment={enrolment} />,
  });
}

function ShowEnrolment({ visit, enrolment: { secret, qrSvg } }: { visit: Visit; enrolment: Enrolment }) {
  return (
    <div class="narrow stack" data-once={visit.at('/account/totp')}>
      <p>Scan this with your authenticator app:</p>
      <img
        class="qr"
        src={`data:image/svg+xml;base64,${Buffer.from(qrSvg).toString('base64')}`}
        alt="QR code for your authenticator app; the key beneath says the same"
        width="220"
        height="220"
      />
      <p>Or type this key into it, if it cannot scan:</p>
      <Copyable label="the key for your app" text={secret} block />
      <p class="hint">Both are shown here and not again, and are good for an hour.</p>
      <EnableForm visit={visit} draft={freshDraft()} />
    </div>
  );
}

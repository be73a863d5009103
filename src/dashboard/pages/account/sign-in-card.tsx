import type { SecondFactorState } from '../../../identity/totp/state.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/facts.tsx';
import { counted } from '../../parts/times.ts';
import { When } from '../../parts/when.tsx';

/** Fewer recovery codes than these are a reason to make new ones. */
const FEW_CODES = 4;

interface SignInCardProps {
  readonly visit: Visit;
  readonly factor: SecondFactorState;
}

/** By what a member signs in, and how to change that. */
export function SignInCard({ visit, factor }: SignInCardProps) {
  return (
    <Card title="How you sign in">
      <div class="setting">
        <div>
          <h3>Password</h3>
          <p class="muted">Changing it ends every other session that you have.</p>
        </div>
        <a class="button" href={visit.at('/account/password')}>
          Change password
        </a>
      </div>
      {factor.enabledAt === null ? <FactorOff visit={visit} /> : <FactorOn visit={visit} factor={factor} />}
    </Card>
  );
}

function FactorOff({ visit }: { visit: Visit }) {
  return (
    <div class="setting">
      <div>
        <h3>
          Second factor <Badge tone="warn">Off</Badge>
        </h3>
        <p class="muted">
          Whoever learns your password can sign in as you. With an authenticator app, signing in also takes a code from
          your phone.
        </p>
      </div>
      <a class="button button-primary" href={visit.at('/account/totp')}>
        Turn on second factor
      </a>
    </div>
  );
}

function FactorOn({ visit, factor: { enabledAt, recoveryCodesLeft } }: SignInCardProps) {
  return (
    <>
      <div class="setting">
        <div>
          <h3>
            Second factor <Badge tone="good">On</Badge>
          </h3>
          <p class="muted">
            An authenticator app, since <When at={enabledAt} now={visit.now} />
          </p>
        </div>
        <a class="button button-danger" href={visit.at('/account/totp/disable')}>
          Turn off second factor
        </a>
      </div>
      <div class="setting">
        <div>
          <h3>Recovery codes {recoveryCodesLeft < FEW_CODES && <Badge tone="warn">{recoveryCodesLeft} left</Badge>}</h3>
          <p class="muted">
            You have {counted(recoveryCodesLeft, 'unused code')}. Each signs you in once without the app.
          </p>
        </div>
        <a class="button" href={visit.at('/account/recovery-codes')}>
          Make new codes
        </a>
      </div>
    </>
  );
}

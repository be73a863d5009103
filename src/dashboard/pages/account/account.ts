import type { Pages } from '../../kernel/pages.ts';
import { mountOwnAccount } from './account-page.tsx';
import { mountEndAllSessions } from './end-all.tsx';
import { mountEndOtherSessions } from './end-others.tsx';
import { mountEndSession } from './end-session.tsx';
import { mountOwnPassword } from './password.tsx';
import { mountRecoveryCodes } from './recovery-codes.tsx';
import { mountDisableTotp } from './totp-disable.tsx';
import { mountEnableTotp } from './totp-enable.tsx';
import { mountStartTotp } from './totp-start.tsx';

/** Everything under `/account`: what members do for themselves. */
export function mountAccount(pages: Pages): void {
  mountOwnAccount(pages);
  mountOwnPassword(pages);
  mountStartTotp(pages);
  mountEnableTotp(pages);
  mountDisableTotp(pages);
  mountRecoveryCodes(pages);
  mountEndOtherSessions(pages);
  mountEndAllSessions(pages);
  mountEndSession(pages);
}

import type { Context } from 'hono';
import { type Proof, stepUp } from '../../identity/sign-in/step-up.ts';
import { toServiceError } from '../../web/failure.ts';
import { countFailure } from './count-failure.ts';
import type { PageDeps } from './deps.ts';
import type { PageEnv } from './env.ts';
import type { Form } from './form.ts';
import { messageFor } from './messages.ts';
import { PROOF_FIELDS } from './proof-fields.ts';
import type { Visit } from './visit.ts';

/** The member has to be asked for a proof; `problem` is what was wrong with the last one. */
export interface Ask {
  readonly ask: { readonly problem: string | undefined };
}

/**
 * Takes the proof that a form carries, if it does. The session goes on under another cookie, and the visit with it: its proof is
 * fresh, and its forms are of the new cookie.
 */
export async function proveAnew(c: Context<PageEnv>, deps: PageDeps, visit: Visit, form: Form): Promise<Visit | Ask> {
  const proof = proofIn(form);
  if (proof === undefined) return { ask: { problem: undefined } };
  const { services, cookies } = deps;
  try {
    const { cookie } = await stepUp(services, visit.caller, {
      proof,
      deviceCookie: visit.deviceCookie,
      kind: 'browser',
    });
    cookies.session.set(c, cookie);
    const authenticatedAt = services.clock.now();
    const { principal, request } = visit.caller;
    const caller = { principal: { ...principal, authenticatedAt }, request };
    return { ...visit, caller, csrf: services.signInKeys.csrfToken(cookie) };
  } catch (thrown) {
    const error = toServiceError(thrown);
    if (error.code !== 'invalid_credentials' && error.code !== 'account_locked') throw error;
    countFailure(c, deps, error);
    const isWrong = error.code === 'invalid_credentials';
    return { ask: { problem: isWrong ? 'This password or code is not right.' : messageFor(error) } };
  }
}

function proofIn(form: Form): Proof | undefined {
  const [password, code] = PROOF_FIELDS.map((name) => form.text(name).trim() && form.text(name));
  if (code) return { code };
  return password ? { password } : undefined;
}

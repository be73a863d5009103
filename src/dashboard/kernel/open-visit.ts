import type { Context } from 'hono';
import { parseSecret } from '../../credentials/opaque-secret.ts';
import type { MemberCaller } from '../../identity/principal.ts';
import { findBrowserSession, readBrowserSession } from '../../identity/sessions/browser.ts';
import type { BrowserSession } from '../../identity/sessions/browser-session.ts';
import { constantTimeEqual } from '../../lib/constant-time.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { OperationName } from '../../rights/rights.ts';
import { deviceCookieOf } from '../../web/device-cookie.ts';
import type { PageDeps } from './deps.ts';
import type { PageEnv } from './env.ts';
import { type Form, requireStorable } from './form.ts';
import { takeNotice } from './notice.ts';
import { originOf } from './origin.ts';
import { mayEver, type Visit } from './visit.ts';

/**
 * The visit of whoever has signed in, read anew for each request; undefined if nobody has. What a script asks for by itself is
 * no use of the session, and takes no notice that is for a page.
 */
export async function openVisit(
  c: Context<PageEnv>,
  { services, cookies }: PageDeps,
  route: string,
  by: 'member' | 'script' = 'member',
): Promise<Visit | undefined> {
  const cookie = cookies.session.read(c);
  const isMember = by === 'member';
  const session = isMember
    ? await readBrowserSession(services, cookie, c.get('address'))
    : await findBrowserSession(services, cookie);
  const secret = parseSecret('cookie', cookie ?? '');
  if (session === undefined || secret === undefined) return undefined;
  const environment = environmentOf(c);
  const caller = callerOf(session, environment, originOf(c, route));
  const url = new URL(c.req.url);
  requireStorable(url.searchParams);
  return {
    services,
    caller,
    session,
    deviceCookie: deviceCookieOf(c, services.config),
    environment,
    now: services.clock.now(),
    csrf: services.signInKeys.csrfToken(secret),
    notice: isMember ? takeNotice(c, cookies) : undefined,
    path: url.pathname.replace(/^\/(live|test)/, ''),
    query: url.searchParams,
    param: (name) => c.req.param(name) ?? '',
    at: (path) => `/${environment}${path}`,
    may: (operation: OperationName) => mayEver(caller, operation),
  };
}

/** As the path has it; where there is no page, no route has read it. */
function environmentOf({ req }: Context<PageEnv>): Visit['environment'] {
  const named = req.param('environment') ?? /^\/(live|test)(?:\/|$)/.exec(req.path)?.[1];
  return named === 'test' ? 'test' : 'live';
}

function callerOf(
  { id, member, workspace, authenticatedAt }: BrowserSession,
  environment: Visit['environment'],
  request: MemberCaller['request'],
): MemberCaller {
  const { access, scopes, name } = member;
  return {
    principal: {
      kind: 'member',
      id: member.id,
      name,
      workspaceId: workspace.id,
      environment,
      access,
      scopes,
      sessionId: id,
      authenticatedAt,
    },
    request,
  };
}

/** @throws ServiceError `forbidden` for a form that none of this session's pages has shown */
export function requireOwnForm(form: Form, csrf: string): void {
  if (constantTimeEqual(Buffer.from(form.text('csrf')), Buffer.from(csrf))) return;
  throw new ServiceError('forbidden', { message: FOREIGN_FORM_MESSAGE });
}

const FOREIGN_FORM_MESSAGE =
  'This form was opened before you last signed in or confirmed who you are. Go back, load the page again, and send it from there.';

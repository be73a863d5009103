import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ServiceError } from '../../lib/errors.ts';
import type { AssetName } from '../assets/assets.ts';
import type { PageDeps } from '../kernel/deps.ts';
import type { PageEnv } from '../kernel/env.ts';
import { messageFor } from '../kernel/messages.ts';
import type { View } from '../kernel/view.ts';
import type { Visit } from '../kernel/visit.ts';
import { Bare } from './bare.tsx';
import { FailureText, failureTitle } from './failure-page.tsx';
import { Shell } from './shell.tsx';

export function renderView(
  c: Context<PageEnv>,
  { assets }: PageDeps,
  visit: Visit,
  view: View,
  status: ContentfulStatusCode = 200,
): Promise<Response> | Response {
  return html(c, <Shell visit={visit} assets={assets} view={view} />, status);
}

interface BareView {
  readonly title: string;
  readonly body: Child;
  readonly scripts?: readonly AssetName[];
  readonly notice?: string | undefined;
}

/** A page without a visit, such as that for signing in. */
export function renderBare(
  c: Context<PageEnv>,
  { assets }: PageDeps,
  { title, body, scripts, notice }: BareView,
  status: ContentfulStatusCode = 200,
): Promise<Response> | Response {
  return html(
    c,
    <Bare title={title} assets={assets} notice={notice} {...(scripts && { scripts })}>
      {body}
    </Bare>,
    status,
  );
}

/** A page that says what failed, with the navigation for whoever has signed in. */
export function renderFailure(
  c: Context<PageEnv>,
  deps: PageDeps,
  visit: Visit | undefined,
  error: ServiceError,
): Promise<Response> | Response {
  const { retryAfterSeconds, code, status } = error;
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
  const title = failureTitle(code);
  const home = visit === undefined ? '/' : visit.at('/overview');
  const body = <FailureText message={pageMessage(error)} requestId={c.get('requestId')} home={home} />;
  if (visit === undefined) return renderBare(c, deps, { title, body }, status);
  return html(c, <Shell visit={visit} assets={deps.assets} view={{ title, body }} />, status);
}

function pageMessage(error: ServiceError): string {
  return error.code === 'not_found'
    ? 'It may have been deleted, or be in the other environment, or the address is mistyped.'
    : messageFor(error);
}

function html(c: Context<PageEnv>, page: Child, status: ContentfulStatusCode): Promise<Response> | Response {
  c.header('Cache-Control', 'no-store');
  return c.html(`<!doctype html>${String(page)}`, status);
}

import { Hono } from 'hono';
import { requestContext } from '../web/request-context.ts';
import type { Services } from '../web/services.ts';
import { loadAssets } from './assets/assets.ts';
import { mountAssets } from './assets/mount.ts';
import { createPageCookies } from './kernel/cookies.ts';
import type { PageDeps } from './kernel/deps.ts';
import type { PageEnv } from './kernel/env.ts';
import { handlePageFailures } from './kernel/failure.ts';
import { createOpenPages } from './kernel/open-pages.ts';
import { createPages } from './kernel/pages.ts';
import { protect } from './kernel/protection.ts';
import { mountLink } from './pages/link/link.tsx';
import { mountForgotten } from './pages/sign-in/forgotten.tsx';
import { mountSignIn } from './pages/sign-in/sign-in.tsx';
import { mountSignOut } from './pages/sign-in/sign-out.ts';
import { mountPages } from './pages.ts';
import { STYLE } from './style/style.ts';

/** The pages for people: rendered here, on the same services as the API, and usable without scripts. */
export function createDashboard(services: Services): Hono<PageEnv> {
  const { publicUrl, trustedProxies } = services.config;
  const assets = loadAssets({ 'dashboard.css': STYLE });
  const deps: PageDeps = { services, assets, cookies: createPageCookies(publicUrl) };
  const app = new Hono<PageEnv>();
  app.use(requestContext({ ...services, trustedProxies }));
  app.use(protect(publicUrl));
  handlePageFailures(app, deps);
  mountAssets(app, assets);
  app.get('/', (c) => c.redirect('/live/overview', 303));
  app.get('/:environment{(?:live|test)}', (c) => c.redirect(`/${c.req.param('environment')}/overview`, 303));
  const open = createOpenPages(app, deps);
  mountSignIn(open, deps);
  mountForgotten(open, deps);
  mountLink(open, deps);
  mountSignOut(app, deps);
  mountPages(createPages(app, deps));
  return app;
}

const PATHS = /^\/(?:$|(?:live|test|sign-in|sign-out|forgotten|link|assets)(?:\/|$))/;

/** Whether a request is for a page rather than for the API. */
export function isForDashboard(path: string): boolean {
  return PATHS.test(path);
}

import type { Services } from '../../web/services.ts';
import type { Assets } from '../assets/assets.ts';
import type { PageCookies } from './cookies.ts';

/** What every part of the dashboard draws on. */
export interface PageDeps {
  readonly services: Services;
  readonly cookies: PageCookies;
  readonly assets: Assets;
}

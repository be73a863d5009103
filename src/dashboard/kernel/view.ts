import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import type { OpaqueSecret } from '../../credentials/opaque-secret.ts';
import type { AssetName } from '../assets/assets.ts';
import type { PageEnv } from './env.ts';
import type { Recheck } from './recheck.ts';

/** The parts of the dashboard that the navigation names. */
export type Section =
  | 'overview'
  | 'tokens'
  | 'projects'
  | 'roles'
  | 'members'
  | 'audit-log'
  | 'requests'
  | 'keys'
  | 'settings'
  | 'account';

/** A page, but for what is around it. */
export interface View {
  readonly title: string;
  readonly section: Section;
  /** Where the page is within its section, outermost first: links back. */
  readonly crumbs?: readonly { readonly title: string; readonly href: string }[];
  /** Beside the title. */
  readonly actions?: Child;
  readonly body: Child;
  /** Scripts beside the one that every page has, by their names: `verify.js`. */
  readonly scripts?: readonly AssetName[];
}

/** What becomes of a form that was sent: another page to go to, one to show at once, such as a secret, or a download. */
export type Outcome =
  | { readonly goTo: string; readonly notice?: string; readonly session?: NextSession }
  | { readonly view: View }
  | { readonly download: (c: Context<PageEnv>, recheck: Recheck) => Response };

/** What a browser goes on in after its session has ended: another one, or none. */
export type NextSession = { readonly cookie: OpaqueSecret; readonly deviceCookie: string } | 'none';

/** Goes to a page after something has been done, which `notice` says there. */
export function seeOther(path: string, notice?: string, session?: NextSession): Outcome {
  return { goTo: path, ...(notice !== undefined && { notice }), ...(session !== undefined && { session }) };
}

/** Shows a page as the answer to the form: for what is to be seen once, and not again when the page is loaded again. */
export function showOnce(view: View): Outcome {
  return { view };
}

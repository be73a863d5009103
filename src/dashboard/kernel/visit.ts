import type { Environment } from '../../credentials/format.ts';
import type { MemberCaller } from '../../identity/principal.ts';
import type { BrowserSession } from '../../identity/sessions/browser-session.ts';
import { decideAccess, OPERATIONS, type OperationName } from '../../rights/rights.ts';
import type { Services } from '../../web/services.ts';

/** A signed-in member asks for a page. */
export interface Visit {
  readonly services: Services;
  readonly caller: MemberCaller;
  readonly session: BrowserSession;
  /** By which a browser is known again that somebody has signed in with. */
  readonly deviceCookie: string | undefined;
  readonly environment: Environment;
  /** The time that all of the page is about. */
  readonly now: Date;
  /** What every form of the page carries. */
  readonly csrf: string;
  /** What happened on the page before, if it is to be said on this one. */
  readonly notice: string | undefined;
  /** The path below the environment, as it was asked for: `/tokens/tkn_…`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** A parameter of the path. */
  param(name: string): string;
  /** Where the page `path` is, in the environment of this visit: `/live/tokens`. */
  at(path: string): string;
  /** Whether the member may do it, a fresh proof aside: what it may not is not shown. */
  may(operation: OperationName): boolean;
}

/** Whether the member may do it at any time: once it has proved anew who it is, where that is asked for. */
export function mayEver({ principal }: MemberCaller, operation: OperationName): boolean {
  const decision = decideAccess(OPERATIONS[operation], principal, {
    now: principal.authenticatedAt,
    workspace: principal.workspaceId,
  });
  return decision.allowed;
}

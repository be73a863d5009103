import type { NewEvent, RequestOrigin, Target } from '../audit/events/event.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import type { Refresh } from '../identity/sessions/refresh.ts';
import type { Authentication } from '../introspection/authenticate.ts';
import type { ServiceError } from '../lib/errors.ts';

/** Tells the audit log about calls that were turned away. */
export interface Refusals {
  authenticationFailed(refusal: Extract<Authentication, { outcome: 'refused' }>, request: RequestOrigin): Promise<void>;
  refreshRefused(refusal: Extract<Refresh, { outcome: 'refused' }>, request: RequestOrigin): Promise<void>;
  denied(caller: Caller, error: ServiceError, targets?: readonly Target[]): Promise<void>;
}

/** `record` counts repeats instead of writing each; see audit/denials.ts. */
export function createRefusals(record: (event: NewEvent) => Promise<void>): Refusals {
  return {
    authenticationFailed: ({ reason, holder: known }, request) =>
      record({
        workspaceId: known?.workspaceId ?? null,
        environment: known?.environment ?? null,
        action: 'authentication.failed',
        outcome: 'failure',
        reason,
        actor: known
          ? { type: known.kind, id: known.id, name: known.name }
          : { type: 'anonymous', id: null, name: null },
        targets: [],
        request,
      }),
    async refreshRefused({ reason, member }, request) {
      // That has an event of its own, with the end of the session.
      if (reason === 'reused') return;
      await record({
        workspaceId: member?.workspaceId ?? null,
        environment: null,
        action: 'authentication.failed',
        outcome: 'failure',
        reason: `refresh_token_${reason}`,
        actor: member
          ? { type: 'member', id: member.id, name: member.name }
          : { type: 'anonymous', id: null, name: null },
        targets: [],
        request,
      });
    },
    denied: ({ principal, request }, error, targets = []) =>
      record({
        workspaceId: principal.workspaceId,
        environment: principal.environment,
        action: 'request.denied',
        outcome: 'denied',
        reason: error.scope === undefined ? error.code : `${error.code}:${error.scope}`,
        actor: actorOf(principal),
        targets,
        request,
      }),
  };
}

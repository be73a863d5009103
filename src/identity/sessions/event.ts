import type { NewEvent, Target } from '../../audit/events/event.ts';
import { actorOf, type Caller } from '../principal.ts';

/** The event of a member, or a manager, who has ended sessions. They are of both environments. */
export function sessionEvent(
  action: 'member.signed_out' | 'session.ended' | 'session.all_ended',
  { principal, request }: Caller,
  target: Target,
  reason?: string,
): NewEvent {
  return {
    workspaceId: principal.workspaceId,
    environment: null,
    action,
    outcome: 'success',
    ...(reason !== undefined && { reason }),
    actor: actorOf(principal),
    targets: [target],
    request,
  };
}

import type { Principal } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';

/** Who takes a place: one of those who may call for a workspace. */
export interface PlaceTaker {
  readonly caller: string;
  readonly workspace: string;
}

/** How many streams, or other long answers, may be open at once in this process. */
export interface StreamPlaces {
  /**
   * Takes a place; call what is returned, once or more often, when its stream has ended.
   *
   * @throws ServiceError `rate_limited` if the caller, or its workspace, has too many, `unavailable` if all have
   */
  take(taker: PlaceTaker): () => void;
}

const PER_CALLER = 20;
const IN_ALL = 500;
const RETRY_AFTER_SECONDS = 30;

/** @param of what they are, in the plural, for the messages */
export function createStreamPlaces({ perCaller = PER_CALLER, inAll = IN_ALL, of = 'streams' } = {}): StreamPlaces {
  // A workspace can issue as many callers as it likes: so it has a limit itself, which leaves places for others.
  const perWorkspace = Math.ceil(inAll / 2);
  const byCaller = new Map<string, number>();
  const byWorkspace = new Map<string, number>();
  let total = 0;

  function tooMany(who: string, most: number): ServiceError {
    const message = `This ${who} has ${most} ${of} open, which is as many as it may have. Close one, then retry.`;
    return new ServiceError('rate_limited', { message, retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  return {
    take({ caller, workspace }) {
      if ((byCaller.get(caller) ?? 0) >= perCaller) throw tooMany('caller', perCaller);
      if ((byWorkspace.get(workspace) ?? 0) >= perWorkspace) throw tooMany('workspace', perWorkspace);
      if (total >= inAll) {
        const message = `The service has ${inAll} ${of} open, which is as many as it serves. Retry later.`;
        throw new ServiceError('unavailable', { message, retryAfterSeconds: RETRY_AFTER_SECONDS });
      }
      let isTaken = true;
      add(byCaller, caller, 1);
      add(byWorkspace, workspace, 1);
      total += 1;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        add(byCaller, caller, -1);
        add(byWorkspace, workspace, -1);
        total -= 1;
      };
    },
  };
}

/** Keeps no name of those who have none. */
function add(counts: Map<string, number>, name: string, change: 1 | -1): void {
  const count = (counts.get(name) ?? 0) + change;
  if (count === 0) counts.delete(name);
  else counts.set(name, count);
}

/** The place of a caller of the API. */
export function takerOf(principal: Principal): PlaceTaker {
  return { caller: principal.kind === 'system' ? 'system' : principal.id, workspace: principal.workspaceId };
}

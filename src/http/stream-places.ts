import { ServiceError } from '../lib/errors.ts';

/** How many streams, or other long answers, may be open at once in this process. */
export interface StreamPlaces {
  /**
   * Takes a place for `caller`; call what is returned, once or more often, when its stream has ended.
   *
   * @throws ServiceError `rate_limited` if the caller has too many, `unavailable` if all have
   */
  take(caller: string): () => void;
}

const PER_CALLER = 20;
const IN_ALL = 500;
const RETRY_AFTER_SECONDS = 30;

/** @param of what they are, in the plural, for the messages */
export function createStreamPlaces({ perCaller = PER_CALLER, inAll = IN_ALL, of = 'streams' } = {}): StreamPlaces {
  const taken = new Map<string, Set<symbol>>();
  let total = 0;
  return {
    take(caller) {
      const own = taken.get(caller) ?? new Set();
      if (own.size >= perCaller) {
        const message = `This caller has ${perCaller} ${of} open, which is as many as it may have. Close one, then retry.`;
        throw new ServiceError('rate_limited', { message, retryAfterSeconds: RETRY_AFTER_SECONDS });
      }
      if (total >= inAll) {
        const message = `The service has ${inAll} ${of} open, which is as many as it serves. Retry later.`;
        throw new ServiceError('unavailable', { message, retryAfterSeconds: RETRY_AFTER_SECONDS });
      }
      const place = Symbol('place');
      taken.set(caller, own.add(place));
      total += 1;
      return () => {
        if (!own.delete(place)) return;
        total -= 1;
        if (own.size === 0) taken.delete(caller);
      };
    },
  };
}

import { createStreamPlaces, type StreamPlaces } from './stream-places.ts';

/** How many long answers of each kind this process has under way, whichever face of the service gives them. */
export interface LongAnswers {
  readonly streams: StreamPlaces;
  readonly exports: StreamPlaces;
}

export function createLongAnswers(): LongAnswers {
  return { streams: createStreamPlaces(), exports: createStreamPlaces(EXPORTS) };
}

const EXPORTS = { perCaller: 3, inAll: 50, of: 'exports' };

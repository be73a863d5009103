import type { MiddlewareHandler } from 'hono';
import { ServiceError } from '../../lib/errors.ts';
import { problemOfText } from '../../web/text.ts';
import type { ApiEnv } from '../api.ts';

/**
 * A parameter given twice means something else to every reader, and broken percent-encoding would silently become
 * replacement characters: both are refused before anyone guesses.
 */
export const requireCleanQuery: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const start = c.req.url.indexOf('?');
  if (start >= 0) {
    const seen = new Set<string>();
    for (const [name, value] of decodePairs(c.req.url.slice(start + 1))) {
      if (seen.has(name)) throw invalid(`The parameter ${JSON.stringify(name.slice(0, 64))} is given more than once.`);
      seen.add(name);
      const problem = problemOfText(name) ?? problemOfText(value);
      if (problem !== undefined) throw invalid(problem);
    }
  }
  await next();
};

function decodePairs(query: string): [name: string, value: string][] {
  const pairs =
    query
      .split('#', 1)[0]
      ?.split('&')
      .filter((pair) => pair !== '') ?? [];
  try {
    return pairs.map((pair) => {
      const [name = '', ...value] = pair.replaceAll('+', ' ').split('=');
      return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
    });
  } catch {
    throw invalid('The query has broken percent-encoding.');
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_request', { message });
}

import type { Context, MiddlewareHandler } from 'hono';
import { ServiceError } from '../../lib/errors.ts';
import { readBody } from '../../web/body.ts';
import type { ApiEnv } from '../api.ts';
import { parseJsonBody } from '../json.ts';

const JSON_TYPE = 'application/json';
const JSON_MEDIA_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * Waits for the last byte of the body, before anybody looks at the credential. A caller that holds its last bytes back
 * is judged by the rights it has when they come, not by those it had when it began.
 */
export const receiveBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  c.set('body', await readBody(c));
  await next();
};

/**
 * Parses the received body and leaves it where the validators look. An absent body counts as `{}`, so that calls without
 * required fields need none.
 */
export const parseBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const bytes = c.get('body');
  if (bytes === undefined) throw new ServiceError('payload_too_large');
  const isAbsent = bytes.byteLength === 0;
  if (!isAbsent && !JSON_MEDIA_TYPE.test(c.req.header('content-type') ?? '')) {
    throw new ServiceError('unsupported_media_type');
  }
  const text = isAbsent ? '{}' : JSON.stringify(parseJsonBody(bytes));
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) });
  declareJson(c);
  await next();
};

/** The validators behind would judge the media type again, by rules of their own. */
function declareJson({ req }: Context<ApiEnv>): void {
  if (req.header('content-type') !== JSON_TYPE) req.raw.headers.set('content-type', JSON_TYPE);
}

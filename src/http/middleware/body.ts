import type { Context, MiddlewareHandler } from 'hono';
import { ServiceError } from '../../lib/errors.ts';
import type { ApiEnv } from '../api.ts';
import { parseJsonBody } from '../json.ts';

export const MAX_BODY_BYTES = 64 * 1024;

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

/** The bytes of a body; undefined as soon as it is certain that there are too many. */
export async function readBody({ req, env }: Context<ApiEnv>): Promise<Uint8Array | undefined> {
  if (Number(req.header('content-length') ?? 0) > MAX_BODY_BYTES) return undefined;
  // From the listener's own stream where there is one: making a web stream of it costs more than all the rest.
  const stream = env?.incoming?.iterator?.({ destroyOnReturn: false }) ?? req.raw.body;
  return stream === null ? new Uint8Array() : collect(stream);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new ServiceError('invalid_request', { message: 'The body ended early.', cause: error });
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

import type { MiddlewareHandler } from 'hono';
import { ServiceError } from '../../lib/errors.ts';
import type { ApiEnv } from '../api.ts';
import { parseJsonBody } from '../json.ts';

export const MAX_BODY_BYTES = 64 * 1024;

const JSON_MEDIA_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * Reads the body once, bounded, and leaves it where the validators look. An absent body counts as `{}`, so that calls
 * without required fields need none.
 */
export const readJsonBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const bytes = await readBody(c.req.raw);
  if (bytes.byteLength > 0 && !JSON_MEDIA_TYPE.test(c.req.header('content-type') ?? '')) {
    throw new ServiceError('unsupported_media_type');
  }
  const text = bytes.byteLength === 0 ? '{}' : JSON.stringify(parseJsonBody(bytes));
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) });
  await next();
};

/** The bytes of a body, or `payload_too_large` as soon as that is certain. */
export async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw new ServiceError('payload_too_large');
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new ServiceError('payload_too_large');
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

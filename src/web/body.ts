import type { HonoRequest } from 'hono';
import { ServiceError } from '../lib/errors.ts';
import type { RequestSource } from './request-source.ts';

export const MAX_BODY_BYTES = 64 * 1024;

/** The bytes of a body; undefined as soon as it is certain that there are too many. */
export async function readBody({
  req,
  env,
}: {
  req: HonoRequest;
  env: RequestSource | undefined;
}): Promise<Uint8Array | undefined> {
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

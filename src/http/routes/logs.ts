import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { etag } from 'hono/etag';
import { servedNote } from '../../audit/checkpoints/checkpoints.ts';
import {
  publishedCheckpoint,
  publishedEntries,
  publishedTile,
  publishedVerifierKey,
} from '../../audit/checkpoints/published.ts';
import { parseTilePath } from '../../audit/core/tile.ts';
import { logIdOf } from '../../audit/events/append.ts';
import { ServiceError } from '../../lib/errors.ts';
import { parseId } from '../../lib/ids.ts';
import { OPERATIONS } from '../../rights/rights.ts';
import { idSchema } from '../../web/fields.ts';
import { routerPath } from '../../web/paths.ts';
import type { Services } from '../../web/services.ts';
import { type Api, type ApiEnv, defineRoute } from '../api.ts';

/** The tree of a workspace's audit log for whoever verifies it, as c2sp.org/tlog-tiles has it. */

const tags = ['Transparency log'];
const workspace = idSchema('ws');
const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const text = (example: string) => ({ 'text/plain': { schema: z.string().openapi({ example }) } });
const bytes = { [BYTES]: { schema: z.string().openapi({ format: 'binary' }) } };
const index = z.string().openapi({
  description:
    'Groups of three digits, all but the last with an x, as further segments of the path: `x001/x234/067`. A partial tile ends in its width: `067.p/12`.',
  example: '000',
});

const EXAMPLE_NAME = 'tooken.example.com/logs/ws_01kav3c4r8e0jbwn7sgm5zkqd2';

const checkpointRoute = defineRoute('getCheckpoint', {
  summary: 'Get the checkpoint of the audit log',
  description:
    'How large the log is and what is in it, signed: a C2SP tlog-checkpoint with the cosignatures of its witnesses, at most a second behind.',
  tags,
  request: { params: z.object({ workspace }) },
  responses: {
    200: {
      description: 'The checkpoint.',
      content: text(`${EXAMPLE_NAME}\n3\n1IDGv4…=\n\n— ${EXAMPLE_NAME} 1fQ9Xo…==\n`),
    },
  },
});

const keyRoute = defineRoute('getVerifierKey', {
  summary: 'Get the verifier key of the audit log',
  description:
    'As C2SP signed-note writes it. Note it at a time when you trust the service: a key from the same place as what it verifies proves nothing.',
  tags,
  request: { params: z.object({ workspace }) },
  responses: { 200: { description: 'The key.', content: text(`${EXAMPLE_NAME}+d5f43d5e+AWl2hm…\n`) } },
});

const tileRoute = defineRoute('getHashTile', {
  summary: 'Get a tile of hashes',
  description:
    'Up to 256 hashes of 32 bytes (C2SP tlog-tiles). Full tiles are there up to the size of the last checkpoint, partial ones for the sizes of published checkpoints. What is there never changes.',
  tags,
  request: { params: z.object({ workspace, level: z.string().openapi({ example: '0' }), index }) },
  responses: { 200: { description: 'The hashes, one after the other.', content: bytes } },
});

const entriesRoute = defineRoute('getEntries', {
  summary: 'Get a bundle of entries',
  description:
    'The leaves under a tile of level 0, each after its length as a big-endian uint16. They hold no personal data in clear, and events of both environments. Compressed with gzip for those that accept it.',
  tags,
  request: { params: z.object({ workspace, index }) },
  responses: { 200: { description: 'The entries, one after the other.', content: bytes } },
});

export function mountLogs(api: Api, services: Services): void {
  // Described here and mounted below: OpenAPI has no parameter that spans segments.
  for (const route of [checkpointRoute, keyRoute, tileRoute, entriesRoute]) api.openAPIRegistry.registerPath(route);

  api.get(routerPath(OPERATIONS.getCheckpoint.path), etag(), async (c) => {
    const note = servedNote(await publishedCheckpoint(services, logOf(c)));
    return c.body(note, 200, { 'Content-Type': TEXT, ...revalidated(c) });
  });

  api.get(routerPath(OPERATIONS.getVerifierKey.path), etag(), async (c) => {
    const key = await publishedVerifierKey(services, logOf(c));
    return c.body(`${key}\n`, 200, { 'Content-Type': TEXT, ...revalidated(c) });
  });

  api.get(routerPath(OPERATIONS.getHashTile.path), async (c) => {
    const tile = tileOf(c);
    if (tile.level === 'entries') throw new ServiceError('not_found');
    const hashes = await publishedTile(services, logOf(c), tile);
    if (hashes === undefined) throw new ServiceError('not_found');
    return c.body(new Uint8Array(hashes), 200, { 'Content-Type': BYTES, ...immutable(c) });
  });

  api.get(routerPath(OPERATIONS.getEntries.path), async (c) => {
    const bundle = tileOf(c);
    if (bundle.level !== 'entries') throw new ServiceError('not_found');
    const entries = await publishedEntries(services, logOf(c), bundle);
    if (entries === undefined) throw new ServiceError('not_found');
    const { Vary, ...caching } = immutable(c);
    const headers = { 'Content-Type': BYTES, ...caching, Vary: `${Vary}, Accept-Encoding` };
    if (!/\bgzip\b(?!\s*;\s*q=0(?:[.]0*)?(?:,|$))/.test(c.req.header('accept-encoding') ?? '')) {
      return c.body(new Uint8Array(entries), 200, headers);
    }
    return c.body(new Uint8Array(await compress(entries)), 200, { ...headers, 'Content-Encoding': 'gzip' });
  });
}

const compress = promisify(gzip);

function logOf(c: Context<ApiEnv>): string {
  const id = parseId('ws', c.req.param('workspace') ?? '');
  if (id === undefined) throw new ServiceError('not_found');
  return logIdOf(id);
}

/** From the path as it was sent: another spelling of it, with percent signs, is another path to every cache. */
function tileOf({ req }: Context<ApiEnv>) {
  const [path = ''] = req.url.split(/[?#]/, 1);
  const tile = parseTilePath(path.slice(path.indexOf('/tile/') + '/tile/'.length));
  if (tile === undefined) throw new ServiceError('not_found');
  return tile;
}

/** A tile never changes, and nobody may keep what is not for everybody but the one who asked. */
function immutable(c: Context<ApiEnv>) {
  return cached(c, 'max-age=31536000, immutable');
}

function revalidated(c: Context<ApiEnv>) {
  return cached(c, 'no-cache');
}

function cached(c: Context<ApiEnv>, rule: string) {
  return {
    'Cache-Control': `${c.get('isOpen') === true ? 'public' : 'private'}, ${rule}`,
    Vary: 'Authorization, X-API-Key',
  };
}

import type { Hono } from 'hono';
import type { PageEnv } from '../kernel/env.ts';
import { ASSETS_PATH, type Assets } from './assets.ts';

/** Everything under `/assets/`, for whoever asks: it is the same for all, and open source. */
export function mountAssets(app: Hono<PageEnv>, assets: Assets): void {
  app.get(`${ASSETS_PATH}*`, (c) => {
    const asset = assets.find(c.req.path);
    if (asset === undefined) return c.notFound();
    const headers = { ETag: asset.etag, 'Cache-Control': FOR_EVER };
    if (c.req.header('if-none-match') === asset.etag) return c.body(null, 304, headers);
    return c.body(asset.body, 200, { ...headers, 'Content-Type': asset.contentType });
  });
}

/** An address holds the hash of what is found there. */
const FOR_EVER = 'public, max-age=31536000, immutable';

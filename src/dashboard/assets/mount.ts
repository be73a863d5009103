import type { Hono } from 'hono';
import type { PageEnv } from '../kernel/env.ts';
import { ASSETS_PATH, type Assets } from './assets.ts';

/**
 * Everything under `/assets/`, for whoever asks: it is the same for all, and open source. So it may be compressed, which
 * pages are not: they hold secrets beside what others may have put there, and their length would tell of them.
 */
export function mountAssets(app: Hono<PageEnv>, assets: Assets): void {
  app.get(`${ASSETS_PATH}*`, (c) => {
    const current = assets.find(c.req.path);
    const asset = current ?? assets.findOfOtherVersion(c.req.path);
    if (asset === undefined) return c.notFound();
    const caching = current === undefined ? 'no-store' : FOR_EVER;
    const isCompressed = GZIP.test(c.req.header('accept-encoding') ?? '');
    const etag = isCompressed ? asset.etag.replace(/"$/, '-gzip"') : asset.etag;
    const headers = { ETag: etag, 'Cache-Control': caching, Vary: 'Accept-Encoding' };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    const content = { ...headers, 'Content-Type': asset.contentType };
    return isCompressed
      ? c.body(asset.gzipped(), 200, { ...content, 'Content-Encoding': 'gzip' })
      : c.body(asset.body, 200, content);
  });
}

/** RFC 9110 §12.5.3, as browsers write it; with a weight it may mean never. */
const GZIP = /(?:^|,)\s*gzip\s*(?:,|$)/i;

/** An address holds the hash of what is found there. */
const FOR_EVER = 'public, max-age=31536000, immutable';

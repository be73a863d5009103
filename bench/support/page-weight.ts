import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';

/** What a browser without anything in its cache has to fetch for a page, in bytes of bodies as they are transferred. */
export interface PageWeight {
  readonly html: number;
  /** With the style sheets and scripts, and what those import. */
  readonly all: number;
  /** The same if all of it were compressed with gzip. */
  readonly allGzipped: number;
}

interface Resource {
  readonly text: string;
  readonly bytes: number;
}

export async function weighPage(url: URL, cookie: string | undefined): Promise<PageWeight> {
  const page = await fetchResource(url, cookie);
  const found = new Map<string, Resource>();
  const waiting = [...page.text.matchAll(REFERENCE)].map((match) => new URL(match[1] ?? '', url));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next.href)) continue;
    const base = next;
    const resource = await fetchResource(base, undefined);
    found.set(base.href, resource);
    if (base.pathname.endsWith('.js'))
      waiting.push(...[...resource.text.matchAll(IMPORT)].map((match) => new URL(match[1] ?? '', base)));
  }
  const all = [page, ...found.values()];
  return {
    html: page.bytes,
    all: sum(all.map(({ bytes }) => bytes)),
    allGzipped: sum(all.map(({ text }) => gzipSync(text).length)),
  };
}

/** Pages refer to files of ours alone, with absolute paths. */
const REFERENCE = /<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)"/g;
/** As `tsc` writes it. */
const IMPORT = /^(?:(?:import|export)\b[^'"`;=]*?\bfrom\s*|import\s*)['"]([^'"\n]+)['"];?$/gm;

async function fetchResource(url: URL, cookie: string | undefined): Promise<Resource> {
  const headers = { accept: 'text/html,*/*', 'accept-encoding': 'gzip, br', ...(cookie && { cookie }) };
  const [response] = (await once(get(url, { headers }), 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} for ${url.pathname}`);
  return { text: decode(body, response.headers['content-encoding']).toString(), bytes: body.length };
}

function decode(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(body);
  return encoding === 'br' ? brotliDecompressSync(body) : body;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

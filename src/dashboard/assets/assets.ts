import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { collectModules, listEntries } from './modules.ts';

/** What pages refer to: a script directly in `dashboard/browser`, or a text that is handed over. */
export type AssetName = `${string}.js` | TextName;

type TextName = 'dashboard.css';

interface Asset {
  readonly body: string;
  readonly contentType: string;
  /** With its quotes, as the header has it. */
  readonly etag: string;
  /** The body as most browsers get it: a quarter of the bytes. Made when it is first asked for. */
  gzipped(): Uint8Array<ArrayBuffer>;
}

export interface Assets {
  /** By the path of a request. It holds the hash of all assets, so an answer may be kept for ever. No path leads to a file. */
  find(path: string): Asset | undefined;
  /**
   * The same by the path that another version of the service has for it: while replicas are replaced, a page of one may load
   * from the other. Nobody is to keep that under this path.
   */
  findOfOtherVersion(path: string): Asset | undefined;
  /** The path of what a page refers to. Throws if there is no such script. */
  urlOf(name: AssetName): string;
}

/** Under which all of them are. */
export const ASSETS_PATH = '/assets/';

const ANY_PREFIX = new RegExp(`^${ASSETS_PATH}[0-9a-f]{32}/`);

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
]);

/** Reads the scripts, once. Throws a StartupError if they are not built. */
export function loadAssets(texts: Readonly<Record<TextName, string>>): Assets {
  const entries = listEntries();
  const bodies = new Map<string, string>(Object.entries(texts));
  for (const { path, source } of collectModules([...entries.values()])) bodies.set(path, source);

  const prefix = `${ASSETS_PATH}${hashAll(bodies)}/`;
  const assets = new Map(Array.from(bodies, ([path, body]) => [prefix + path, toAsset(path, body)]));
  return {
    find: (path) => assets.get(path),
    findOfOtherVersion: (path) => assets.get(path.replace(ANY_PREFIX, prefix)),
    urlOf(name) {
      const url = prefix + (entries.get(name) ?? name);
      if (!assets.has(url)) throw new Error(`there is no asset ${name}`);
      return url;
    },
  };
}

function toAsset(path: string, body: string): Asset {
  const contentType = CONTENT_TYPES.get(extname(path));
  if (contentType === undefined) throw new Error(`there is no content type for ${path}`);
  let compressed: Uint8Array<ArrayBuffer> | undefined;
  return {
    body,
    contentType,
    etag: `"${sha256(body)}"`,
    gzipped() {
      compressed ??= new Uint8Array(gzipSync(body, { level: 9 }));
      return compressed;
    },
  };
}

/** Tells two sets of assets apart, by their paths and bodies. */
function hashAll(bodies: ReadonlyMap<string, string>): string {
  return sha256(JSON.stringify([...bodies].toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** 128 bits of it are plenty to tell one version from another. */
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

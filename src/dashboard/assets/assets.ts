import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { collectModules } from './modules.ts';

/** What pages refer to. */
export type AssetName = EntryName | TextName;

/** Scripts, by their names in `dashboard/browser`; what they import is served with them. */
const ENTRIES = ['main.js'] as const;
type EntryName = (typeof ENTRIES)[number];

/** What is written in TypeScript, and handed over. */
type TextName = 'dashboard.css';

export interface Asset {
  readonly body: string;
  readonly contentType: string;
  /** With its quotes, as the header has it. */
  readonly etag: string;
}

export interface Assets {
  /**
   * By the path of a request, as it came. It holds the hash of all assets, so an answer may be kept for ever
   * (`ASSET_CACHING`). What is found is in memory: no path leads to a file.
   */
  find(path: string): Asset | undefined;
  /** The path of what a page refers to. */
  urlOf(name: AssetName): string;
}

export const ASSET_CACHING = 'public, max-age=31536000, immutable';

/** Under which all of them are. */
export const ASSETS_PATH = '/assets/';

const ENTRY_FOLDER = 'dashboard/browser/';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Reads the scripts, once. Throws a StartupError if they are not built. */
export function loadAssets(texts: Readonly<Record<TextName, string>>): Assets {
  const bodies = new Map(Object.entries(texts));
  for (const { path, source } of collectModules(ENTRIES.map((name) => ENTRY_FOLDER + name))) bodies.set(path, source);

  const prefix = `${ASSETS_PATH}${hashAll(bodies)}/`;
  const assets = new Map(Array.from(bodies, ([path, body]) => [prefix + path, toAsset(path, body)]));
  const entries: readonly string[] = ENTRIES;
  return {
    find: (path) => assets.get(path),
    urlOf: (name) => prefix + (entries.includes(name) ? ENTRY_FOLDER + name : name),
  };
}

function toAsset(path: string, body: string): Asset {
  const contentType = CONTENT_TYPES[extname(path)];
  if (contentType === undefined) throw new Error(`there is no content type for ${path}`);
  return { body, contentType, etag: `"${sha256(body)}"` };
}

/** Another one as soon as any of them differs, is added or goes. */
function hashAll(bodies: ReadonlyMap<string, string>): string {
  return sha256(JSON.stringify([...bodies].toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** 128 bits of it are plenty to tell one version from another. */
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

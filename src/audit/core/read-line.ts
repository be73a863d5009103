import { decodeUtf8 } from '../../lib/encoding.ts';
import { hasDuplicateMember } from '../../lib/json-members.ts';
import { fromBase64 } from './base64.ts';
import { damageAt } from './damage.ts';
import type { DamageCode } from './damage-texts.ts';
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportEvent,
  type ExportGap,
  type ExportHeader,
  type ExportManifest,
  type ExportTile,
} from './export-format.ts';
import { HASH_BYTES, isHash } from './hash.ts';
import { isSize } from './size.ts';

/**
 * A line of an export, read with nothing taken on trust: whatever is not exactly of the format is refused, so that two
 * readers cannot see two things in it.
 */
export type ReadLine =
  | { readonly type: 'header'; readonly header: ExportHeader }
  /** `event` and `openings` are not looked at yet, and members may be there twice. */
  | { readonly type: 'event'; readonly record: ExportEvent; readonly text: string }
  | { readonly type: 'gap'; readonly gap: ExportGap }
  | { readonly type: 'tile'; readonly tile: ExportTile }
  | { readonly type: 'manifest'; readonly manifest: ExportManifest };

/** Without its line feed. Leaves have at most 65,535 bytes; what readers see of one, and records, come on top. */
export const MAX_LINE_BYTES = 2 ** 20;

/** @throws DamageFound */
export function readLine(bytes: Uint8Array, line: number): ReadLine {
  const refuse = (found: string, code: DamageCode = 'damaged_line') => damageAt(line, code, found);
  if (bytes.length > MAX_LINE_BYTES) throw refuse(`The line is longer than ${MAX_LINE_BYTES} bytes.`);
  const text = decodeUtf8(bytes);
  // Whoever has named the wrong file must not be told to look for an intruder.
  const unlike: DamageCode = line === 1 ? 'no_export' : 'damaged_line';
  if (text === undefined) throw refuse('The line is not UTF-8.', unlike);
  const value = parseObject(text);
  if (value === undefined) throw refuse('The line is not a JSON object.', unlike);
  if (value.type === undefined) throw refuse('The line does not say its type.', unlike);
  // Of events it is found out in passing, when the line is compared with what it should be.
  if (value.type !== 'event' && hasDuplicateMember(text)) throw refuse('A member is in the line twice.');
  const read = typed(value, text);
  if (read === undefined) throw refuse('The line is not one of the format, in its type or in its members.');
  return read;
}

function typed(value: JsonObject, text: string): ReadLine | undefined {
  switch (value.type) {
    case 'header':
      return hasShape<ExportHeader>(value, HEADER) ? { type: 'header', header: value } : undefined;
    case 'event':
      return hasShape<ExportEvent>(value, EVENT) ? { type: 'event', record: value, text } : undefined;
    case 'gap':
      return hasShape<ExportGap>(value, GAP) ? { type: 'gap', gap: value } : undefined;
    case 'tile':
      return hasShape<ExportTile>(value, TILE) ? { type: 'tile', tile: value } : undefined;
    case 'manifest':
      return hasShape<ExportManifest>(value, MANIFEST) ? { type: 'manifest', manifest: value } : undefined;
    default:
      return undefined;
  }
}

export interface JsonObject {
  readonly [name: string]: unknown;
}

/** Undefined for what is no JSON, or not an object. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The hash in base64, or undefined. */
export function hashFrom(text: string): Uint8Array | undefined {
  const bytes = text.length === HASH_TEXT_LENGTH ? fromBase64(text) : undefined;
  return bytes !== undefined && isHash(bytes) ? bytes : undefined;
}

/** All of them, or undefined if one is none. */
export function hashesFrom(texts: readonly string[]): Uint8Array[] | undefined {
  const hashes = texts.flatMap((text) => hashFrom(text) ?? []);
  return hashes.length === texts.length ? hashes : undefined;
}

const HASH_TEXT_LENGTH = 4 * Math.ceil(HASH_BYTES / 3);

type Check = (value: unknown) => boolean;
/** By name; a `?` at the end of a name lets the member be left out. No others may be there. */
type Shape = Readonly<Record<string, Check>>;

function hasShape<Line>(value: unknown, shape: CompiledShape): value is Line {
  if (!isObject(value)) return false;
  for (const [name, check] of shape.members) {
    if (!Object.hasOwn(value, name) ? !shape.optional.has(name) : !check(value[name])) return false;
  }
  return Object.keys(value).every((name) => shape.members.has(name));
}

interface CompiledShape {
  readonly members: ReadonlyMap<string, Check>;
  readonly optional: ReadonlySet<string>;
}

function compile(shape: Shape): CompiledShape {
  const entries = Object.entries(shape);
  return {
    members: new Map(entries.map(([name, check]) => [name.replace('?', ''), check])),
    optional: new Set(entries.flatMap(([name]) => (name.endsWith('?') ? [name.slice(0, -1)] : []))),
  };
}

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && isSize(value);
const isTextOrNull: Check = (value) => value === null || typeof value === 'string';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const equals =
  (wanted: unknown): Check =>
  (value) =>
    value === wanted;
const isFilters: Check = (value) =>
  isObject(value) && Object.values(value).every((filter) => isText(filter) || isTexts(filter));
const PREVIOUS = compile({ size: isNumber, proof: isTexts });

const HEADER = compile({
  type: isText,
  format: equals(EXPORT_FORMAT),
  version: equals(EXPORT_VERSION),
  origin: isText,
  verifier_key: isText,
  workspace: isTextOrNull,
  environment: isTextOrNull,
  filters: isFilters,
  first: isNumber,
  end: isNumber,
  checkpoint: isText,
  before: isTexts,
  after: isTexts,
  previous: (value) => value === null || hasShape(value, PREVIOUS),
  exported_at: isText,
  event_id: isText,
});

const EVENT = compile({
  type: isText,
  leaf_index: isNumber,
  leaf_hash: isText,
  leaf: isText,
  openings: isObject,
  event: isObject,
  'records?': isText,
});

const GAP = compile({ type: isText, first: isNumber, end: isNumber, hashes: isTexts });

const TILE = compile({ type: isText, first: isNumber, end: isNumber, hash: isText });

const MANIFEST = compile({
  type: isText,
  events: isNumber,
  gaps: isNumber,
  lines: isNumber,
  sha256: isText,
  signature: isText,
});

import { isCanonical } from './canonical.ts';
import { isObject } from './read-line.ts';
import type { LeafContent, OpenedPayload } from './readable-event.ts';
import { isSize } from './size.ts';

/** The leaf that `text` is; undefined if it is not canonical JSON, or not the leaf of an event. */
export function readLeaf(text: string): LeafContent | undefined {
  const value = parseCanonical(text);
  return isLeaf(value) ? value : undefined;
}

/** What a commitment opens to; undefined if `text` is not canonical JSON, or no such payload. */
export function readPayload(text: string): OpenedPayload | undefined {
  const value = parseCanonical(text);
  return isPayload(value) ? value : undefined;
}

/** The value of canonical JSON, undefined for any other text. */
function parseCanonical(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isWrittenCanonically(text, value) || isCanonical(text) ? value : undefined;
}

/**
 * Finds most canonical texts at a tenth of the cost: RFC 8785 writes numbers and strings as `JSON.stringify` does, so what
 * is left to see is the order of members. Names that look like array indexes come out in another order, and halves of
 * surrogate pairs as escapes: those are left to the full check.
 */
function isWrittenCanonically(text: string, value: unknown): boolean {
  return JSON.stringify(value) === text && !text.includes('\\ud') && isSorted(value);
}

function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let last: string | undefined;
  for (const name of Object.keys(value)) {
    if (last !== undefined && last >= name) return false;
    if (!isSorted((value as Record<string, unknown>)[name])) return false;
    last = name;
  }
  return true;
}

function isLeaf(value: unknown): value is LeafContent {
  if (!isObject(value)) return false;
  const { actor, targets, source, changes, request, introspections } = value;
  return (
    REQUIRED_TEXTS.every((name) => typeof value[name] === 'string') &&
    TEXTS_OR_NULL.every((name) => isTextOrNull(value[name])) &&
    typeof value.schema_version === 'number' &&
    typeof value.count === 'number' &&
    isSubject(actor) &&
    Array.isArray(targets) &&
    targets.every((target) => isSubject(target) && target.id !== null) &&
    (source === null || (isObject(source) && typeof source.commitment === 'string')) &&
    (request === null || isObject(request)) &&
    Array.isArray(changes) &&
    changes.every((change) => isObject(change) && typeof change.field === 'string') &&
    (introspections === undefined || isIntrospections(introspections))
  );
}

const REQUIRED_TEXTS = ['id', 'action', 'operation', 'outcome', 'occurred_at'];
const TEXTS_OR_NULL = ['workspace', 'environment', 'reason', 'first_at', 'last_at'];

function isSubject(value: unknown): value is LeafContent['actor'] {
  return isObject(value) && typeof value.type === 'string' && isTextOrNull(value.id) && isTextOrNull(value.commitment);
}

function isIntrospections(value: unknown): boolean {
  return (
    isObject(value) &&
    isSizeValue(value.count) &&
    typeof value.root === 'string' &&
    Array.isArray(value.addresses) &&
    value.addresses.every((address) => typeof address === 'string')
  );
}

function isPayload(value: unknown): value is OpenedPayload {
  if (!isObject(value)) return false;
  const { changes } = value;
  return (
    PAYLOAD_TEXTS.every((name) => !Object.hasOwn(value, name) || typeof value[name] === 'string') &&
    (changes === undefined || (Array.isArray(changes) && changes.every(isObject)))
  );
}

const PAYLOAD_TEXTS = ['name', 'note', 'ip', 'user_agent'];

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isSizeValue(value: unknown): boolean {
  return typeof value === 'number' && isSize(value);
}

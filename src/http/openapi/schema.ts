import type { OpenApiDocument } from './document.ts';
import { asList, asObject, asText, isObject, type JsonObject } from './json-object.ts';

/** A JSON Schema made ready to be shown: references followed, the parts of an `allOf` merged into one. */
export interface Schema {
  /** The merged keywords, free of `$ref` and `allOf`. */
  readonly keywords: JsonObject;
  /** Name of the component that this is, and nothing besides. */
  readonly name: string | undefined;
  /** The references that lead here; meeting one of them again is recursion. */
  readonly path: ReadonlySet<string>;
  /** Whether this is inside of itself. Its keywords are then incomplete. */
  readonly isRecursive: boolean;
}

/** Which way the described value goes: in requests callers ask what they must send, in answers what may be missing. */
export type Purpose = 'request' | 'answer';

/** A property of an object schema. */
export interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: Schema;
}

/** Opens the schema `value`, which stands at `path` of the document. Recursion ends at the first repetition. */
export function openSchema(
  document: OpenApiDocument,
  value: unknown,
  path: ReadonlySet<string> = new Set<string>(),
): Schema {
  const { $ref, allOf, ...own } = asObject(value);
  const reference = asText($ref);
  if (reference !== undefined && path.has(reference)) {
    return { keywords: own, name: lastSegment(reference), path, isRecursive: true };
  }
  const parts = asList(allOf).map((part) => openSchema(document, part, path));
  if (reference !== undefined) {
    const target = openSchema(document, resolveReference(document, reference), new Set([...path, reference]));
    parts.unshift({ ...target, name: lastSegment(reference) });
  }
  return {
    keywords: [...parts.map((part) => part.keywords), own].reduce(mergeKeywords, {}),
    name: commonName(parts, own),
    path: new Set([...path, ...parts.flatMap((part) => [...part.path])]),
    isRecursive: parts.some((part) => part.isRecursive),
  };
}

export function fieldsOf(document: OpenApiDocument, { keywords, path }: Schema): readonly Field[] {
  const required = asList(keywords.required);
  return Object.entries(asObject(keywords.properties)).map(([name, value]) => ({
    name,
    isRequired: required.includes(name),
    schema: openSchema(document, value, path),
  }));
}

/** The alternatives of a union, without that of being null. */
export function variantsOf(document: OpenApiDocument, { keywords, path }: Schema): readonly Schema[] {
  return [...asList(keywords.anyOf), ...asList(keywords.oneOf)]
    .map((variant) => openSchema(document, variant, path))
    .filter((variant) => !isNull(variant));
}

/** The schema of every item of a list; undefined for what is no list, and for lists of anything. */
export function itemsOf(document: OpenApiDocument, { keywords, path }: Schema): Schema | undefined {
  return isObject(keywords.items) ? openSchema(document, keywords.items, path) : undefined;
}

/** The schemas of a list's first items, where each place has its own. */
export function placesOf(document: OpenApiDocument, { keywords, path }: Schema): readonly Schema[] {
  return asList(keywords.prefixItems).map((place) => openSchema(document, place, path));
}

/** The schema of the properties that have no name of their own; undefined where there are none or they are free. */
export function restOf(document: OpenApiDocument, { keywords, path }: Schema): Schema | undefined {
  const rest = asObject(keywords.additionalProperties);
  return Object.keys(rest).length === 0 ? undefined : openSchema(document, rest, path);
}

/** The JSON types that the schema names, without `null`. */
export function typesOf({ keywords }: Schema): readonly string[] {
  return writtenTypes(keywords).filter((type) => type !== 'null');
}

export function isNullable(document: OpenApiDocument, schema: Schema): boolean {
  const alternatives = [...asList(schema.keywords.anyOf), ...asList(schema.keywords.oneOf)];
  if (alternatives.some((variant) => isNull(openSchema(document, variant, schema.path)))) return true;
  return writtenTypes(schema.keywords).includes('null');
}

/** What the local reference `#/components/…` points at; undefined if it is foreign or dangling. */
export function resolveReference(document: OpenApiDocument, reference: string): unknown {
  const [root, ...segments] = reference.split('/');
  if (root !== '#') return undefined;
  return segments.map(decodeSegment).reduce<unknown>((value, segment) => asObject(value)[segment], document);
}

/** `value`, or what it refers to: for the parts of a document that are not schemas. */
export function dereference(document: OpenApiDocument, value: unknown): JsonObject {
  const reference = asText(asObject(value).$ref);
  return asObject(reference === undefined ? value : resolveReference(document, reference));
}

function writtenTypes({ type }: JsonObject): readonly string[] {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return types.filter((name) => typeof name === 'string');
}

function isNull({ keywords }: Schema): boolean {
  return keywords.type === 'null' || keywords.const === null;
}

/** The later part wins, as the generator means it: it writes a nullable reference as an `allOf` with a wider type. */
function mergeKeywords(first: JsonObject, second: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...first, ...second };
  if (isObject(first.properties) && isObject(second.properties)) {
    merged.properties = { ...first.properties, ...second.properties };
  }
  if (Array.isArray(first.required) && Array.isArray(second.required)) {
    merged.required = [...new Set([...first.required, ...second.required])];
  }
  return merged;
}

/** The name of the one part that has one, unless another part adds fields to it. */
function commonName(parts: readonly Schema[], own: JsonObject): string | undefined {
  const named = parts.filter((part) => part.name !== undefined);
  const withFields = [...parts.map((part) => part.keywords), own].filter((keywords) => 'properties' in keywords);
  return named.length === 1 && withFields.length <= 1 ? named[0]?.name : undefined;
}

function lastSegment(reference: string): string {
  return decodeSegment(reference.slice(reference.lastIndexOf('/') + 1));
}

/** RFC 6901, section 4. */
function decodeSegment(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

import type { OpenApiDocument } from './document.ts';
import { asNumber, asText } from './json-object.ts';
import {
  fieldsOf,
  isNullable,
  itemsOf,
  type Purpose,
  placesOf,
  restOf,
  type Schema,
  typesOf,
  variantsOf,
} from './schema.ts';
import { constantsOf, examplesOf } from './schema-summary.ts';

const FORMAT_EXAMPLES: Readonly<Record<string, string>> = {
  'date-time': '2027-01-31T12:00:00Z',
  date: '2027-01-31',
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/** A value that the schema describes: its own example, or one made from the examples of its parts. */
export function exampleOf(document: OpenApiDocument, schema: Schema, purpose: Purpose): unknown {
  const { keywords } = schema;
  const given = [...examplesOf(keywords), keywords.default, ...constantsOf(keywords)].find((value) => value != null);
  if (given !== undefined) return given;
  if (schema.isRecursive) return isNullable(document, schema) ? null : {};
  const [variant] = variantsOf(document, schema);
  if (variant !== undefined) return exampleOf(document, variant, purpose);
  if ('properties' in keywords) return exampleFields(document, schema, purpose);
  return exampleByType(document, schema, purpose);
}

/** Of a request only what is required, since optional fields may exclude each other; of an answer all there can be. */
function exampleFields(document: OpenApiDocument, schema: Schema, purpose: Purpose): Record<string, unknown> {
  const fields = fieldsOf(document, schema);
  const required = fields.filter((field) => field.isRequired);
  const enough = required.length > 0 ? required : fields.slice(0, 1);
  const shown = purpose === 'answer' ? fields.filter((field) => !field.schema.isRecursive || field.isRequired) : enough;
  return Object.fromEntries(shown.map((field) => [field.name, exampleOf(document, field.schema, purpose)]));
}

function exampleByType(document: OpenApiDocument, schema: Schema, purpose: Purpose): unknown {
  const { keywords } = schema;
  switch (typesOf(schema)[0]) {
    case 'string':
      return FORMAT_EXAMPLES[asText(keywords.format) ?? ''] ?? 'string'.padEnd(asNumber(keywords.minLength) ?? 0, '.');
    case 'integer':
    case 'number':
      return exampleNumber(schema);
    case 'boolean':
      return true;
    case 'array':
      return exampleList(document, schema, purpose);
    case 'object': {
      const rest = restOf(document, schema);
      return rest === undefined ? {} : { key: exampleOf(document, rest, purpose) };
    }
    default:
      return null;
  }
}

function exampleList(document: OpenApiDocument, schema: Schema, purpose: Purpose): readonly unknown[] {
  const places = placesOf(document, schema);
  if (places.length > 0) return places.map((place) => exampleOf(document, place, purpose));
  const items = itemsOf(document, schema);
  return items === undefined || items.isRecursive ? [] : [exampleOf(document, items, purpose)];
}

function exampleNumber({ keywords }: Schema): number {
  const above = asNumber(keywords.exclusiveMinimum);
  const least = asNumber(keywords.minimum) ?? (above === undefined ? 1 : Math.floor(above) + 1);
  return Math.min(Math.max(1, least), asNumber(keywords.maximum) ?? Number.MAX_SAFE_INTEGER);
}

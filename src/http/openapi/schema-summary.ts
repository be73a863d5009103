import type { OpenApiDocument } from './document.ts';
import { asList, asNumber, asText, type JsonObject } from './json-object.ts';
import { isNullable, itemsOf, type Schema, typesOf, variantsOf } from './schema.ts';

/** One thing that a schema demands or supposes: words, then the values that they are about. */
export interface Limit {
  readonly label: string;
  readonly values: readonly string[];
}

/** The type of a schema in a few words: `string`, `array of Token`, `integer or null`. */
export function describeType(document: OpenApiDocument, schema: Schema): string {
  const names = isNullable(document, schema) ? [...typeNames(document, schema), 'null'] : typeNames(document, schema);
  return [...new Set(names)].join(' or ');
}

function typeNames(document: OpenApiDocument, schema: Schema): readonly string[] {
  const types = typesOf(schema);
  const isStructured = types.length === 0 || types.includes('object') || types.includes('array');
  if (schema.name !== undefined && isStructured) return [schema.name];
  const variants = variantsOf(document, schema);
  if (variants.length > 0) return variants.map((variant) => describeType(document, variant));
  if (types.length > 0) return types.map((type) => (type === 'array' ? describeList(document, schema) : type));
  const { keywords } = schema;
  if ('properties' in keywords || 'additionalProperties' in keywords) return ['object'];
  if ('items' in keywords || 'prefixItems' in keywords) return [describeList(document, schema)];
  const values = constantsOf(keywords);
  return values.length > 0 ? values.filter((value) => value !== null).map((value) => typeof value) : ['any value'];
}

function describeList(document: OpenApiDocument, schema: Schema): string {
  const items = itemsOf(document, schema);
  return items === undefined ? 'array' : `array of ${describeType(document, items)}`;
}

/** What the schema demands of its values, apart from type, fields and variants, and what it supposes. */
export function limitsOf(document: OpenApiDocument, schema: Schema): readonly Limit[] {
  const items = itemsOf(document, schema);
  const examples = [...examplesOf(schema.keywords), ...examplesOf(items?.keywords ?? {})];
  return [...demandsOf(document, schema), ...about('for example', examples.slice(0, 1))];
}

function demandsOf(document: OpenApiDocument, schema: Schema): readonly Limit[] {
  const { keywords } = schema;
  const items = itemsOf(document, schema);
  const constants = constantsOf(keywords).filter((value) => value !== null);
  const sentences = [
    asText(keywords.format) === 'password' ? 'secret' : asText(keywords.format),
    describeCount(keywords.minLength, keywords.maxLength, 'character'),
    describeCount(keywords.minItems, keywords.maxItems, 'item'),
    describeCount(keywords.minProperties, keywords.maxProperties, 'field'),
    ...describeBounds(keywords),
    keywords.uniqueItems === true ? 'no duplicates' : undefined,
    keywords.deprecated === true ? 'deprecated' : undefined,
  ];
  return [
    ...sentences.filter((label) => label !== undefined).map((label) => ({ label, values: [] })),
    ...about(constants.length === 1 ? 'always' : 'one of', constants),
    ...about('matches', [keywords.pattern]),
    ...about('default', [keywords.default]),
    ...(items === undefined ? [] : demandsOf(document, items).map(aboutEach)),
  ];
}

function aboutEach({ label, values }: Limit): Limit {
  return { label: `each ${label}`, values };
}

/** The examples that a schema gives, whichever way it does. */
export function examplesOf(keywords: JsonObject): readonly unknown[] {
  return 'example' in keywords ? [keywords.example, ...asList(keywords.examples)] : asList(keywords.examples);
}

/** The only values that a schema allows; none where it is open. */
export function constantsOf(keywords: JsonObject): readonly unknown[] {
  return 'const' in keywords ? [keywords.const] : asList(keywords.enum);
}

function about(label: string, values: readonly unknown[]): readonly Limit[] {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? [] : [{ label, values: present.map(describeValue) }];
}

function describeValue(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}

function describeCount(min: unknown, max: unknown, noun: string): string | undefined {
  const [least, most] = [asNumber(min) ?? 0, asNumber(max)];
  if (most === undefined) return least === 0 ? undefined : `at least ${counted(least, noun)}`;
  if (least === most) return `exactly ${counted(most, noun)}`;
  return least === 0 ? `at most ${counted(most, noun)}` : `${grouped(least)} to ${counted(most, noun)}`;
}

/** The generator bounds every integer by what JavaScript can count; saying so would help nobody. */
function describeBounds(keywords: JsonObject): readonly (string | undefined)[] {
  const [minimum, maximum] = [safely(keywords.minimum), safely(keywords.maximum)];
  const [above, below] = [asNumber(keywords.exclusiveMinimum), asNumber(keywords.exclusiveMaximum)];
  const step = asNumber(keywords.multipleOf);
  return [
    minimum !== undefined && maximum !== undefined ? `${grouped(minimum)} to ${grouped(maximum)}` : undefined,
    minimum !== undefined && maximum === undefined ? `at least ${grouped(minimum)}` : undefined,
    minimum === undefined && maximum !== undefined ? `at most ${grouped(maximum)}` : undefined,
    above === undefined ? undefined : `above ${grouped(above)}`,
    below === undefined ? undefined : `below ${grouped(below)}`,
    step === undefined ? undefined : `a multiple of ${grouped(step)}`,
  ];
}

function safely(bound: unknown): number | undefined {
  const number = asNumber(bound);
  return number === undefined || Math.abs(number) >= Number.MAX_SAFE_INTEGER ? undefined : number;
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}

import { shellQuote } from '../../web/shell-quote.ts';
import type { OpenApiDocument, OpenApiOperation } from './document.ts';
import { asList, asObject, asText, isObject, type JsonObject } from './json-object.ts';
import { renderJson } from './json-text.ts';
import { dereference, openSchema, type Purpose } from './schema.ts';
import { exampleOf } from './schema-example.ts';
import { examplesOf } from './schema-summary.ts';

const FORM = 'application/x-www-form-urlencoded';

/** A command line that calls the operation, ready to paste: with what it requires, its credential in the environment. */
export function renderCurl(
  document: OpenApiDocument,
  { method, path, operation }: { method: string; path: string; operation: OpenApiOperation },
): string {
  const parameters = requiredParameters(document, operation);
  const body = renderBody(document, operation);
  const impliedMethod = body.length === 0 ? 'get' : 'post';
  const query = parametersIn(parameters, 'query').map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const url = [serverOf(document) + fillPath(path, parametersIn(parameters, 'path')), ...query.slice(0, 1)].join('?');
  const target = shellQuote([url, ...query.slice(1)].join('&'));
  return [
    method === impliedMethod ? `curl ${target}` : `curl -X ${method.toUpperCase()} ${target}`,
    ...credentialHeader(operation),
    ...parametersIn(parameters, 'header').map(([name, value]) => `-H ${shellQuote(`${name}: ${value}`)}`),
    ...body,
  ].join(' \\\n  ');
}

/** An API key where one will do. */
function credentialHeader({ security }: OpenApiOperation): readonly string[] {
  if (security?.length === 0) return [];
  const isForPeople = security?.every((way) => 'accessToken' in way) ?? false;
  return [`-H "Authorization: Bearer $${isForPeople ? 'TOOKEN_ACCESS_TOKEN' : 'TOOKEN_API_KEY'}"`];
}

/** The example of a request or an answer of `mediaType`: its own, or one made from its schema. */
export function mediaExample(document: OpenApiDocument, mediaType: unknown, purpose: Purpose): unknown {
  const media = asObject(mediaType);
  if ('example' in media) return media.example;
  const [named] = Object.values(asObject(media.examples));
  if (named !== undefined) return dereference(document, named).value;
  return exampleOf(document, openSchema(document, media.schema), purpose);
}

function renderBody(document: OpenApiDocument, operation: OpenApiOperation): readonly string[] {
  const content = asObject(dereference(document, operation.requestBody).content);
  const [first] = Object.entries(content);
  if (first === undefined) return [];
  const [type, media] = first;
  const example = mediaExample(document, media, 'request');
  if (type === FORM && isObject(example)) {
    return Object.entries(example).map(
      ([name, value]) => `--data-urlencode ${shellQuote(`${name}=${asPlainText(value)}`)}`,
    );
  }
  return [`-H ${shellQuote(`Content-Type: ${type}`)}`, `-d ${shellQuote(renderJson(example))}`];
}

function requiredParameters(document: OpenApiDocument, operation: OpenApiOperation): readonly JsonObject[] {
  return asList(operation.parameters)
    .map((parameter) => dereference(document, parameter))
    .filter((parameter) => parameter.required === true)
    .map((parameter) => ({ ...parameter, value: parameterExample(document, parameter) }));
}

function parameterExample(document: OpenApiDocument, parameter: JsonObject): string {
  const [given] = examplesOf(parameter);
  return asPlainText(given ?? exampleOf(document, openSchema(document, parameter.schema), 'request'));
}

function parametersIn(parameters: readonly JsonObject[], place: string): readonly (readonly [string, string])[] {
  return parameters
    .filter((parameter) => parameter.in === place)
    .map((parameter) => [asText(parameter.name) ?? '', asText(parameter.value) ?? '']);
}

function fillPath(path: string, values: readonly (readonly [string, string])[]): string {
  return values.reduce((filled, [name, value]) => filled.replace(`{${name}}`, () => encodeSegment(value)), path);
}

/** A colon may stand in a path as it is (RFC 3986, section 3.3), and reads better in a scope. */
function encodeSegment(value: string): string {
  return encodeURIComponent(value).replaceAll('%3A', ':');
}

function serverOf(document: OpenApiDocument): string {
  const [server] = asList(asObject(document).servers);
  return (asText(asObject(server).url) ?? '').replace(/\/$/, '');
}

function asPlainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import { isAscii } from 'node:buffer';
import { decodeUtf8 } from '../lib/encoding.ts';
import { type Answer, invalidRequest } from './answers.ts';
import { type Parameters, parseForm, parsePlainForm } from './form.ts';
import { parseJsonBatch, parseJsonParameters } from './json-parameters.ts';

/** A body may be this long; listeners stop reading there. */
export const BODY_MAX_BYTES = 64 * 1024;

/** Requests in one body. */
export const MAX_BATCH = 100;

export type ReadParameters = { readonly parameters: Parameters } | { readonly refusal: Answer };

/**
 * The parameters of a request's body, a form or JSON with the same names. An undefined `body` was too long to be read.
 * `known` are the names that the endpoint looks at; the others are ignored (RFC 6749 §3.2).
 */
export function readParameters(
  contentType: string | undefined,
  body: Uint8Array | undefined,
  known: readonly string[],
): ReadParameters {
  const format = formatOf(contentType);
  if (format === undefined) return refusals.mediaType;
  const text = readText(body);
  if (typeof text !== 'string') return text;
  const parameters = format === 'form' ? (parsePlainForm(text) ?? parseForm(text)) : parseJsonParameters(text, known);
  return typeof parameters === 'string' ? refusals[parameters] : { parameters };
}

export type ReadBatch = { readonly batch: readonly Parameters[] } | { readonly refusal: Answer };

/** The same for a body of many requests, which is JSON. */
export function readBatch(
  contentType: string | undefined,
  body: Uint8Array | undefined,
  known: readonly string[],
): ReadBatch {
  if (formatOf(contentType) !== 'json') return refusals.notJson;
  const text = readText(body);
  if (typeof text !== 'string') return text;
  const batch = parseJsonBatch(text, known, MAX_BATCH);
  return typeof batch === 'string' ? refusals[batch] : { batch };
}

function readText(body: Uint8Array | undefined): string | { readonly refusal: Answer } {
  if (body === undefined || body.byteLength > BODY_MAX_BYTES) return refusals.tooLarge;
  return decode(body) ?? refusals.malformed;
}

/** A parameter without a value counts as one that is not there (RFC 6749 §3.2). */
export function parameterOf(parameters: Parameters, name: string): string | undefined {
  return parameters.get(name) || undefined;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const MEDIA_TYPE = /^\s*([^\s;]+)\s*(?:;(.*))?$/;
const CHARSET = /;\s*charset="?([^\s;"]*)"?\s*(?=;|$)/i;

/** Parameters of the media type are ignored, save a charset that is not UTF-8. */
function formatOf(contentType: string | undefined): 'form' | 'json' | undefined {
  if (contentType === FORM) return 'form';
  const [, type, attributes] = MEDIA_TYPE.exec(contentType ?? '') ?? [];
  const charset = CHARSET.exec(`;${attributes ?? ''}`)?.[1];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') return undefined;
  switch (type?.toLowerCase()) {
    case FORM:
      return 'form';
    case JSON_TYPE:
      return 'json';
    default:
      return undefined;
  }
}

function decode(body: Uint8Array): string | undefined {
  if (!isAscii(body)) return decodeUtf8(body);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return bytes.toString('latin1');
}

const refusals = {
  mediaType: { refusal: invalidRequest('Send the body as a form or as JSON, in UTF-8.', 415) },
  notJson: { refusal: invalidRequest('Send the body as application/json.', 415) },
  batch: { refusal: invalidRequest(`Send a list of 1 to ${MAX_BATCH} objects as requests.`) },
  tooLarge: { refusal: invalidRequest('The request body is larger than 64 KiB. Send less.', 413) },
  malformed: { refusal: invalidRequest('The body cannot be decoded. Check its encoding.') },
  duplicate: { refusal: invalidRequest('A parameter occurs more than once. Send each once.') },
  not_text: { refusal: invalidRequest('A parameter is not a text. Send each as a string.') },
};

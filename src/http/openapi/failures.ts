import type { OpenApiDocument } from './document.ts';
import { asObject, asText } from './json-object.ts';

/** An answer that many operations share: a failure, with the codes that come with its status. */
export interface Failure {
  readonly status: string;
  readonly description: string;
  readonly anchor: string;
  readonly content: unknown;
}

const PREFIX = '#/components/responses/';

/** The failures that the document describes once for all operations, by status. */
export function failuresOf(document: OpenApiDocument): readonly Failure[] {
  return Object.entries(asObject(document.components.responses))
    .filter(([status]) => /^[45]\d\d$/.test(status))
    .map(([status, response]) => ({
      status,
      description: asText(asObject(response).description) ?? '',
      anchor: `error-${status}`,
      content: asObject(response).content,
    }))
    .sort((one, other) => Number(one.status) - Number(other.status));
}

/** The shared failure that `response` refers to; undefined for a response of the operation's own. */
export function sharedFailure(document: OpenApiDocument, response: unknown): Failure | undefined {
  const reference = asText(asObject(response).$ref);
  return failuresOf(document).find(({ status }) => reference === PREFIX + status);
}

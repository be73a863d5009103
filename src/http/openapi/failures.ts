import type { OpenApiDocument, OpenApiOperation } from './document.ts';
import { asObject, asText } from './json-object.ts';
import { dereference } from './schema.ts';

/** One status that a failed call can have, with the codes that come with it. */
export interface Failure {
  readonly status: string;
  readonly description: string;
  /** OpenAPI's map from media type to schema. */
  readonly content: unknown;
}

const SHARED = '#/components/responses/';

/** The failures that the document describes once for all operations, by status. */
export function sharedFailures(document: OpenApiDocument): readonly Failure[] {
  return Object.entries(asObject(document.components.responses))
    .filter(([status]) => isFailure(status))
    .map(([status, response]) => describeFailure(document, status, response));
}

/** The failures of one operation: those it describes itself, and those that are among the shared ones. */
export function failuresOf(document: OpenApiDocument, operation: OpenApiOperation) {
  const failures = Object.entries(operation.responses).filter(([status]) => isFailure(status));
  const isShared = ([status, response]: [string, unknown]) => asText(asObject(response).$ref) === SHARED + status;
  const describe = ([status, response]: [string, unknown]) => describeFailure(document, status, response);
  return {
    own: failures.filter((failure) => !isShared(failure)).map(describe),
    shared: failures.filter(isShared).map(describe),
  };
}

export function isFailure(status: string): boolean {
  return /^[45]\d\d$/.test(status);
}

/** Where the page describes the shared failure of `status`. */
export function failureAnchor(status: string): string {
  return `error-${status}`;
}

function describeFailure(document: OpenApiDocument, status: string, response: unknown): Failure {
  const { description, content } = dereference(document, response);
  return { status, description: asText(description) ?? '', content };
}

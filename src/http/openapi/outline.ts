import type { OpenApiDocument, OpenApiOperation } from './document.ts';
import { asList, asObject, asText } from './json-object.ts';

/** An operation with its place in the API and on the page. */
export interface PlacedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
  /** Fragment of the page, unique in it. */
  readonly anchor: string;
}

export interface OperationGroup {
  readonly tag: string;
  readonly description: string | undefined;
  readonly anchor: string;
  readonly operations: readonly PlacedOperation[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];
const UNTAGGED = 'Other';

/**
 * Every operation of the document once, under its first tag: tags in the order of their declaration, then those that
 * are not declared. Tags without operations are left out.
 */
export function outlineOf(document: OpenApiDocument): readonly OperationGroup[] {
  const claimAnchor = createAnchors();
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({
        method,
        path,
        operation,
        tag: operation.tags?.[0] ?? UNTAGGED,
        anchor: claimAnchor('operation', operation.operationId ?? `${method} ${path}`),
      })),
  );
  const declared = asList(asObject(document).tags).map(asObject);
  const tags = new Set([...declared.map((tag) => asText(tag.name) ?? UNTAGGED), ...operations.map(({ tag }) => tag)]);
  return [...tags]
    .map((tag) => ({
      tag,
      description: asText(declared.find(({ name }) => name === tag)?.description),
      anchor: claimAnchor('tag', tag),
      operations: operations.filter((operation) => operation.tag === tag),
    }))
    .filter((group) => group.operations.length > 0);
}

/** Makes fragments: of names that differ only in characters unfit for one, the second gets a number. */
function createAnchors(): (kind: string, name: string) => string {
  const taken = new Set<string>();
  return (kind, name) => {
    const wanted = `${kind}-${name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '')}`;
    let anchor = wanted;
    for (let number = 2; taken.has(anchor); number += 1) anchor = `${wanted}-${number}`;
    taken.add(anchor);
    return anchor;
  };
}

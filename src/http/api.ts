import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { RequestOrigin } from '../audit/events/event.ts';
import type { Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import { OPERATIONS, type OperationName } from '../rights/rights.ts';
import { detailsOf } from '../web/details.ts';
import { installFieldMessages } from '../web/field-messages.ts';
import type { RequestSource } from '../web/request-source.ts';

/** What is known about every request, and about those that have passed authentication. */
export interface ApiEnv {
  Bindings: RequestSource;
  Variables: {
    requestId: string;
    /** Address of the client, behind trusted proxies too; null where there is no socket, as in tests. */
    address: string | null;
    /** What a call that takes a body came with; undefined if it was too long to be read. */
    body: Uint8Array | undefined;
    /**
     * Set by the access middleware for every operation of the table; handlers rely on it. Absent when an operation that is
     * open to anybody was called without a credential.
     */
    caller: Caller;
    /** Where the request came from, as the audit log tells it; set for every operation of the table. */
    origin: RequestOrigin;
    /** Set for operations that may be open to anybody: whether this one is, so that anybody's cache may keep the answer. */
    isOpen: boolean;
  };
}

export type Api = OpenAPIHono<ApiEnv>;

/** An empty API whose validation failures become errors of the catalogue. */
export function createApi(): Api {
  installFieldMessages();
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      if (result.target === 'param') throw new ServiceError('not_found');
      throw new ServiceError('validation_failed', { details: detailsOf(result.error.issues) });
    },
  });
}

type RouteParts = Pick<RouteConfig, 'summary' | 'description' | 'tags' | 'request' | 'responses'>;

/** The route of an operation: method and path from the access table, schemas from `parts`. */
export function defineRoute<const Name extends OperationName, const Parts extends RouteParts>(
  name: Name,
  parts: Parts,
) {
  const access: { method: (typeof OPERATIONS)[Name]['method']; path: (typeof OPERATIONS)[Name]['path'] } =
    OPERATIONS[name];
  return createRoute({ operationId: name, method: access.method, path: access.path, ...parts });
}

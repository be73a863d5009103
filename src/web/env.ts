import type { Caller } from '../identity/principal.ts';
import type { RequestSource } from './request-source.ts';

/** What is known about every request, whichever of the two faces of the service it is for. */
export interface WebEnv {
  Bindings: RequestSource;
  Variables: {
    requestId: string;
    /** Address of the client, behind trusted proxies too; null where there is no socket, as in tests. */
    address: string | null;
    /** Absent until the request has been authenticated, and where anybody may ask. */
    caller?: Caller;
  };
}

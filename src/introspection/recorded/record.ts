import type { TokenId } from '../../lib/ids.ts';
import type { UsageOutcome } from '../usage/outcome.ts';

/** One introspection, as the audit log keeps it where every one is recorded. */
export interface IntrospectionRecord {
  readonly at: Date;
  /** The id of the API key or token that asked. */
  readonly introspector: string;
  /** The id of the HTTP request. A batch asks several questions in one. */
  readonly request: string;
  /** What was asked about; null for what no token of this workspace and environment is. */
  readonly token: TokenId | null;
  readonly secret: 'current' | 'previous' | null;
  readonly outcome: UsageOutcome;
  readonly requiredScope: string | null;
}

/** Where the introspector called from, and the holder of the token if it said so: positions in the event's addresses. */
export interface AddressPlaces {
  readonly source: number | null;
  readonly client: number | null;
}

/**
 * The line of a record: RFC 8785 canonical JSON. Written out, since this is done for every introspection, and since
 * everything in it is ASCII without quotes: ids, codes, a scope.
 *
 *     {"at":"2027-01-31T12:00:00.000Z","client":1,"introspector":"key_…","outcome":"active","request":"req_…",
 *      "required_scope":"invoices:read","secret":"current","source":0,"token":"tkn_…"}
 */
export function formatRecord(record: IntrospectionRecord, { source, client }: AddressPlaces): string {
  const { at, introspector, outcome, request, requiredScope, secret, token } = record;
  return (
    `{"at":"${isoOf(at)}","client":${client},"introspector":"${introspector}","outcome":"${outcome}",` +
    `"request":"${request}","required_scope":${textOf(requiredScope)},"secret":${textOf(secret)},` +
    `"source":${source},"token":${textOf(token)}}`
  );
}

/** What the JSON of a line has. */
export interface RecordLine extends AddressPlaces {
  readonly at: string;
  readonly introspector: string;
  readonly outcome: UsageOutcome;
  readonly request: string;
  readonly required_scope: string | null;
  readonly secret: 'current' | 'previous' | null;
  readonly token: TokenId | null;
}

function textOf(value: string | null): string {
  return value === null ? 'null' : `"${value}"`;
}

/** Many records are of the same millisecond. */
function isoOf(at: Date): string {
  const ms = at.getTime();
  if (ms !== lastMs) {
    lastMs = ms;
    lastIso = at.toISOString();
  }
  return lastIso;
}

let lastMs = Number.NaN;
let lastIso = '';

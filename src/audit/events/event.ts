import type { EventId, WorkspaceId } from '../../lib/ids.ts';
import type { AuditAction, Operation } from './catalogue.ts';

/** Who did it. `name` is personal and is kept apart from the leaf. */
export interface Actor {
  readonly type: 'api_key' | 'token' | 'member' | 'system' | 'anonymous';
  /** A TypeID; null for `system` and `anonymous`. */
  readonly id: string | null;
  readonly name: string | null;
}

export const TARGET_TYPES = [
  'workspace',
  'api_key',
  'token',
  'scope',
  'settings',
  'member',
  'session',
  'role',
  'group',
  'project',
  'source',
] as const;

/** What it was done to. */
export interface Target {
  readonly type: (typeof TARGET_TYPES)[number];
  readonly id: string;
  readonly name: string | null;
}

/** The HTTP request, or the command, that caused the event. `ip` and `userAgent` are personal. */
export interface RequestOrigin {
  readonly id: string;
  /** `POST`; `CLI` for a command. */
  readonly method: string;
  /** The route's pattern, never the path with its values: `/v1/tokens/{id}/rotate`. */
  readonly route: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** As much of a `User-Agent` header as is kept. */
export function userAgentOf(header: string | undefined): string | null {
  return header?.slice(0, MAX_USER_AGENT_LENGTH) ?? null;
}

const MAX_USER_AGENT_LENGTH = 512;

/**
 * One changed field. Values that may be about a person (names, descriptions, metadata, free text) are `isPersonal`
 * and are kept apart from the leaf, which then only says that the field changed.
 */
export interface Change {
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
  readonly isPersonal?: boolean;
}

/** What a mutation tells the log. The log adds id, time, operation and schema version. */
export interface NewEvent {
  /** The workspace whose log it goes to; null is the installation's own. */
  readonly workspaceId: WorkspaceId | null;
  /** Null for what belongs to the whole workspace; readers count it as `live`. */
  readonly environment: 'live' | 'test' | null;
  readonly action: AuditAction;
  readonly outcome: 'success' | 'denied' | 'failure';
  /** A stable code such as `insufficient_scope`, never free text. */
  readonly reason?: string;
  /** Free text somebody typed: personal, kept with the first target. */
  readonly note?: string;
  readonly actor: Actor;
  readonly targets: readonly Target[];
  readonly changes?: readonly Change[];
  readonly request: RequestOrigin | null;
  /** An address: where it came from, if that is not where the request came from. Personal. */
  readonly source?: string | null;
  /** For an aggregate: how many alike events this one stands for, and when they came. */
  readonly aggregate?: { readonly count: number; readonly firstAt: Date; readonly lastAt: Date };
  /** Of an aggregate of introspections: each single one of them. */
  readonly introspections?: IntrospectionBatch;
}

/**
 * Single introspections, of which the leaf holds no more than a commitment: the root of an RFC 6962 tree over the lines of
 * `records`.
 */
export interface IntrospectionBatch {
  /** Canonical JSON, one record a line, none of it personal. */
  readonly records: string;
  /** In hex. */
  readonly root: string;
  /** Where holders and introspectors called from: records refer to these by position. Personal. */
  readonly addresses: readonly string[];
}

/** An event as readers get it: the leaf, joined with what of the personal payloads has not been erased. */
export interface AuditEvent {
  readonly id: EventId;
  readonly schema_version: 1;
  readonly leaf_index: number;
  readonly workspace: WorkspaceId | null;
  readonly environment: 'live' | 'test' | null;
  readonly action: AuditAction;
  readonly operation: Operation;
  readonly outcome: NewEvent['outcome'];
  readonly reason: string | null;
  readonly note: string | null;
  readonly occurred_at: string;
  readonly actor: Actor;
  readonly targets: readonly Target[];
  readonly request: { readonly id: string; readonly method: string; readonly route: string } | null;
  readonly source: { readonly ip: string | null; readonly user_agent: string | null } | null;
  readonly changes: readonly { readonly field: string; readonly old: unknown; readonly new: unknown }[];
  readonly count: number;
  readonly first_at: string | null;
  readonly last_at: string | null;
  /** What the leaf says of single introspections: how many, the root of their tree in hex, the addresses they refer to. */
  readonly introspections: {
    readonly count: number;
    readonly root: string;
    readonly addresses: readonly (string | null)[];
  } | null;
  /** True when personal data of this event has been erased. */
  readonly redacted: boolean;
}

import type { AuditAction } from '../audit/events/catalogue.ts';
import type { ReservedScope } from '../identity/scopes.ts';

/** An operation of the API, and who may call it. */
export interface OperationAccess {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** OpenAPI notation: `/v1/tokens/{id}`. Where it names a `{workspace}`, any but the caller's own is not found. */
  readonly path: string;
  /** `live`: only of the live environment, tokens too, since the call concerns the whole workspace. `never`: for people alone. */
  readonly apiKey: 'any' | 'live' | 'never';
  /** The scope a token needs; `any` token; or none may. */
  readonly token: ReservedScope | 'any' | 'never';
  /** The members who may, by their access; also what the owner of a token must be, since that acts for its owner. */
  readonly member: MemberAccess;
  /** Members have to have proved who they are within the last {@link STEP_UP_SECONDS}. */
  readonly stepUp?: true;
  /**
   * Whom else it is open to: anybody at all, always, since what the request says is all that counts; or where the workspace
   * has published the tree of its audit log.
   */
  readonly open?: 'always' | 'if_tree_public';
  /** What a successful call leaves in the audit log; absent for calls that change nothing. */
  readonly event?: AuditAction;
}

export type MemberAccess = 'all' | 'managers' | 'managers_and_auditors' | 'all_but_auditors' | 'never';

/** How long a proof of who somebody is lasts for what takes one (RFC 9470). */
export const STEP_UP_SECONDS = 600;

/** Who may call: what many operations have in common. */
export type Callers = Pick<OperationAccess, 'apiKey' | 'token' | 'member' | 'stepUp' | 'open'>;

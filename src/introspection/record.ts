import type { Environment } from '../credentials/format.ts';
import type { TokenOwner } from '../identity/principal.ts';
import type { Scope } from '../identity/scopes.ts';
import type { ApiKeyId, ProjectId, RoleId, TokenId, WorkspaceId } from '../lib/ids.ts';
import type { Answer } from './answers.ts';

/** What a digest leads to: all that judging the credential and answering about it needs, in one piece. */
export type CredentialRecord = ApiKeyRecord | TokenRecord;

export interface ApiKeyRecord {
  readonly kind: 'api_key';
  readonly id: ApiKeyId;
  readonly name: string;
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
  readonly allowedCidrs: readonly string[] | null;
  readonly expiresAt: Date | null;
  /** Whether its introspections are answered only when each of them is recorded. */
  readonly recordsIntrospections: boolean;
}

/** A member as the owner of tokens. */
export interface OwnerRecord extends TokenOwner {
  /** The email address, or the name of who has none. */
  readonly username: string;
  /** Names of its visibility groups, sorted. */
  readonly groups: readonly string[];
  readonly isRemoved: boolean;
}

export interface TokenRecord {
  readonly kind: 'token';
  readonly id: TokenId;
  readonly name: string;
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
  readonly recordsIntrospections: boolean;
  /** Effective: with implied reads. */
  readonly scopes: readonly Scope[];
  /** The member it belongs to; null for a token of the workspace. */
  readonly owner: OwnerRecord | null;
  /** The name of the role it carries. */
  readonly role: string | null;
  readonly projectId: ProjectId | null;
  /** What its scopes rest on: its own role, and those of its owner. */
  readonly roleIds: readonly RoleId[];
  readonly audience: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly allowedCidrs: readonly string[] | null;
  readonly notBefore: Date | null;
  readonly expiresAt: Date | null;
  readonly issuedAtSeconds: number;
  /** Id of who issued it, or `system`. */
  readonly createdBy: string;
  readonly revokedAt: Date | null;
  /** Which of the token's secrets the digest belongs to. */
  readonly secret: 'current' | 'previous';
  /** When the previous secret ends or ended, if there is or was one; for a digest of the previous one, when that does. */
  readonly previousSecretValidUntil: Date | null;
  /** The answer about the token, once somebody has asked; and whether it tells of an overlap (active-answer.ts). */
  builtAnswer: Answer | undefined;
  isBuiltInOverlap: boolean;
}

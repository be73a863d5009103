import type { Subject } from '../coherence/subject.ts';
import type { Environment } from '../credentials/format.ts';
import type { AccessLevel } from '../identity/access-level.ts';
import type { Scope } from '../identity/scopes.ts';
import type { ApiKeyId, MemberId, ProjectId, RoleId, SessionId, TokenId, WorkspaceId } from '../lib/ids.ts';
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

export interface TokenRecord {
  readonly kind: 'token';
  readonly id: TokenId;
  readonly name: string;
  readonly workspaceId: WorkspaceId;
  readonly environment: Environment;
  readonly recordsIntrospections: boolean;
  /** Effective: with implied reads, and no more than its owner's roles allow. */
  readonly scopes: readonly Scope[];
  /** The member it belongs to; null for a token of the workspace. */
  readonly owner: MemberRecord | null;
  /** The role it carries. */
  readonly role: RoleRecord | null;
  readonly projectId: ProjectId | null;
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

export interface RoleRecord {
  readonly id: RoleId;
  readonly name: string;
  /** As the role has them. */
  readonly scopes: readonly Scope[];
}

/** A member, as its tokens and its sessions rest on it. */
export interface MemberRecord {
  readonly id: MemberId;
  readonly name: string;
  /** The email address, or the name of who has none. */
  readonly username: string;
  readonly access: AccessLevel;
  readonly generation: number;
  readonly isRemoved: boolean;
  readonly roleIds: readonly RoleId[];
  /** What its roles grant, with implied reads. */
  readonly scopes: readonly Scope[];
  /** Names of its visibility groups, sorted. */
  readonly groups: readonly string[];
}

/** What the id of a session leads to: all that judging an access token needs. */
export interface SessionRecord {
  readonly kind: 'session';
  readonly id: SessionId;
  readonly workspaceId: WorkspaceId;
  readonly member: MemberRecord;
  /** That of the member when the session began. */
  readonly generation: number;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly recordsIntrospections: boolean;
}

/** Everything other than the credential itself that a change of would change what is remembered of it. */
export function restsOn(record: CredentialRecord | SessionRecord): readonly Subject[] {
  const { workspaceId } = record;
  switch (record.kind) {
    case 'api_key':
      return [workspaceId];
    case 'session':
      return [workspaceId, record.member.id, ...record.member.roleIds];
    case 'token': {
      const { owner, role } = record;
      const ownersRoles = owner === null ? [] : [owner.id, ...owner.roleIds];
      return [workspaceId, ...ownersRoles, ...(role === null ? [] : [role.id])];
    }
  }
}

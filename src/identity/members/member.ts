import type { Target } from '../../audit/events/event.ts';
import type { GroupId, MemberId, RoleId, WorkspaceId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';

export const MEMBER_STATUSES = ['invited', 'active', 'removed'] as const;
export type MemberStatus = (typeof MEMBER_STATUSES)[number];

/** A person of a workspace, or an integration that owns tokens and cannot sign in. */
export interface Member {
  readonly id: MemberId;
  readonly workspaceId: WorkspaceId;
  /** In lower case; null for who has none, and after removal. */
  readonly email: string | null;
  readonly name: string;
  readonly access: AccessLevel;
  /** `invited` until the link is used; who cannot sign in is `active` from the start. */
  readonly status: MemberStatus;
  readonly canSignIn: boolean;
  readonly hasPassword: boolean;
  /** Whether signing in takes a second factor. */
  readonly hasTotp: boolean;
  readonly roles: readonly NamedRole[];
  readonly groups: readonly NamedGroup[];
  readonly lastSignedInAt: Date | null;
  readonly createdAt: Date;
  /** Id of the principal that invited or made it, or `system`. */
  readonly createdBy: string;
  /** When it first chose a password; null until then. */
  readonly joinedAt: Date | null;
  readonly removedAt: Date | null;
  readonly revision: number;
}

export interface NamedRole {
  readonly id: RoleId;
  readonly name: string;
}

export interface NamedGroup {
  readonly id: GroupId;
  readonly name: string;
}

/** How the audit log names a member. */
export function targetOf({ id, name }: Pick<Member, 'id' | 'name'>): Target {
  return { type: 'member', id, name };
}

/** Whether the workspace can be managed through this member: what at least one owner has to be. */
export function isActingOwner({ access, status, canSignIn }: Member): boolean {
  return access === 'owner' && status === 'active' && canSignIn;
}

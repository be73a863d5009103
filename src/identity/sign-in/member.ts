import type { MemberId, WorkspaceId } from '../../lib/ids.ts';
import type { AccessLevel } from '../access-level.ts';

/** As much of a member as signing in takes. It has joined, may sign in and has not been removed. */
export interface SigningMember {
  readonly id: MemberId;
  readonly workspaceId: WorkspaceId;
  readonly workspaceName: string;
  readonly email: string;
  readonly name: string;
  readonly access: AccessLevel;
  readonly generation: number;
  readonly passwordHash: string;
  readonly lastSignedInAt: Date | null;
}

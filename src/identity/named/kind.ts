import type { GroupId, ProjectId, RoleId, WorkspaceId } from '../../lib/ids.ts';
import type { Scope } from '../scopes.ts';

/**
 * Roles, groups and projects: what a workspace names once, describes, and then refers to by id. Each kind says here in
 * what it differs from the others.
 */
export interface NamedKind<Item extends Named> {
  /** As in events and messages. */
  readonly word: 'role' | 'group' | 'project';
  readonly prefix: 'role' | 'grp' | 'prj';
  readonly table: 'roles' | 'visibility_groups' | 'projects';
  /** Fields beside those of {@link Named}; their columns have the same names. */
  readonly ownFields: readonly Exclude<keyof Item & string, keyof Named>[];
  /** Names that people choose freely may be about people; those that services read are not. */
  readonly isNamePersonal: boolean;
}

export interface Named {
  readonly id: RoleId | GroupId | ProjectId;
  readonly workspaceId: WorkspaceId;
  readonly name: string;
  readonly description: string | null;
  /** Counts the changes; the ETag is made of it. */
  readonly revision: number;
  readonly createdAt: Date;
  /** Id of the principal that made it, or `system`. */
  readonly createdBy: string;
  readonly updatedAt: Date;
}

/** A named set of scopes, which tokens carry and members hold. */
export interface Role extends Named {
  readonly id: RoleId;
  /** As granted: sorted, each once, without implied reads. */
  readonly scopes: readonly Scope[];
}

/** A visibility group of members, which services that introspect are told. */
export interface Group extends Named {
  readonly id: GroupId;
}

/** A group of tokens. */
export interface Project extends Named {
  readonly id: ProjectId;
}

export const ROLE: NamedKind<Role> = {
  word: 'role',
  prefix: 'role',
  table: 'roles',
  ownFields: ['scopes'],
  isNamePersonal: false,
};

export const GROUP: NamedKind<Group> = {
  word: 'group',
  prefix: 'grp',
  table: 'visibility_groups',
  ownFields: [],
  isNamePersonal: false,
};

export const PROJECT: NamedKind<Project> = {
  word: 'project',
  prefix: 'prj',
  table: 'projects',
  ownFields: [],
  isNamePersonal: true,
};

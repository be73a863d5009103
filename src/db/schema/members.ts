import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.ts';
import { workspaces } from './workspaces.ts';

/** A person, or an integration, of one workspace. Removal leaves the row, so that what it owned can be told apart. */
export const members = pgTable(
  'members',
  {
    id: uuid('id').primaryKey(),
    workspaceId: uuid('workspace_id')
      .notNull()
      .references(() => workspaces.id),
    /** In lower case; null for who has none, and after removal. */
    email: text('email'),
    name: text('name').notNull(),
    access: text('access', { enum: ['owner', 'admin', 'member', 'auditor'] }).notNull(),
    /** False: an account that only owns tokens. */
    canSignIn: boolean('can_sign_in').notNull().default(true),
    /** When the invitation was accepted; null until then. */
    joinedAt: instant('joined_at'),
    /** Argon2id, in PHC string format; null until one is chosen. */
    passwordHash: text('password_hash'),
    passwordChangedAt: instant('password_changed_at'),
    /** Counts up when everything issued before is to die. */
    generation: integer('generation').notNull().default(1),
    lastSignedInAt: instant('last_signed_in_at'),
    revision: integer('revision').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    /** Id of the principal that invited or made it, or `system`. */
    createdBy: text('created_by').notNull(),
    removedAt: instant('removed_at'),
  },
  (table) => [
    unique('members_in_workspace').on(table.workspaceId, table.id),
    uniqueIndex('members_email').on(table.workspaceId, table.email).where(sql`${table.removedAt} is null`),
    index('members_of_workspace').on(table.workspaceId, table.createdAt, table.id),
    check('members_access_known', sql`${table.access} in ('owner', 'admin', 'member', 'auditor')`),
    check('members_email_form', sql`${table.email} = lower(${table.email}) and length(${table.email}) <= 254`),
  ],
);

/** A role that a member holds. Both belong to `workspace_id`: composite foreign keys see to it (migration 0014). */
export const memberRoles = pgTable(
  'member_roles',
  {
    workspaceId: uuid('workspace_id').notNull(),
    memberId: uuid('member_id').notNull(),
    roleId: uuid('role_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.memberId, table.roleId] }),
    index('member_roles_by_role').on(table.roleId, table.memberId),
  ],
);

/** A visibility group that a member belongs to; likewise within one workspace. */
export const memberGroups = pgTable(
  'member_groups',
  {
    workspaceId: uuid('workspace_id').notNull(),
    memberId: uuid('member_id').notNull(),
    groupId: uuid('group_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.memberId, table.groupId] }),
    index('member_groups_by_group').on(table.groupId, table.memberId),
  ],
);

/** The authenticator app of a member: one that is being enrolled until `enabled_at` is set. */
export const memberTotp = pgTable('member_totp', {
  memberId: uuid('member_id')
    .primaryKey()
    .references(() => members.id),
  /** Sealed under a key derived from the master key, for this member alone. */
  sealedSecret: bytea('sealed_secret').notNull(),
  createdAt: instant('created_at').notNull(),
  enabledAt: instant('enabled_at'),
  /** The last time step whose code was accepted: none up to it is accepted again. */
  lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
});

export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    memberId: uuid('member_id')
      .notNull()
      .references(() => members.id),
    digest: bytea('digest').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [primaryKey({ columns: [table.memberId, table.digest] })],
);

/** A link that lets its holder set a password, once: the newest of a member is the only one that works. */
export const memberLinks = pgTable(
  'member_links',
  {
    id: uuid('id').primaryKey(),
    memberId: uuid('member_id')
      .notNull()
      .references(() => members.id),
    kind: text('kind', { enum: ['invitation', 'set_up', 'reset'] }).notNull(),
    digest: bytea('digest').notNull().unique(),
    createdAt: instant('created_at').notNull(),
    /** Id of the principal that made it, or `system`. */
    createdBy: text('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [
    uniqueIndex('member_links_one_open').on(table.memberId).where(sql`${table.usedAt} is null`),
    check('member_links_kind_known', sql`${table.kind} in ('invitation', 'set_up', 'reset')`),
  ],
);

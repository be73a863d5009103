import { index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { workspaces } from './workspaces.ts';

/** What roles, groups and projects have in common. */
const named = () => ({
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id')
    .notNull()
    .references(() => workspaces.id),
  name: text('name').notNull(),
  description: text('description'),
  revision: integer('revision').notNull().default(1),
  createdAt: instant('created_at').notNull(),
  /** Id of the principal that made it, or `system`. */
  createdBy: text('created_by').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

/** Named sets of scopes, which tokens carry and members hold. */
export const roles = pgTable('roles', { ...named(), scopes: text('scopes').array().notNull() }, (table) => [
  unique('roles_in_workspace').on(table.workspaceId, table.id),
  unique('roles_name').on(table.workspaceId, table.name),
  index('roles_of_workspace').on(table.workspaceId, table.createdAt, table.id),
]);

/** Visibility groups of members, which services that introspect are told. */
export const visibilityGroups = pgTable('visibility_groups', named(), (table) => [
  unique('visibility_groups_in_workspace').on(table.workspaceId, table.id),
  unique('visibility_groups_name').on(table.workspaceId, table.name),
  index('visibility_groups_of_workspace').on(table.workspaceId, table.createdAt, table.id),
]);

/** Groups of tokens. */
export const projects = pgTable('projects', named(), (table) => [
  unique('projects_in_workspace').on(table.workspaceId, table.id),
  unique('projects_name').on(table.workspaceId, table.name),
  index('projects_of_workspace').on(table.workspaceId, table.createdAt, table.id),
]);

-- What belongs together belongs to one workspace, whatever a statement says. Roles, groups and projects that go are taken
-- off what finished tokens and members had of them; members stay.
ALTER TABLE tokens ADD CONSTRAINT tokens_role_in_workspace
  FOREIGN KEY (workspace_id, role_id) REFERENCES roles (workspace_id, id) ON DELETE SET NULL (role_id);
--> statement-breakpoint
ALTER TABLE tokens ADD CONSTRAINT tokens_project_in_workspace
  FOREIGN KEY (workspace_id, project_id) REFERENCES projects (workspace_id, id) ON DELETE SET NULL (project_id);
--> statement-breakpoint
ALTER TABLE tokens ADD CONSTRAINT tokens_owner_in_workspace
  FOREIGN KEY (workspace_id, owner_id) REFERENCES members (workspace_id, id);
--> statement-breakpoint
ALTER TABLE member_roles ADD CONSTRAINT member_roles_member
  FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE;
--> statement-breakpoint
ALTER TABLE member_roles ADD CONSTRAINT member_roles_role
  FOREIGN KEY (workspace_id, role_id) REFERENCES roles (workspace_id, id) ON DELETE CASCADE;
--> statement-breakpoint
ALTER TABLE member_groups ADD CONSTRAINT member_groups_member
  FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE;
--> statement-breakpoint
ALTER TABLE member_groups ADD CONSTRAINT member_groups_group
  FOREIGN KEY (workspace_id, group_id) REFERENCES visibility_groups (workspace_id, id) ON DELETE CASCADE;
--> statement-breakpoint
-- Replicas remember of a member what its tokens and sessions rest on. When it was last seen is not part of that.
CREATE FUNCTION invalidate_changed_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id)
    SELECT 'member', id FROM (
      SELECT id, workspace_id, email, name, access, generation, removed_at FROM changed
      EXCEPT SELECT id, workspace_id, email, name, access, generation, removed_at FROM updated) AS before
    UNION
    SELECT 'member', id FROM (
      SELECT id, workspace_id, email, name, access, generation, removed_at FROM updated
      EXCEPT SELECT id, workspace_id, email, name, access, generation, removed_at FROM changed) AS after;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER members_updated AFTER UPDATE ON members
  REFERENCING OLD TABLE AS changed NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_members();
--> statement-breakpoint
CREATE FUNCTION invalidate_deleted_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id) SELECT 'member', id FROM changed;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER members_deleted AFTER DELETE ON members REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_deleted_members();
--> statement-breakpoint
CREATE FUNCTION invalidate_members_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id) SELECT DISTINCT 'member', member_id FROM changed;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION invalidate_members_of_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id)
    SELECT 'member', member_id FROM changed UNION SELECT 'member', member_id FROM updated;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER member_roles_inserted AFTER INSERT ON member_roles REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_members_of_changed();
--> statement-breakpoint
CREATE TRIGGER member_roles_deleted AFTER DELETE ON member_roles REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_members_of_changed();
--> statement-breakpoint
CREATE TRIGGER member_roles_updated AFTER UPDATE ON member_roles REFERENCING OLD TABLE AS changed NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_members_of_updated();
--> statement-breakpoint
CREATE TRIGGER member_groups_inserted AFTER INSERT ON member_groups REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_members_of_changed();
--> statement-breakpoint
CREATE TRIGGER member_groups_deleted AFTER DELETE ON member_groups REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_members_of_changed();
--> statement-breakpoint
CREATE TRIGGER member_groups_updated AFTER UPDATE ON member_groups REFERENCING OLD TABLE AS changed NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_members_of_updated();
--> statement-breakpoint
-- A group that goes takes its members' rows with it, which tell by themselves.
CREATE FUNCTION invalidate_members_of_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id)
    SELECT DISTINCT 'member', m.member_id FROM updated u JOIN member_groups m ON m.group_id = u.id
    WHERE NOT EXISTS (SELECT FROM changed c WHERE c.id = u.id AND c.name = u.name);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER visibility_groups_updated AFTER UPDATE ON visibility_groups
  REFERENCING OLD TABLE AS changed NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_members_of_groups();
--> statement-breakpoint
CREATE FUNCTION invalidate_updated_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id)
    SELECT 'role', id FROM (SELECT id, name, scopes FROM changed EXCEPT SELECT id, name, scopes FROM updated) AS before
    UNION
    SELECT 'role', id FROM (SELECT id, name, scopes FROM updated EXCEPT SELECT id, name, scopes FROM changed) AS after;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER roles_updated AFTER UPDATE ON roles REFERENCING OLD TABLE AS changed NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_updated_roles();
--> statement-breakpoint
CREATE FUNCTION invalidate_deleted_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id) SELECT 'role', id FROM changed;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER roles_deleted AFTER DELETE ON roles REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_deleted_roles();
--> statement-breakpoint
-- When a session was last seen is not remembered; whether it goes on is. Those that are over are purged in silence.
CREATE FUNCTION invalidate_changed_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id)
    SELECT 'session', id FROM (
      SELECT id, member_id, generation, expires_at, ended_at FROM changed
      EXCEPT SELECT id, member_id, generation, expires_at, ended_at FROM updated) AS before
    UNION
    SELECT 'session', id FROM (
      SELECT id, member_id, generation, expires_at, ended_at FROM updated
      EXCEPT SELECT id, member_id, generation, expires_at, ended_at FROM changed) AS after;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER sessions_updated AFTER UPDATE ON sessions REFERENCING OLD TABLE AS changed NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_sessions();
--> statement-breakpoint
CREATE FUNCTION invalidate_deleted_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id)
    SELECT 'session', id FROM changed WHERE ended_at IS NULL AND expires_at > now();
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_deleted_sessions();

-- Whether every introspection is recorded is remembered with the records of the callers.
CREATE FUNCTION invalidate_changed_workspaces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id)
    SELECT 'workspace', id FROM
      (SELECT id, audited_introspections FROM changed EXCEPT SELECT id, audited_introspections FROM updated) AS before
    UNION
    SELECT 'workspace', id FROM
      (SELECT id, audited_introspections FROM updated EXCEPT SELECT id, audited_introspections FROM changed) AS after;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER workspaces_updated AFTER UPDATE ON workspaces
  REFERENCING OLD TABLE AS changed NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_workspaces();

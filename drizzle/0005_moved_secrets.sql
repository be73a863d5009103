-- A secret that gets another digest, or another token, ends what was remembered of the token before and of the one after;
-- and a digest that is new to the table ends what was remembered as unknown.
CREATE FUNCTION invalidate_updated_secrets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id)
    SELECT 'token', token_id FROM changed UNION SELECT 'token', token_id FROM updated;
  INSERT INTO invalidations (subject_kind)
    SELECT 'creation' WHERE EXISTS (SELECT digest FROM updated EXCEPT SELECT digest FROM changed);
  RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER token_secrets_updated ON token_secrets;
--> statement-breakpoint
CREATE TRIGGER token_secrets_updated AFTER UPDATE ON token_secrets
  REFERENCING OLD TABLE AS changed NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_updated_secrets();

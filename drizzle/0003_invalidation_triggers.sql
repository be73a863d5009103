-- A replica's memory must hear of every change to what it remembers, whoever makes it: so the database itself writes the
-- invalidations, in the transaction of the change, once for each statement.
CREATE FUNCTION invalidate_changed_tokens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id) SELECT 'token', id FROM changed;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER tokens_updated AFTER UPDATE ON tokens REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_tokens();
--> statement-breakpoint
CREATE TRIGGER tokens_deleted AFTER DELETE ON tokens REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_tokens();
--> statement-breakpoint
CREATE FUNCTION invalidate_changed_secrets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id) SELECT DISTINCT 'token', token_id FROM changed;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER token_secrets_updated AFTER UPDATE ON token_secrets REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_secrets();
--> statement-breakpoint
CREATE TRIGGER token_secrets_deleted AFTER DELETE ON token_secrets REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_secrets();
--> statement-breakpoint
-- A new secret ends what was remembered as unknown. Beside an older one it changes what is known of the token, too.
CREATE FUNCTION invalidate_for_new_secrets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind) SELECT 'creation' WHERE EXISTS (SELECT FROM added);
  INSERT INTO invalidations (subject_kind, subject_id) SELECT DISTINCT 'token', a.token_id FROM added a
    JOIN token_secrets s ON s.token_id = a.token_id AND s.digest <> a.digest;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER token_secrets_inserted AFTER INSERT ON token_secrets REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_for_new_secrets();
--> statement-breakpoint
CREATE FUNCTION invalidate_changed_api_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind, subject_id) SELECT 'api_key', id FROM changed;
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO invalidations (subject_kind) SELECT 'creation' WHERE EXISTS (SELECT FROM changed);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER api_keys_updated AFTER UPDATE ON api_keys REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_api_keys();
--> statement-breakpoint
CREATE TRIGGER api_keys_deleted AFTER DELETE ON api_keys REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_changed_api_keys();
--> statement-breakpoint
CREATE FUNCTION invalidate_for_new_api_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO invalidations (subject_kind) SELECT 'creation' WHERE EXISTS (SELECT FROM added);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER api_keys_inserted AFTER INSERT ON api_keys REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION invalidate_for_new_api_keys();
--> statement-breakpoint
-- A queue is nearly empty however much runs through it: vacuum it by what has run through, not by its size.
ALTER TABLE invalidations SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

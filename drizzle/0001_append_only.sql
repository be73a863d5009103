-- Records of the audit log are written once. Privileges keep the service's role from changing them; these triggers keep
-- everyone from it, the owner and superusers included, until they drop a trigger, which is a deliberate act.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['audit_events', 'audit_private', 'audit_leaves', 'audit_targets'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
      name || '_is_append_only', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      name || '_is_never_truncated', name);
    -- Fires for replication and restore sessions too; the plain kind would be skipped there.
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, name || '_is_append_only');
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, name || '_is_never_truncated');
  END LOOP;
END $$;
--> statement-breakpoint
-- Leaf order and `occurred_at` may differ by what clocks and transactions differ, and by no more: a reader turns a time
-- range into a range of leaf indexes with an hour to spare.
CREATE FUNCTION refuse_wrong_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF abs(extract(epoch FROM NEW.occurred_at - clock_timestamp())) > 900 THEN
    RAISE EXCEPTION 'the clock of the service is more than 15 minutes off the clock of the database'
      USING ERRCODE = 'invalid_datetime_format';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_events_clock BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_wrong_clock();
--> statement-breakpoint
-- Substring search over token names. Where the extension is not to be had, the search still works, by scanning.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX tokens_by_name ON tokens USING gin (name gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
  RAISE NOTICE 'pg_trgm is not available: searching tokens by name will scan';
END $$;

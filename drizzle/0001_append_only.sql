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
  FOREACH name IN ARRAY ARRAY['audit_events', 'audit_private', 'audit_leaves', 'audit_targets', 'audit_sources'] LOOP
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
-- A record whose time is far off would mislead whoever reads it, and slow down time ranges.
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
-- The sequencer reads leaves in SQL. One that it could not read would hold up the whole log, so it fails here, with the
-- change it tells of. 65,535 bytes is what an entry of a tile can hold.
CREATE FUNCTION refuse_unreadable_leaf() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE leaf jsonb := convert_from(NEW.leaf, 'UTF8')::jsonb;
BEGIN
  IF octet_length(NEW.leaf) > 65535
    OR (leaf ->> 'occurred_at')::timestamptz IS DISTINCT FROM NEW.occurred_at
    OR leaf ->> 'action' IS NULL
    OR leaf ->> 'outcome' IS NULL
    OR leaf #>> '{actor,type}' IS NULL
    OR jsonb_typeof(leaf -> 'targets') IS DISTINCT FROM 'array'
  THEN
    RAISE EXCEPTION 'this is no leaf of the audit log' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_events_leaf BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_unreadable_leaf();
--> statement-breakpoint
-- A queue is nearly empty however much runs through it: vacuum it by what has run through, not by its size.
ALTER TABLE audit_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
--> statement-breakpoint
-- Substring search over token names. Where the extension is not to be had, the search still works, by scanning.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX tokens_by_name ON tokens USING gin (name gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
  RAISE NOTICE 'pg_trgm is not available: searching tokens by name will scan';
END $$;

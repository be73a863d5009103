ALTER TABLE "audit_erasures" ADD CONSTRAINT "audit_erasures_event_id_unique" UNIQUE("event_id");
--> statement-breakpoint
-- What `audit_erasures` calls a subject. An address is what is to be forgotten, and there are too few for a plain digest to
-- hide one: so the digest has a salt that lives in the erasing transaction alone.
CREATE FUNCTION erased_subject(subject_type text, subject_id text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN subject_type <> 'source' THEN subject_id ELSE
    encode(sha256(convert_to(current_setting('tooken.erasure_salt', true) || '/' || subject_id, 'UTF8')), 'hex') END
$$;
--> statement-breakpoint
-- Personal data goes as an erasure of its very subject, in the transaction of that erasure, or not at all. A row that was
-- restored from a backup has another xmin, so an old erasure allows nothing even when its transaction's number comes again.
CREATE FUNCTION refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted_type text;
  wanted_id text;
BEGIN
  IF TG_TABLE_NAME = 'audit_sources' THEN
    wanted_type := 'source';
    wanted_id := public.erased_subject('source', OLD.ip);
  ELSE
    wanted_type := OLD.subject_type;
    wanted_id := public.erased_subject(OLD.subject_type, OLD.subject_id);
  END IF;
  PERFORM FROM public.audit_erasures erasure
    WHERE erasure.log_id = OLD.log_id AND erasure.subject_type = wanted_type AND erasure.subject_id = wanted_id
      AND erasure.xid = pg_current_xact_id()::text AND erasure.xmin = pg_current_xact_id()::xid;
  IF NOT FOUND THEN
    RAISE EXCEPTION '% loses rows by erasures only: % is refused', TG_TABLE_NAME, TG_OP
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['audit_private', 'audit_sources'] LOOP
    EXECUTE format('DROP TRIGGER %I ON %I', name || '_is_append_only', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()',
      name || '_is_never_changed', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_unless_erased()',
      name || '_is_only_erased', name);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, name || '_is_never_changed');
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, name || '_is_only_erased');
  END LOOP;
END $$;
--> statement-breakpoint
-- Looked at when the transaction commits: what is told of an erasure can then say how much it has erased, and no savepoint can
-- take the event back and leave the erasure. The event must be of this transaction, so none stands for a second erasure.
CREATE FUNCTION refuse_untold_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM public.audit_events event
    CROSS JOIN LATERAL (SELECT convert_from(event.leaf, 'UTF8')::jsonb AS told) AS readable
    WHERE event.id = NEW.event_id AND event.log_id = NEW.log_id AND event.xmin = pg_current_xact_id()::xid
      AND told ->> 'action' = 'personal_data.erased' AND jsonb_array_length(told -> 'targets') = 1
      AND told #>> '{targets,0,type}' = NEW.subject_type
      AND told #>> '{targets,0,id}' = CASE WHEN NEW.subject_type = 'source' THEN 'erased' ELSE NEW.subject_id END;
  IF NOT FOUND OR NEW.xid IS DISTINCT FROM pg_current_xact_id()::text THEN
    RAISE EXCEPTION 'an erasure of personal data must leave its own event, in its own transaction'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER audit_erasures_are_told AFTER INSERT ON audit_erasures
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_untold_erasure();
--> statement-breakpoint
ALTER TABLE audit_erasures ENABLE ALWAYS TRIGGER audit_erasures_are_told;
--> statement-breakpoint
-- Erases about `most` payloads of one subject, never a part of those of one event, and the places of their events in the index
-- of addresses. The caller holds the log's lock, without which the sequencer could be writing such a place, and inserts the
-- event `told_by` before it commits, neither in a savepoint. `has_more`: call again, as another erasure.
CREATE FUNCTION erase_personal_data(told_by uuid, erased_log uuid, erased_type text, erased_id text, most integer)
  RETURNS TABLE (events integer, payloads integer, has_more boolean)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  redacted uuid[];
  places bigint[];
BEGIN
  PERFORM set_config('tooken.erasure_salt', gen_random_uuid()::text || gen_random_uuid()::text, true);
  INSERT INTO public.audit_erasures (event_id, log_id, subject_type, subject_id, xid)
    VALUES (told_by, erased_log, erased_type, public.erased_subject(erased_type, erased_id), pg_current_xact_id()::text);
  -- Arrays, not joins: each of these is a look-up by index, whatever the planner believes of tables that have grown.
  WITH erased AS (
    DELETE FROM public.audit_private WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM public.audit_private
      WHERE log_id = erased_log AND subject_type = erased_type AND subject_id = erased_id
      ORDER BY event_id FETCH FIRST most ROWS WITH TIES))
    RETURNING event_id
  )
  SELECT count(*), coalesce(array_agg(DISTINCT event_id), '{}') INTO payloads, redacted FROM erased;
  events := cardinality(redacted);
  IF erased_type = 'source' THEN
    places := ARRAY(SELECT leaf_index FROM public.audit_leaves WHERE event_id = ANY (redacted));
    DELETE FROM public.audit_sources
      WHERE log_id = erased_log AND environment = ANY ('{live,test}') AND ip = erased_id AND leaf_index = ANY (places);
  END IF;
  has_more := EXISTS (SELECT FROM public.audit_private
    WHERE log_id = erased_log AND subject_type = erased_type AND subject_id = erased_id);
  RETURN NEXT;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION erase_personal_data(uuid, uuid, text, text, integer) FROM PUBLIC;

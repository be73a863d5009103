-- An origin that somebody else's row has taken would keep a log from having its key; whoever opens a key checks its origin.
ALTER TABLE "audit_log_keys" DROP CONSTRAINT "audit_log_keys_origin_unique";--> statement-breakpoint
ALTER TABLE "audit_log_keys" ADD CONSTRAINT "audit_log_keys_generation_known" CHECK ("audit_log_keys"."generation" between 1 and 999999999);
--> statement-breakpoint
-- What follows keeps whoever has the service's role from leaving a log in a state that the sequencer, or a signature, can
-- find no way out of. It holds for what is written from now on. Without scans each look is an index probe, also in a session
-- that planned it when the tables were small.
--
-- The head of a log says how many leaves it has. It never goes back, in no session: there is no way on from a smaller one.
CREATE FUNCTION refuse_head_that_goes_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the head of an audit log never goes back' USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_logs_never_go_back BEFORE UPDATE ON audit_logs FOR EACH ROW
  WHEN (NEW.size < OLD.size OR NEW.id <> OLD.id) EXECUTE FUNCTION refuse_head_that_goes_back();
--> statement-breakpoint
ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER audit_logs_never_go_back;
--> statement-breakpoint
-- Looked at when the statement has ended, which is when the sequencer's one statement has placed its leaves, too.
CREATE FUNCTION refuse_head_without_leaves() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM public.audit_leaves WHERE log_id = NEW.id AND leaf_index = NEW.size)
    OR NEW.size = 0 AND NEW.logged_at <> '-infinity'
    OR NEW.size <> 0 AND NOT EXISTS (
      SELECT FROM public.audit_leaves
      WHERE log_id = NEW.id AND leaf_index = NEW.size - 1 AND logged_at = NEW.logged_at)
  THEN
    RAISE EXCEPTION 'the head of an audit log is where its leaves end' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_logs_begin_with_leaves AFTER INSERT ON audit_logs FOR EACH ROW
  EXECUTE FUNCTION refuse_head_without_leaves();
--> statement-breakpoint
CREATE TRIGGER audit_logs_grow_with_leaves AFTER UPDATE ON audit_logs FOR EACH ROW
  WHEN (NEW.size <> OLD.size OR NEW.logged_at <> OLD.logged_at) EXECUTE FUNCTION refuse_head_without_leaves();
--> statement-breakpoint
-- Leaves come one after the other, and with the head that counts them.
CREATE OR REPLACE FUNCTION index_placed_leaves() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE span record;
BEGIN
  FOR span IN
    SELECT log_id, min(leaf_index) AS first, max(leaf_index) AS last, count(*) AS leaves FROM placed GROUP BY log_id
  LOOP
    IF span.first < 0 OR span.leaves <> span.last - span.first + 1
      OR span.first > 0 AND NOT EXISTS (
        SELECT FROM public.audit_leaves WHERE log_id = span.log_id AND leaf_index = span.first - 1)
      OR NOT EXISTS (SELECT FROM public.audit_logs WHERE id = span.log_id AND size = span.last + 1)
    THEN
      RAISE EXCEPTION 'leaves of an audit log are placed at its end, together with its head'
        USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM public.index_audit_leaves(span.log_id, span.first, span.last);
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- As in 0011, but what is there already, put there by whomever, holds nothing up; nor do changes that are no list, or a
-- count that is nearly as large as can be.
CREATE OR REPLACE FUNCTION index_audit_leaves(log uuid, first bigint, last bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH told AS MATERIALIZED (
    SELECT environment, leaf_index, said ->> 'reason' AS reason, said ->> 'operation' = 'create' AS is_new,
      said -> 'changes' AS changes
    FROM public.audit_leaves placed CROSS JOIN LATERAL (
      SELECT convert_from(leaf, 'UTF8')::jsonb AS said FROM public.audit_events event
      WHERE event.id = placed.event_id OFFSET 0
    ) AS read
    WHERE placed.log_id = log AND placed.leaf_index BETWEEN first AND last
      AND (said ->> 'reason' IS NOT NULL OR said -> 'changes' <> '[]')
  ), heard AS (
    SELECT environment, leaf_index, unnest(ARRAY[reason, substr(reason, strpos(reason, ':') + 1)]
      || (regexp_split_to_array(reason, '[^[:alnum:]]+'))[2:]) AS text
    FROM told WHERE reason IS NOT NULL
    UNION ALL
    SELECT environment, leaf_index, field #>> '{}'
    FROM told CROSS JOIN LATERAL jsonb_path_query(changes, 'lax $[*].field') AS field WHERE NOT is_new
    UNION ALL
    SELECT environment, leaf_index, string #>> '{}'
    FROM told CROSS JOIN LATERAL jsonb_path_query(changes, 'lax $[*].old[*] ? (@.type() == "string")') AS string
    UNION ALL
    SELECT environment, leaf_index, string #>> '{}'
    FROM told CROSS JOIN LATERAL jsonb_path_query(changes, 'lax $[*].new[*] ? (@.type() == "string")') AS string
  )
  INSERT INTO public.audit_words (log_id, environment, word, leaf_index)
  SELECT DISTINCT log, environment, lower(text), leaf_index FROM heard
  WHERE length(text) BETWEEN 1 AND 64 AND text !~ '^\d{4}-\d\d-\d\dT'
  ON CONFLICT DO NOTHING;

  INSERT INTO public.audit_counts AS known (log_id, environment, bucket, action, outcome, events)
  SELECT log, environment, date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z'), action, outcome, count(*)
  FROM public.audit_leaves WHERE log_id = log AND leaf_index BETWEEN first AND last
  GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (log_id, environment, bucket, action, outcome)
    DO UPDATE SET events = least(known.events, 1000000000000000) + excluded.events;
END $$;
--> statement-breakpoint
-- As in 0001, and what is looked up by it fits into an index, and is a time in whatever session reads it.
CREATE OR REPLACE FUNCTION refuse_unreadable_leaf() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  leaf jsonb := convert_from(NEW.leaf, 'UTF8')::jsonb;
  longest CONSTANT integer := 500;
BEGIN
  IF octet_length(NEW.leaf) > 65535
    OR (leaf ->> 'occurred_at')::timestamptz IS DISTINCT FROM NEW.occurred_at
    OR leaf ->> 'occurred_at' !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$'
    OR leaf ->> 'action' IS NULL
    OR leaf ->> 'outcome' IS NULL
    OR leaf #>> '{actor,type}' IS NULL
    OR length(leaf ->> 'action') > longest
    OR length(leaf ->> 'outcome') > longest
    OR length(leaf #>> '{actor,type}') > longest
    OR length(leaf #>> '{actor,id}') > longest
    OR length(leaf #>> '{request,id}') > longest
    OR jsonb_typeof(leaf -> 'targets') IS DISTINCT FROM 'array'
    OR EXISTS (
      SELECT FROM jsonb_array_elements(leaf -> 'targets') AS target WHERE coalesce(length(target ->> 'id') > longest, true))
  THEN
    RAISE EXCEPTION 'this is no leaf of the audit log' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- A tile is made when its leaves are all there; the next one is counted from the last.
CREATE FUNCTION refuse_tile_without_leaves() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM placed WHERE level NOT BETWEEN 0 AND 5 OR tile_index < 0 OR NOT EXISTS (
      SELECT FROM public.audit_logs
      WHERE id = placed.log_id AND size >= (placed.tile_index + 1::numeric) * 256::numeric ^ (placed.level + 1)))
  THEN
    RAISE EXCEPTION 'a tile of an audit log has all of its leaves' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_tiles_have_leaves AFTER INSERT ON audit_tiles REFERENCING NEW TABLE AS placed
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_tile_without_leaves();
--> statement-breakpoint
-- Generations follow one another; some may be missing, of which only another database knew. So there is always a next one.
CREATE FUNCTION refuse_far_generation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.generation > 100 + coalesce((SELECT max(generation) FROM public.audit_log_keys WHERE log_id = NEW.log_id), 0) THEN
    RAISE EXCEPTION 'the next generation of an audit log follows the last one' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_log_keys_follow BEFORE INSERT ON audit_log_keys FOR EACH ROW
  EXECUTE FUNCTION refuse_far_generation();
--> statement-breakpoint
-- Nothing is laid in advance that would be in the way of what is signed later.
CREATE FUNCTION refuse_early_checkpoint() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.audit_logs WHERE id = NEW.log_id AND size >= NEW.size) OR NOT EXISTS (
    SELECT FROM public.audit_log_keys WHERE log_id = NEW.log_id AND generation = NEW.generation)
  THEN
    RAISE EXCEPTION 'a checkpoint of an audit log comes after its leaves and its key' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_checkpoints_come_after BEFORE INSERT ON audit_checkpoints FOR EACH ROW
  EXECUTE FUNCTION refuse_early_checkpoint();
--> statement-breakpoint
CREATE FUNCTION refuse_early_cosignature() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.audit_checkpoints
    WHERE log_id = NEW.log_id AND generation = NEW.generation AND size = NEW.size)
  THEN
    RAISE EXCEPTION 'a cosignature is of a checkpoint that is stored' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_cosignatures_come_after BEFORE INSERT ON audit_cosignatures FOR EACH ROW
  EXECUTE FUNCTION refuse_early_cosignature();

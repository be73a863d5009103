-- In this order all words with the same beginning are neighbours, whatever the language of the database.
ALTER TABLE audit_words ALTER COLUMN word TYPE text COLLATE "C";
--> statement-breakpoint
-- What searches and charts read, from the leaves with indexes `first` to `last` of one log: once for each leaf.
--
-- Words are what no other index has: the reason, whole, behind its colon and in parts; the names of changed fields; and what
-- strings those changed from and to, such as scopes. Of what is new, only the strings. Times have filters of their own.
-- `OFFSET 0` makes the look at each event an index probe, whatever the planner thought when it first saw this.
CREATE FUNCTION index_audit_leaves(log uuid, first bigint, last bigint) RETURNS void LANGUAGE plpgsql AS $$
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
    SELECT environment, leaf_index, change ->> 'field'
    FROM told CROSS JOIN LATERAL jsonb_array_elements(changes) AS change WHERE NOT is_new
    UNION ALL
    SELECT environment, leaf_index, string #>> '{}'
    FROM told CROSS JOIN LATERAL jsonb_path_query(changes, 'lax $[*].old[*] ? (@.type() == "string")') AS string
    UNION ALL
    SELECT environment, leaf_index, string #>> '{}'
    FROM told CROSS JOIN LATERAL jsonb_path_query(changes, 'lax $[*].new[*] ? (@.type() == "string")') AS string
  )
  INSERT INTO public.audit_words (log_id, environment, word, leaf_index)
  SELECT DISTINCT log, environment, lower(text), leaf_index FROM heard
  WHERE length(text) BETWEEN 1 AND 64 AND text !~ '^\d{4}-\d\d-\d\dT';

  INSERT INTO public.audit_counts AS known (log_id, environment, bucket, action, outcome, events)
  SELECT log, environment, date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z'), action, outcome, count(*)
  FROM public.audit_leaves WHERE log_id = log AND leaf_index BETWEEN first AND last
  GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (log_id, environment, bucket, action, outcome) DO UPDATE SET events = known.events + excluded.events;
END $$;
--> statement-breakpoint
-- A trigger, since a replica of the version before this one, too, may place leaves while it is being replaced.
CREATE FUNCTION index_placed_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM public.index_audit_leaves(log_id, min(leaf_index), max(leaf_index)) FROM placed GROUP BY log_id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_leaves_are_indexed AFTER INSERT ON audit_leaves REFERENCING NEW TABLE AS placed
  FOR EACH STATEMENT EXECUTE FUNCTION index_placed_leaves();
--> statement-breakpoint
-- The leaves there are already. Nobody can place another meanwhile: making the trigger has locked their table.
SELECT index_audit_leaves(id, 0, size) FROM audit_logs WHERE size > 0;

CREATE TABLE "token_sources" (
	"token_id" uuid NOT NULL,
	"is_admitted" boolean NOT NULL,
	"source" text NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "token_sources_token_id_is_admitted_source_pk" PRIMARY KEY("token_id","is_admitted","source")
);
--> statement-breakpoint
CREATE TABLE "token_usage" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "token_usage_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"workspace_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"token_id" uuid,
	"introspector_id" text,
	"source" text,
	"outcome" text NOT NULL,
	"secret" text,
	"bucket_seconds" integer NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"uses" bigint NOT NULL,
	"last_used_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "token_usage_of_token" UNIQUE NULLS NOT DISTINCT("token_id","bucket_seconds","starts_at","introspector_id","source","outcome","secret")
);
--> statement-breakpoint
CREATE TABLE "usage_writers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"batches" bigint NOT NULL,
	"written_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "token_sources_by_age" ON "token_sources" USING btree ("seen_at");--> statement-breakpoint
CREATE INDEX "token_usage_of_workspace" ON "token_usage" USING btree ("workspace_id","environment","bucket_seconds","starts_at","id");--> statement-breakpoint
CREATE INDEX "token_usage_by_introspector" ON "token_usage" USING btree ("introspector_id","bucket_seconds","starts_at","id");--> statement-breakpoint
CREATE INDEX "token_usage_by_source" ON "token_usage" USING btree ("workspace_id","environment","source","bucket_seconds","starts_at","id") WHERE "token_usage"."source" is not null;--> statement-breakpoint
CREATE INDEX "token_usage_inactive" ON "token_usage" USING btree ("workspace_id","environment","outcome","bucket_seconds","starts_at","id") WHERE "token_usage"."outcome" <> 'active';--> statement-breakpoint
CREATE INDEX "token_usage_previous" ON "token_usage" USING btree ("workspace_id","environment","bucket_seconds","starts_at","id") WHERE "token_usage"."secret" = 'previous';--> statement-breakpoint
CREATE INDEX "token_usage_previous_of_token" ON "token_usage" USING btree ("token_id","bucket_seconds","starts_at") WHERE "token_usage"."secret" = 'previous';--> statement-breakpoint
-- A row is counted up once a second while its stretch of time lasts. With room on its page that touches no index.
ALTER TABLE token_usage SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE credential_uses SET (fillfactor = 80);
--> statement-breakpoint
-- What is known of the past, so that tokens in use do not all seem to come from somewhere new.
INSERT INTO token_sources (token_id, is_admitted, source, seen_at)
  SELECT t.id, true,
    CASE WHEN u.last_used_from LIKE '%:%' THEN network(set_masklen(u.last_used_from::inet, 64))::text ELSE u.last_used_from END,
    u.last_used_at
  FROM credential_uses u JOIN tokens t ON t.id = u.credential_id
  WHERE u.last_used_from ~ '^[0-9a-f.:]+$';

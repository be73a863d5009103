CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"name" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"hint" text NOT NULL,
	"allowed_cidrs" text[],
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL,
	"regenerated_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_digest_unique" UNIQUE("digest"),
	CONSTRAINT "api_keys_environment" CHECK ("api_keys"."environment" in ('live', 'test'))
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"log_id" uuid NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"leaf" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_leaves" (
	"log_id" uuid NOT NULL,
	"leaf_index" bigint NOT NULL,
	"event_id" uuid NOT NULL,
	"hash" "bytea" NOT NULL,
	"environment" text NOT NULL,
	"action" text NOT NULL,
	"outcome" text NOT NULL,
	"actor_id" text NOT NULL,
	"request_id" text,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"logged_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_leaves_log_id_leaf_index_pk" PRIMARY KEY("log_id","leaf_index")
);
--> statement-breakpoint
CREATE TABLE "audit_logs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"logged_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_pending" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_pending_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"log_id" uuid NOT NULL,
	"event_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_private" (
	"event_id" uuid NOT NULL,
	"slot" text NOT NULL,
	"log_id" uuid NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"salt" "bytea" NOT NULL,
	"payload" "bytea" NOT NULL,
	CONSTRAINT "audit_private_event_id_slot_pk" PRIMARY KEY("event_id","slot")
);
--> statement-breakpoint
CREATE TABLE "audit_sources" (
	"log_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"ip" text NOT NULL,
	"leaf_index" bigint NOT NULL,
	CONSTRAINT "audit_sources_log_id_environment_ip_leaf_index_pk" PRIMARY KEY("log_id","environment","ip","leaf_index")
);
--> statement-breakpoint
CREATE TABLE "audit_targets" (
	"log_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"target_id" text NOT NULL,
	"leaf_index" bigint NOT NULL,
	CONSTRAINT "audit_targets_log_id_environment_target_id_leaf_index_pk" PRIMARY KEY("log_id","environment","target_id","leaf_index")
);
--> statement-breakpoint
CREATE TABLE "idempotent_answers" (
	"key_digest" "bytea" PRIMARY KEY NOT NULL,
	"request_digest" "bytea" NOT NULL,
	"status" integer NOT NULL,
	"answer" "bytea",
	"subject_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"master_key_fingerprint" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "installation_is_one_row" CHECK ("installation"."is_only")
);
--> statement-breakpoint
CREATE TABLE "scopes" (
	"workspace_id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "scopes_workspace_id_name_pk" PRIMARY KEY("workspace_id","name")
);
--> statement-breakpoint
CREATE TABLE "credential_uses" (
	"credential_id" uuid PRIMARY KEY NOT NULL,
	"last_used_at" timestamp (3) with time zone NOT NULL,
	"last_used_from" text
);
--> statement-breakpoint
CREATE TABLE "token_secrets" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"token_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"hint" text NOT NULL,
	"scopes" text[] NOT NULL,
	"audience" text,
	"metadata" jsonb NOT NULL,
	"allowed_cidrs" text[],
	"not_before" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL,
	"issued_through" uuid[],
	"rotated_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"revoked_by" text,
	"revoke_reason" text,
	"revision" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "tokens_environment" CHECK ("tokens"."environment" in ('live', 'test'))
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"token_prefix" text NOT NULL,
	"former_token_prefixes" text[] DEFAULT '{}' NOT NULL,
	"is_scope_catalogue_enforced" boolean DEFAULT false NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workspaces_name_unique" UNIQUE("name"),
	CONSTRAINT "workspaces_token_prefix_form" CHECK ("workspaces"."token_prefix" ~ '^[a-z][a-z0-9]{1,11}$')
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scopes" ADD CONSTRAINT "scopes_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "token_secrets" ADD CONSTRAINT "token_secrets_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_of_workspace" ON "api_keys" USING btree ("workspace_id","environment","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_leaves_of_event" ON "audit_leaves" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "audit_leaves_by_environment" ON "audit_leaves" USING btree ("log_id","environment","leaf_index");--> statement-breakpoint
CREATE INDEX "audit_leaves_by_action" ON "audit_leaves" USING btree ("log_id","environment","action","leaf_index");--> statement-breakpoint
CREATE INDEX "audit_leaves_by_outcome" ON "audit_leaves" USING btree ("log_id","environment","outcome","leaf_index");--> statement-breakpoint
CREATE INDEX "audit_leaves_by_actor" ON "audit_leaves" USING btree ("log_id","environment","actor_id","leaf_index");--> statement-breakpoint
CREATE INDEX "audit_leaves_by_request" ON "audit_leaves" USING btree ("log_id","environment","request_id","leaf_index") WHERE "audit_leaves"."request_id" is not null;--> statement-breakpoint
CREATE INDEX "audit_leaves_by_time" ON "audit_leaves" USING btree ("log_id","logged_at","leaf_index");--> statement-breakpoint
CREATE INDEX "audit_leaves_late" ON "audit_leaves" USING btree ("log_id","occurred_at","leaf_index") WHERE "audit_leaves"."logged_at" - "audit_leaves"."occurred_at" > interval '1 minute';--> statement-breakpoint
CREATE INDEX "audit_pending_of_log" ON "audit_pending" USING btree ("log_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_pending_of_event" ON "audit_pending" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "audit_private_by_subject" ON "audit_private" USING btree ("log_id","subject_type","subject_id","event_id");--> statement-breakpoint
CREATE INDEX "idempotent_answers_by_subject" ON "idempotent_answers" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "idempotent_answers_by_age" ON "idempotent_answers" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "token_secrets_of_token" ON "token_secrets" USING btree ("token_id");--> statement-breakpoint
CREATE UNIQUE INDEX "token_secrets_one_current" ON "token_secrets" USING btree ("token_id") WHERE "token_secrets"."valid_until" is null;--> statement-breakpoint
CREATE INDEX "tokens_of_workspace" ON "tokens" USING btree ("workspace_id","environment","created_at","id","revoked_at","expires_at","not_before");--> statement-breakpoint
CREATE INDEX "tokens_revoked" ON "tokens" USING btree ("workspace_id","environment","created_at","id") WHERE "tokens"."revoked_at" is not null;--> statement-breakpoint
CREATE INDEX "tokens_not_before" ON "tokens" USING btree ("workspace_id","environment","created_at","id") WHERE "tokens"."not_before" is not null;--> statement-breakpoint
CREATE INDEX "tokens_by_creator" ON "tokens" USING btree ("workspace_id","environment","created_by","created_at","id");--> statement-breakpoint
CREATE INDEX "tokens_by_issuing_token" ON "tokens" USING gin ("issued_through") WHERE "tokens"."issued_through" is not null;--> statement-breakpoint
CREATE INDEX "tokens_by_expiry" ON "tokens" USING btree ("workspace_id","environment","expires_at");--> statement-breakpoint
CREATE INDEX "tokens_by_scope" ON "tokens" USING gin ("scopes");
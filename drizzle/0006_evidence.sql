CREATE TABLE "audit_checkpoints" (
	"log_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"size" bigint NOT NULL,
	"root" "bytea" NOT NULL,
	"note" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_checkpoints_log_id_generation_size_pk" PRIMARY KEY("log_id","generation","size")
);
--> statement-breakpoint
CREATE TABLE "audit_cosignatures" (
	"log_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"size" bigint NOT NULL,
	"witness" text NOT NULL,
	"line" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_cosignatures_log_id_generation_size_witness_pk" PRIMARY KEY("log_id","generation","size","witness")
);
--> statement-breakpoint
CREATE TABLE "audit_counts" (
	"log_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"bucket" timestamp (3) with time zone NOT NULL,
	"action" text NOT NULL,
	"outcome" text NOT NULL,
	"events" bigint NOT NULL,
	CONSTRAINT "audit_counts_log_id_environment_bucket_action_outcome_pk" PRIMARY KEY("log_id","environment","bucket","action","outcome")
);
--> statement-breakpoint
CREATE TABLE "audit_erasures" (
	"event_id" uuid NOT NULL,
	"log_id" uuid NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"xid" text NOT NULL,
	CONSTRAINT "audit_erasures_log_id_subject_type_subject_id_event_id_pk" PRIMARY KEY("log_id","subject_type","subject_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "audit_introspections" (
	"event_id" uuid PRIMARY KEY NOT NULL,
	"log_id" uuid NOT NULL,
	"records" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_log_keys" (
	"log_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"origin" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_log_keys_log_id_generation_pk" PRIMARY KEY("log_id","generation"),
	CONSTRAINT "audit_log_keys_origin_unique" UNIQUE("origin")
);
--> statement-breakpoint
CREATE TABLE "audit_tiles" (
	"log_id" uuid NOT NULL,
	"level" smallint NOT NULL,
	"tile_index" bigint NOT NULL,
	"hashes" "bytea" NOT NULL,
	"root" "bytea" NOT NULL,
	CONSTRAINT "audit_tiles_log_id_level_tile_index_pk" PRIMARY KEY("log_id","level","tile_index")
);
--> statement-breakpoint
CREATE TABLE "audit_words" (
	"log_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"word" text NOT NULL,
	"leaf_index" bigint NOT NULL,
	CONSTRAINT "audit_words_log_id_environment_word_leaf_index_pk" PRIMARY KEY("log_id","environment","word","leaf_index")
);
--> statement-breakpoint
ALTER TABLE "audit_logs" ADD COLUMN "checkpoint_size" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_logs" ADD COLUMN "halt_reason" text;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "is_audit_tree_public" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "audited_introspections" text DEFAULT 'counted' NOT NULL;--> statement-breakpoint
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_audited_introspections_known" CHECK ("workspaces"."audited_introspections" in ('counted', 'all'));
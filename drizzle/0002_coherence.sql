CREATE TABLE "invalidations" (
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" uuid,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "replicas" (
	"id" uuid PRIMARY KEY NOT NULL,
	"renewals" bigint DEFAULT 0 NOT NULL,
	"acked" "pg_snapshot" NOT NULL,
	"lease_ms" integer NOT NULL,
	"address" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"renewed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "invalidations_by_xid" ON "invalidations" USING btree ("xid");
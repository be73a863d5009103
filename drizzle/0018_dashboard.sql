ALTER TABLE "sessions" ADD COLUMN "cookie_digest" "bytea";--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "color" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_cookie_digest_unique" UNIQUE("cookie_digest");--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_cookie_of_browser" CHECK ("sessions"."cookie_digest" is null or "sessions"."kind" = 'browser');--> statement-breakpoint
ALTER TABLE "workspaces" ADD CONSTRAINT "workspaces_color_form" CHECK ("workspaces"."color" ~ '^#[0-9a-f]{6}$');
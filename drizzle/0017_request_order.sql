DROP INDEX "request_log_of_workspace";--> statement-breakpoint
CREATE INDEX "request_log_of_workspace" ON "request_log" USING btree ("workspace_id","environment",("at" at time zone 'UTC'),"id");
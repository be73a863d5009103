DROP INDEX "request_log_by_principal";--> statement-breakpoint
CREATE INDEX "request_log_by_status" ON "request_log" USING btree ("workspace_id","environment","status","at","id");--> statement-breakpoint
CREATE INDEX "request_log_by_caller" ON "request_log" USING btree ("workspace_id","environment","principal_id","status","at","id");--> statement-breakpoint
CREATE INDEX "request_log_by_ip" ON "request_log" USING btree ("workspace_id","environment","ip","status","at","id");--> statement-breakpoint
CREATE INDEX "request_log_by_route" ON "request_log" USING btree ("workspace_id","environment","method","route","status","at","id");
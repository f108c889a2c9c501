-- +goose Up
-- drop index "rollup_data_changed_at" from table: "customer_rollups"
DROP INDEX "rollup_data_changed_at";
-- create index "rollup_data_changed_at_customer_id" to table: "customer_rollups"
CREATE INDEX "rollup_data_changed_at_customer_id" ON "customer_rollups" ("data_changed_at", "customer_id");

-- +goose Down
-- reverse: create index "rollup_data_changed_at_customer_id" to table: "customer_rollups"
DROP INDEX "rollup_data_changed_at_customer_id";
-- reverse: drop index "rollup_data_changed_at" from table: "customer_rollups"
CREATE INDEX "rollup_data_changed_at" ON "customer_rollups" ("data_changed_at");

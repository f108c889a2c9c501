-- +goose Up
-- create "customer_search" table
CREATE TABLE "customer_search" ("customer_id" uuid NOT NULL, "grams" tsvector NOT NULL, PRIMARY KEY ("customer_id"));
-- create the index of searches
CREATE INDEX "customer_search_grams" ON "customer_search" USING gin ("grams");

-- +goose Down
-- reverse: create "customer_search" table
DROP TABLE "customer_search";

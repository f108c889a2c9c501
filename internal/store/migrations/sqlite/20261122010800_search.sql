-- +goose Up
-- create "customer_search" table
CREATE TABLE `customer_search` (`id` integer NOT NULL PRIMARY KEY, `customer_id` text NOT NULL);
-- create index "customer_search_customer_id" to table: "customer_search"
CREATE UNIQUE INDEX `customer_search_customer_id` ON `customer_search` (`customer_id`);
-- create the index of searches, whose rows are numbered by "customer_search"
CREATE VIRTUAL TABLE `customer_grams` USING fts5(`grams`, content = '', contentless_delete = 1, detail = none, columnsize = 1, tokenize = 'ascii');

-- +goose Down
-- reverse: create the index of searches
DROP TABLE `customer_grams`;
-- reverse: create "customer_search" table
DROP TABLE `customer_search`;

-- +goose Up
-- create "leases" table
CREATE TABLE `leases` (`name` text NOT NULL, `holder` text NOT NULL, `token` integer NOT NULL, `expires_at` datetime NOT NULL, PRIMARY KEY (`name`));
-- create "models" table
CREATE TABLE `models` (`scorer` text NOT NULL, `number` integer NOT NULL, `part` integer NOT NULL, `data` blob NOT NULL, PRIMARY KEY (`scorer`, `number`, `part`));
-- create "refreshes" table
CREATE TABLE `refreshes` (`id` integer NOT NULL, `kind` text NOT NULL, `scorers` json NOT NULL, `as_of` datetime NOT NULL, `started_at` datetime NOT NULL, `finished_at` datetime NULL, `cursor` text NULL, `customers` integer NOT NULL DEFAULT 0, `changed` integer NOT NULL DEFAULT 0, `errors` json NOT NULL, `models` json NOT NULL, PRIMARY KEY (`id`));
-- create index "refreshes_open" to table: "refreshes"
CREATE INDEX `refreshes_open` ON `refreshes` (`id`) WHERE finished_at IS NULL;
-- create "score_changes" table
CREATE TABLE `score_changes` (`seq` integer NOT NULL, `customer_id` text NOT NULL, `scorer` text NOT NULL, `at` datetime NOT NULL, `from_label` text NULL, `to_label` text NULL, `version` text NOT NULL, PRIMARY KEY (`seq`));
-- create index "score_changes_history" to table: "score_changes"
CREATE INDEX `score_changes_history` ON `score_changes` (`scorer`, `customer_id`, `at`, `seq`);
-- create index "score_changes_scorer_seq" to table: "score_changes"
CREATE INDEX `score_changes_scorer_seq` ON `score_changes` (`scorer`, `seq`);
-- create "scorer_states" table
CREATE TABLE `scorer_states` (`scorer` text NOT NULL, `version` text NOT NULL, `model` integer NOT NULL, `digest` text NOT NULL, `model_as_of` datetime NULL, `data_at` datetime NULL, `data_customers` integer NOT NULL, `seen_at` datetime NULL, `seen_id` text NULL, `checked` integer NOT NULL DEFAULT 0, `checked_at` datetime NULL, `failures` integer NOT NULL DEFAULT 0, `retry_at` datetime NULL, `error` text NOT NULL DEFAULT '', `revision` integer NOT NULL DEFAULT 0, PRIMARY KEY (`scorer`));
-- create "scores" table
CREATE TABLE `scores` (`customer_id` text NOT NULL, `scorer` text NOT NULL, `label` text NOT NULL, `version` text NOT NULL, `as_of` datetime NOT NULL, `model_as_of` datetime NULL, `data_seen_at` datetime NOT NULL, `until` datetime NULL, `moved_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `digest` integer NOT NULL, `revenue` integer NOT NULL, `v0` integer NULL, `v1` integer NULL, `v2` integer NULL, `v3` integer NULL, `v4` integer NULL, `v5` integer NULL, `v6` integer NULL, `v7` integer NULL, `v8` integer NULL, `v9` integer NULL, `v10` integer NULL, `v11` integer NULL, `v12` integer NULL, `v13` integer NULL, `v14` integer NULL, `v15` integer NULL, `texts` text NULL, PRIMARY KEY (`customer_id`, `scorer`));
-- create index "scores_until" to table: "scores"
CREATE INDEX `scores_until` ON `scores` (`scorer`, `until`) WHERE until IS NOT NULL;
-- create index "scores_label" to table: "scores"
CREATE INDEX `scores_label` ON `scores` (`scorer`, `label`, `customer_id`);
-- create index "scores_moved" to table: "scores"
CREATE INDEX `scores_moved` ON `scores` (`scorer`, `moved_at`, `customer_id`);

-- +goose Down
-- reverse: create "scores" table
DROP TABLE `scores`;
-- reverse: create "scorer_states" table
DROP TABLE `scorer_states`;
-- reverse: create "score_changes" table
DROP TABLE `score_changes`;
-- reverse: create "refreshes" table
DROP TABLE `refreshes`;
-- reverse: create "models" table
DROP TABLE `models`;
-- reverse: create "leases" table
DROP TABLE `leases`;

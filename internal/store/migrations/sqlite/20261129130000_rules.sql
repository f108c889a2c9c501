-- +goose Up
-- create "rules" table
CREATE TABLE `rules` (`name` text NOT NULL, `number` integer NOT NULL, `definition` json NULL, `saved_at` datetime NOT NULL, PRIMARY KEY (`name`, `number`));
-- create "scorer_switches" table
CREATE TABLE `scorer_switches` (`scorer` text NOT NULL, `enabled` bool NOT NULL, `reason` text NOT NULL DEFAULT '', `revision` integer NOT NULL, PRIMARY KEY (`scorer`));
-- add column "failed_version" to table: "scorer_states"
ALTER TABLE `scorer_states` ADD COLUMN `failed_version` text NOT NULL DEFAULT '';

-- +goose Down
-- reverse: add column "failed_version" to table: "scorer_states"
ALTER TABLE `scorer_states` DROP COLUMN `failed_version`;
-- reverse: create "scorer_switches" table
DROP TABLE `scorer_switches`;
-- reverse: create "rules" table
DROP TABLE `rules`;

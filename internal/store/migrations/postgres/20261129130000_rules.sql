-- +goose Up
-- create "rules" table
CREATE TABLE "rules" ("name" text COLLATE "C" NOT NULL, "number" bigint NOT NULL, "definition" json NULL, "saved_at" timestamptz NOT NULL, PRIMARY KEY ("name", "number"));
-- create "scorer_switches" table
CREATE TABLE "scorer_switches" ("scorer" text COLLATE "C" NOT NULL, "enabled" boolean NOT NULL, "reason" text COLLATE "C" NOT NULL DEFAULT '', "revision" bigint NOT NULL, PRIMARY KEY ("scorer"));
-- add column "failed_version" to table: "scorer_states"
ALTER TABLE "scorer_states" ADD COLUMN "failed_version" text COLLATE "C" NOT NULL DEFAULT '';

-- +goose Down
-- reverse: add column "failed_version" to table: "scorer_states"
ALTER TABLE "scorer_states" DROP COLUMN "failed_version";
-- reverse: create "scorer_switches" table
DROP TABLE "scorer_switches";
-- reverse: create "rules" table
DROP TABLE "rules";

-- +goose Up
-- create "leases" table
CREATE TABLE "leases" ("name" text COLLATE "C" NOT NULL, "holder" text COLLATE "C" NOT NULL, "token" bigint NOT NULL, "expires_at" timestamptz NOT NULL, PRIMARY KEY ("name"));
-- create "models" table
CREATE TABLE "models" ("scorer" text COLLATE "C" NOT NULL, "number" bigint NOT NULL, "part" bigint NOT NULL, "data" bytea NOT NULL, PRIMARY KEY ("scorer", "number", "part"));
-- create "refreshes" table
CREATE TABLE "refreshes" ("id" bigint NOT NULL, "kind" text COLLATE "C" NOT NULL, "scorers" json NOT NULL, "as_of" timestamptz NOT NULL, "started_at" timestamptz NOT NULL, "finished_at" timestamptz NULL, "cursor" uuid NULL, "customers" bigint NOT NULL DEFAULT 0, "changed" bigint NOT NULL DEFAULT 0, "errors" json NOT NULL, "models" json NOT NULL, PRIMARY KEY ("id"));
-- create index "refreshes_open" to table: "refreshes"
CREATE INDEX "refreshes_open" ON "refreshes" ("id") WHERE finished_at IS NULL;
-- create "score_changes" table
CREATE TABLE "score_changes" ("seq" bigint NOT NULL, "customer_id" uuid NOT NULL, "scorer" text COLLATE "C" NOT NULL, "at" timestamptz NOT NULL, "from_label" text COLLATE "C" NULL, "to_label" text COLLATE "C" NULL, "version" text COLLATE "C" NOT NULL, PRIMARY KEY ("seq"));
-- create index "score_changes_history" to table: "score_changes"
CREATE INDEX "score_changes_history" ON "score_changes" ("scorer", "customer_id", "at", "seq");
-- create index "score_changes_scorer_seq" to table: "score_changes"
CREATE INDEX "score_changes_scorer_seq" ON "score_changes" ("scorer", "seq");
-- create "scorer_states" table
CREATE TABLE "scorer_states" ("scorer" text COLLATE "C" NOT NULL, "version" text COLLATE "C" NOT NULL, "model" bigint NOT NULL, "digest" text COLLATE "C" NOT NULL, "model_as_of" timestamptz NULL, "data_at" timestamptz NULL, "data_customers" bigint NOT NULL, "seen_at" timestamptz NULL, "seen_id" uuid NULL, "checked" bigint NOT NULL DEFAULT 0, "checked_at" timestamptz NULL, "failures" bigint NOT NULL DEFAULT 0, "retry_at" timestamptz NULL, "error" text COLLATE "C" NOT NULL DEFAULT '', "revision" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("scorer"));
-- create "scores" table
CREATE TABLE "scores" ("customer_id" uuid NOT NULL, "scorer" text COLLATE "C" NOT NULL, "label" text COLLATE "C" NOT NULL, "version" text COLLATE "C" NOT NULL, "as_of" timestamptz NOT NULL, "model_as_of" timestamptz NULL, "data_seen_at" timestamptz NOT NULL, "until" timestamptz NULL, "moved_at" timestamptz NOT NULL, "updated_at" timestamptz NOT NULL, "digest" bigint NOT NULL, "revenue" bigint NOT NULL, "v0" bigint NULL, "v1" bigint NULL, "v2" bigint NULL, "v3" bigint NULL, "v4" bigint NULL, "v5" bigint NULL, "v6" bigint NULL, "v7" bigint NULL, "v8" bigint NULL, "v9" bigint NULL, "v10" bigint NULL, "v11" bigint NULL, "v12" bigint NULL, "v13" bigint NULL, "v14" bigint NULL, "v15" bigint NULL, "texts" text COLLATE "C" NULL, PRIMARY KEY ("customer_id", "scorer"));
-- create index "scores_until" to table: "scores"
CREATE INDEX "scores_until" ON "scores" ("scorer", "until") WHERE until IS NOT NULL;
-- create index "scores_label" to table: "scores"
CREATE INDEX "scores_label" ON "scores" ("scorer", "label", "customer_id");
-- create index "scores_moved" to table: "scores"
CREATE INDEX "scores_moved" ON "scores" ("scorer", "moved_at", "customer_id");

-- +goose Down
-- reverse: create "scores" table
DROP TABLE "scores";
-- reverse: create "scorer_states" table
DROP TABLE "scorer_states";
-- reverse: create "score_changes" table
DROP TABLE "score_changes";
-- reverse: create "refreshes" table
DROP TABLE "refreshes";
-- reverse: create "models" table
DROP TABLE "models";
-- reverse: create "leases" table
DROP TABLE "leases";

-- +goose Up
-- create "customer_rollups" table
CREATE TABLE `customer_rollups` (`customer_id` text NOT NULL, `data_changed_at` datetime NOT NULL, `holds_from` datetime NOT NULL, `holds_until` datetime NOT NULL, `orders` integer NOT NULL, `net` integer NOT NULL, `refunded` integer NOT NULL, `first_order_at` datetime NULL, `last_order_at` datetime NULL, `touchpoints` integer NOT NULL, `technology_touchpoints` integer NOT NULL, `last_touchpoint_at` datetime NULL, PRIMARY KEY (`customer_id`));
-- fill it as of the last write: later writes are stamped later
WITH stamp(at) AS MATERIALIZED (SELECT max(data_changed_at) FROM customers),
moments(customer_id, moment) AS (
  SELECT customer_id, placed_at FROM orders WHERE valid_from IS NOT NULL
  UNION ALL SELECT customer_id, valid_from FROM orders WHERE valid_from IS NOT NULL
  UNION ALL SELECT customer_id, valid_until FROM orders WHERE valid_from IS NOT NULL AND valid_until IS NOT NULL
  UNION ALL SELECT r.customer_id, r.at FROM refunds r JOIN orders o ON o.id = r.order_id WHERE o.valid_from IS NOT NULL
  UNION ALL SELECT customer_id, at FROM touchpoints
),
held(customer_id, since, until) AS MATERIALIZED (
  SELECT customer_id, max(moment) FILTER (WHERE moment <= at), min(moment) FILTER (WHERE moment > at) FROM moments, stamp GROUP BY 1
),
counted(customer_id, orders, millions, rest, first, last) AS MATERIALIZED (
  SELECT customer_id, count(*) FILTER (WHERE total > 0), sum(net / 1000000), sum(net % 1000000),
    min(placed_at) FILTER (WHERE total > 0), max(placed_at) FILTER (WHERE total > 0)
  FROM orders, stamp WHERE placed_at <= at AND valid_from <= at AND (valid_until IS NULL OR valid_until > at) GROUP BY 1
),
refunded(customer_id, millions, rest) AS MATERIALIZED (
  SELECT r.customer_id, sum(r.net / 1000000), sum(r.net % 1000000) FROM refunds r JOIN orders o ON o.id = r.order_id, stamp
  WHERE r.at <= stamp.at AND o.placed_at <= stamp.at AND o.valid_from <= stamp.at AND (o.valid_until IS NULL OR o.valid_until > stamp.at) GROUP BY 1
),
touched(customer_id, touchpoints, technology, last) AS MATERIALIZED (
  SELECT customer_id, count(*), count(*) FILTER (WHERE kind IN ('demo', 'feature_question', 'spec_view', 'tech_event')), max(touchpoints.at)
  FROM touchpoints, stamp WHERE touchpoints.at <= stamp.at GROUP BY 1
)
INSERT INTO customer_rollups
SELECT c.id, c.data_changed_at, coalesce(held.since, -62135596800000000), coalesce(held.until, 253402300799999999), coalesce(counted.orders, 0),
  CASE WHEN abs(coalesce(counted.millions, 0)) < 4000000000000 THEN coalesce(counted.millions * 1000000 + counted.rest, 0) ELSE sign(counted.millions) * 4000000000000000000 END,
  CASE WHEN abs(coalesce(refunded.millions, 0)) < 4000000000000 THEN coalesce(refunded.millions * 1000000 + refunded.rest, 0) ELSE sign(refunded.millions) * 4000000000000000000 END,
  counted.first, counted.last, coalesce(touched.touchpoints, 0), coalesce(touched.technology, 0), touched.last
FROM customers c
LEFT JOIN held ON held.customer_id = c.id LEFT JOIN counted ON counted.customer_id = c.id
LEFT JOIN refunded ON refunded.customer_id = c.id LEFT JOIN touched ON touched.customer_id = c.id
WHERE c.merged_into IS NULL;
-- create index "rollup_data_changed_at" to table: "customer_rollups"
CREATE INDEX `rollup_data_changed_at` ON `customer_rollups` (`data_changed_at`);
-- drop index "customer_data_changed_at" from table: "customers"
DROP INDEX `customer_data_changed_at`;
-- modify "customers" table
ALTER TABLE `customers` DROP COLUMN `data_changed_at`;

-- +goose Down
-- reverse: modify "customers" table
ALTER TABLE `customers` ADD COLUMN `data_changed_at` datetime NOT NULL DEFAULT (0);
UPDATE customers SET data_changed_at = coalesce((SELECT r.data_changed_at FROM customer_rollups r WHERE r.customer_id = customers.id), 0);
-- reverse: drop index "customer_data_changed_at" from table: "customers"
CREATE INDEX `customer_data_changed_at` ON `customers` (`data_changed_at`);
-- reverse: create "customer_rollups" table
DROP TABLE `customer_rollups`;

-- +goose Up
-- create "accounts" table
CREATE TABLE `accounts` (`id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `name` text NOT NULL, PRIMARY KEY (`id`));
-- create index "accounts_name_key" to table: "accounts"
CREATE UNIQUE INDEX `accounts_name_key` ON `accounts` (`name`);
-- create "business" table
CREATE TABLE `business` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `base_currency` text NULL, `time_zone` text NULL);
-- create "customers" table
CREATE TABLE `customers` (`id` text NOT NULL, `source` text NOT NULL, `external_id` text NOT NULL, `source_updated_at` datetime NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `kind` text NOT NULL DEFAULT ('PERSON'), `name` text NULL, `email` text NULL, `phone` text NULL, `birth_date` text NULL, `occupation` text NULL, `industry` text NULL, `employees` integer NULL, `annual_turnover` integer NULL, `total_assets` integer NULL, `country` text NULL, `region` text NULL, `city` text NULL, `resells` bool NOT NULL DEFAULT (false), `referred_by_id` text NULL, `referred_at` datetime NULL, `registered_at` datetime NULL, `consent` json NULL, `tags` json NULL, `attributes` json NULL, `merged_into` text NULL, `search_text` text NOT NULL DEFAULT (''), `name_seen_at` datetime NULL, `email_seen_at` datetime NULL, `country_seen_at` datetime NULL, `data_changed_at` datetime NOT NULL, `account_id` text NULL, PRIMARY KEY (`id`), CONSTRAINT `customers_accounts_customers` FOREIGN KEY (`account_id`) REFERENCES `accounts` (`id`) ON DELETE SET NULL);
-- create index "customer_source_external_id" to table: "customers"
CREATE UNIQUE INDEX `customer_source_external_id` ON `customers` (`source`, `external_id`);
-- create index "customer_merged_into" to table: "customers"
CREATE INDEX `customer_merged_into` ON `customers` (`merged_into`);
-- create index "customer_email" to table: "customers"
CREATE INDEX `customer_email` ON `customers` (`email`);
-- create index "customer_phone" to table: "customers"
CREATE INDEX `customer_phone` ON `customers` (`phone`);
-- create index "customer_name_id" to table: "customers"
CREATE INDEX `customer_name_id` ON `customers` (`name`, `id`);
-- create index "customer_registered_at_id" to table: "customers"
CREATE INDEX `customer_registered_at_id` ON `customers` (`registered_at`, `id`);
-- create index "customer_data_changed_at" to table: "customers"
CREATE INDEX `customer_data_changed_at` ON `customers` (`data_changed_at`);
-- create index "customer_referred_by_id" to table: "customers"
CREATE INDEX `customer_referred_by_id` ON `customers` (`referred_by_id`) WHERE referred_by_id IS NOT NULL;
-- create "orders" table
CREATE TABLE `orders` (`id` text NOT NULL, `source` text NOT NULL, `external_id` text NOT NULL, `source_updated_at` datetime NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `placed_at` datetime NOT NULL, `paid_at` datetime NULL, `due_at` datetime NULL, `delivered_at` datetime NULL, `cancelled_at` datetime NULL, `status` text NOT NULL DEFAULT ('PAID'), `channel` text NULL, `coupon` text NULL, `currency` text NOT NULL, `rate` text NOT NULL DEFAULT ('1'), `total` integer NOT NULL, `discount` integer NOT NULL DEFAULT (0), `tax` integer NOT NULL DEFAULT (0), `shipping` integer NOT NULL DEFAULT (0), `net` integer NOT NULL, `valid_from` datetime NULL, `valid_until` datetime NULL, `customer_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `orders_customers_orders` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE NO ACTION);
-- create index "orders_facts" to table: "orders"
CREATE INDEX `orders_facts` ON `orders` (`customer_id`, `placed_at`, `id`, `valid_from`, `valid_until`, `total`, `net`);
-- create "order_lines" table
CREATE TABLE `order_lines` (`id` text NOT NULL, `customer_id` text NOT NULL, `position` integer NOT NULL, `quantity` integer NOT NULL, `unit_price` integer NOT NULL, `list_price` integer NULL, `discount` integer NULL, `cost` integer NULL, `condition` text NULL, `beneficiary` text NULL, `operator` text NULL, `order_id` text NOT NULL, `product_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `order_lines_orders_lines` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`) ON DELETE CASCADE, CONSTRAINT `order_lines_products_lines` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`) ON DELETE NO ACTION);
-- create index "orderline_order_id_position" to table: "order_lines"
CREATE UNIQUE INDEX `orderline_order_id_position` ON `order_lines` (`order_id`, `position`);
-- create "products" table
CREATE TABLE `products` (`id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `sku` text NOT NULL, `name` text NULL, `category` text NULL, `kind` text NOT NULL DEFAULT ('GOODS'), `launched_at` datetime NULL, `technology` bool NOT NULL DEFAULT (false), `name_seen_at` datetime NULL, `category_seen_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "products_sku_key" to table: "products"
CREATE UNIQUE INDEX `products_sku_key` ON `products` (`sku`);
-- create "refunds" table
CREATE TABLE `refunds` (`id` text NOT NULL, `customer_id` text NOT NULL, `external_id` text NOT NULL, `at` datetime NOT NULL, `amount` integer NOT NULL, `net` integer NOT NULL, `order_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `refunds_orders_refunds` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`) ON DELETE CASCADE);
-- create index "refund_order_id_external_id" to table: "refunds"
CREATE UNIQUE INDEX `refund_order_id_external_id` ON `refunds` (`order_id`, `external_id`);
-- create index "refunds_facts" to table: "refunds"
CREATE INDEX `refunds_facts` ON `refunds` (`customer_id`, `order_id`, `at`, `net`);
-- create "touchpoints" table
CREATE TABLE `touchpoints` (`id` text NOT NULL, `source` text NOT NULL, `external_id` text NOT NULL, `source_updated_at` datetime NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `at` datetime NOT NULL, `kind` text NOT NULL, `channel` text NULL, `side` text NULL, `campaign` text NULL, `cost` integer NULL, `currency` text NULL, `sku` text NULL, `rating` integer NULL, `topic` text NULL, `sentiment` real NULL, `outcome` text NULL, `impact` integer NULL, `initiated_by` text NULL, `attributes` json NULL, `customer_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `touchpoints_customers_touchpoints` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE NO ACTION);
-- create index "touchpoints_facts" to table: "touchpoints"
CREATE INDEX `touchpoints_facts` ON `touchpoints` (`customer_id`, `at`, `id`, `kind`);

-- +goose Down
-- reverse: create index "touchpoints_facts" to table: "touchpoints"
DROP INDEX `touchpoints_facts`;
-- reverse: create "touchpoints" table
DROP TABLE `touchpoints`;
-- reverse: create index "refunds_facts" to table: "refunds"
DROP INDEX `refunds_facts`;
-- reverse: create index "refund_order_id_external_id" to table: "refunds"
DROP INDEX `refund_order_id_external_id`;
-- reverse: create "refunds" table
DROP TABLE `refunds`;
-- reverse: create index "products_sku_key" to table: "products"
DROP INDEX `products_sku_key`;
-- reverse: create "products" table
DROP TABLE `products`;
-- reverse: create index "orderline_order_id_position" to table: "order_lines"
DROP INDEX `orderline_order_id_position`;
-- reverse: create "order_lines" table
DROP TABLE `order_lines`;
-- reverse: create index "orders_facts" to table: "orders"
DROP INDEX `orders_facts`;
-- reverse: create "orders" table
DROP TABLE `orders`;
-- reverse: create index "customer_referred_by_id" to table: "customers"
DROP INDEX `customer_referred_by_id`;
-- reverse: create index "customer_data_changed_at" to table: "customers"
DROP INDEX `customer_data_changed_at`;
-- reverse: create index "customer_registered_at_id" to table: "customers"
DROP INDEX `customer_registered_at_id`;
-- reverse: create index "customer_name_id" to table: "customers"
DROP INDEX `customer_name_id`;
-- reverse: create index "customer_phone" to table: "customers"
DROP INDEX `customer_phone`;
-- reverse: create index "customer_email" to table: "customers"
DROP INDEX `customer_email`;
-- reverse: create index "customer_merged_into" to table: "customers"
DROP INDEX `customer_merged_into`;
-- reverse: create index "customer_source_external_id" to table: "customers"
DROP INDEX `customer_source_external_id`;
-- reverse: create "customers" table
DROP TABLE `customers`;
-- reverse: create "business" table
DROP TABLE `business`;
-- reverse: create index "accounts_name_key" to table: "accounts"
DROP INDEX `accounts_name_key`;
-- reverse: create "accounts" table
DROP TABLE `accounts`;

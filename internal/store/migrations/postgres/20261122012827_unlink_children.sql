-- +goose Up
-- modify "order_lines" table
ALTER TABLE "order_lines" DROP CONSTRAINT "order_lines_orders_lines", DROP CONSTRAINT "order_lines_products_lines";
-- modify "orders" table
ALTER TABLE "orders" DROP CONSTRAINT "orders_customers_orders";
-- modify "refunds" table
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_orders_refunds";
-- modify "touchpoints" table
ALTER TABLE "touchpoints" DROP CONSTRAINT "touchpoints_customers_touchpoints";

-- +goose Down
-- reverse: modify "touchpoints" table
ALTER TABLE "touchpoints" ADD CONSTRAINT "touchpoints_customers_touchpoints" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION;
-- reverse: modify "refunds" table
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_orders_refunds" FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON UPDATE NO ACTION ON DELETE CASCADE;
-- reverse: modify "orders" table
ALTER TABLE "orders" ADD CONSTRAINT "orders_customers_orders" FOREIGN KEY ("customer_id") REFERENCES "customers" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION;
-- reverse: modify "order_lines" table
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_products_lines" FOREIGN KEY ("product_id") REFERENCES "products" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, ADD CONSTRAINT "order_lines_orders_lines" FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON UPDATE NO ACTION ON DELETE CASCADE;

-- What the database holds of orders and stock, in one snapshot. Columns, one row:
--   stored    orders that are completed: no other is acknowledged
--   quantity  pieces of all orders, which must be as many as were sold
--   sold      pieces that the items say were sold
--   oversold  items of which more were sold than there were
SELECT (SELECT count(*) FROM orders WHERE status = 'completed')     AS stored,
       (SELECT count(*) FROM order_items)                           AS quantity,
       (SELECT coalesce(sum(sold), 0) FROM product_items)           AS sold,
       (SELECT count(*) FROM product_items WHERE sold > stock)      AS oversold;

-- What the database holds of orders and stock, in one snapshot. Columns, one row:
--   stored    orders that are kept
--   quantity  pieces of all orders, which must be as many as were sold
--   sold      pieces that the products say were sold
--   oversold  products of which more were sold than there were
SELECT (SELECT count(*) FROM orders)                          AS stored,
       (SELECT coalesce(sum(quantity), 0) FROM orders)        AS quantity,
       (SELECT coalesce(sum(sold), 0) FROM products)          AS sold,
       (SELECT count(*) FROM products WHERE sold > stock)     AS oversold;

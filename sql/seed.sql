-- 1,000 products, the same every time. The stock is deep enough that no honest run sells one out:
-- 2,000 orders a second of up to 3 pieces, all for one product, would take nearly three minutes.

INSERT INTO products (id, name, description, price_minor, currency, stock)
SELECT n,
       'Event ticket ' || n,
       'Seat ' || (n - 1) % 40 + 1 || ' in row ' || (n - 1) / 40 + 1 || ' of the main hall.',
       500 + (n * 7919) % 9500,
       'EUR',
       1000000
  FROM generate_series(1, 1000) AS n;

-- The next product made without an id gets 1001.
SELECT setval(pg_get_serial_sequence('products', 'id'), 1000);

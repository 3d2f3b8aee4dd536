-- The same rows every time: ten products of four items on sale, whose stock is deep enough that no honest run sells
-- one out; a product of which nothing can be bought, and one that is not shown; and 10,000 users.

INSERT INTO products (id, name, description, currency, shown)
SELECT n, 'Event ' || n, 'Evening ' || n || ' in the main hall, in four rows of seats.', 'EUR', n <> 12
  FROM generate_series(1, 12) AS n;

INSERT INTO product_items (id, product_id, name, cost_minor, price_minor, sale_from, sale_until, stock)
SELECT n, (n - 1) / 4 + 1, 'Row ' || (n - 1) % 4 + 1, cost, cost * (60 + n % 5 * 10) / 100,
       '2020-01-01Z', '2100-01-01Z', 1000000
  FROM generate_series(1, 40) AS n, LATERAL (SELECT 1000 + n * 7919 % 9000 AS cost) AS costs;

INSERT INTO product_items (id, product_id, name, cost_minor, price_minor, active, sale_from, sale_until, stock)
VALUES (41, 11, 'Withdrawn', 5000, 5000, false, '2020-01-01Z', '2100-01-01Z', 1000000),
       (42, 11, 'Over',      5000, 5000, true,  '2020-01-01Z', '2021-01-01Z', 1000000),
       (43, 11, 'Not yet',   5000, 5000, true,  '2099-01-01Z', '2100-01-01Z', 1000000),
       (44, 11, 'Sold out',  5000, 5000, true,  '2020-01-01Z', '2100-01-01Z', 0),
       (45, 12, 'Not shown', 5000, 5000, true,  '2020-01-01Z', '2100-01-01Z', 1000000);

-- PBKDF2-SHA256 of "correct horse", 600,000 times (OWASP Password Storage Cheat Sheet, 2023): the same for all, so
-- that the seed takes no minutes.
INSERT INTO users (id, email, password_hash)
SELECT n, 'user-' || n || '@example.com', 'pbkdf2_sha256$600000$samehost$ay9PKbDUO39DSMJy92QFcvkeAVqpxbUza2E4rtDOGjI='
  FROM generate_series(1, 10000) AS n;

-- Rows made without an id get the next ones.
SELECT setval(pg_get_serial_sequence('products', 'id'), 12);
SELECT setval(pg_get_serial_sequence('product_items', 'id'), 45);
SELECT setval(pg_get_serial_sequence('users', 'id'), 10000);

package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type shop struct {
	pool           *pgxpool.Pool
	acquireTimeout time.Duration
	// Later than the server's own time-out, whose verdict is preferred.
	queryTimeout time.Duration
}

type money struct {
	AmountMinor int64  `json:"amountMinor"`
	Currency    string `json:"currency"`
}

type product struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Price       money  `json:"price"`
	Stock       int64  `json:"stock"`
	Sold        int64  `json:"sold"`
}

type page struct {
	Items      []product `json:"items"`
	Limit      int       `json:"limit"`
	Offset     int       `json:"offset"`
	NextOffset *int      `json:"nextOffset"`
}

type order struct {
	ID        int64     `json:"id"`
	ProductID int64     `json:"productId"`
	Quantity  int64     `json:"quantity"`
	UnitPrice money     `json:"unitPrice"`
	Total     money     `json:"total"`
	CreatedAt time.Time `json:"createdAt"`
}

const (
	productColumns = "id, name, description, price_minor, currency, stock, sold"
	orderColumns   = "id, product_id, quantity, unit_price_minor, currency, created_at"
)

func productOf(row pgx.CollectableRow) (p product, err error) {
	err = row.Scan(&p.ID, &p.Name, &p.Description, &p.Price.AmountMinor, &p.Price.Currency, &p.Stock, &p.Sold)
	return p, err
}

func orderOf(row pgx.CollectableRow) (o order, err error) {
	err = row.Scan(&o.ID, &o.ProductID, &o.Quantity, &o.UnitPrice.AmountMinor, &o.UnitPrice.Currency, &o.CreatedAt)
	o.Total = money{o.UnitPrice.AmountMinor * o.Quantity, o.UnitPrice.Currency}
	o.CreatedAt = o.CreatedAt.UTC()
	return o, err
}

type querier interface {
	Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error)
}

func collect[T any](ctx context.Context, db querier, to pgx.RowToFunc[T], sql string, arguments ...any) ([]T, error) {
	rows, _ := db.Query(ctx, sql, arguments...) // its error comes with the rows
	return pgx.CollectRows(rows, to)
}

func one[T any](ctx context.Context, db querier, to pgx.RowToFunc[T], sql string, arguments ...any) (T, error) {
	rows, _ := db.Query(ctx, sql, arguments...)
	return pgx.CollectExactlyOneRow(rows, to)
}

// session is one connection, borrowed for one request.
type session struct {
	*pgxpool.Conn
	hasBegun bool
}

// borrow runs work on a connection of the pool. The server may have closed those that were idle, as it does
// when the database is recreated: then work, if it has begun no transaction, is done again on a fresh one.
// Its time is not the request's: a client that hangs up would cost the pool a connection.
func (s shop) borrow(work func(context.Context, *session) error) error {
	try := func() (hasBegun bool, err error) {
		waiting, cancel := context.WithTimeout(context.Background(), s.acquireTimeout)
		defer cancel()
		connection, err := s.pool.Acquire(waiting)
		if err != nil {
			return false, noConnection(err)
		}
		defer connection.Release()
		querying, cancel := context.WithTimeout(context.Background(), s.queryTimeout)
		defer cancel()
		db := &session{Conn: connection}
		err = work(querying, db)
		return db.hasBegun, err
	}
	hasBegun, err := try()
	if err != nil && !hasBegun && isLost(err) {
		s.pool.Reset()
		_, err = try()
	}
	return err
}

func (s shop) ready() error {
	return s.borrow(func(ctx context.Context, db *session) error {
		_, err := db.Exec(ctx, "SELECT 1")
		return err
	})
}

func (s shop) listProducts(limit, offset int) (result page, err error) {
	err = s.borrow(func(ctx context.Context, db *session) error {
		// One row more than asked for tells whether there is a next page.
		sql := "SELECT " + productColumns + " FROM products ORDER BY id LIMIT $1 OFFSET $2"
		items, err := collect(ctx, db, productOf, sql, limit+1, offset)
		result = page{Items: items, Limit: limit, Offset: offset}
		if len(items) > limit {
			next := offset + limit
			result.Items, result.NextOffset = items[:limit], &next
		}
		return err
	})
	return result, err
}

func (s shop) viewProduct(id int64) (result product, err error) {
	err = s.borrow(func(ctx context.Context, db *session) error {
		result, err = productByID(ctx, db, id)
		return err
	})
	return result, err
}

func productByID(ctx context.Context, db querier, id int64) (product, error) {
	found, err := one(ctx, db, productOf, "SELECT "+productColumns+" FROM products WHERE id = $1", id)
	if errors.Is(err, pgx.ErrNoRows) {
		return found, unknown("product", id)
	}
	return found, err
}

func (s shop) viewOrder(id int64) (result order, err error) {
	err = s.borrow(func(ctx context.Context, db *session) error {
		result, err = one(ctx, db, orderOf, "SELECT "+orderColumns+" FROM orders WHERE id = $1", id)
		if errors.Is(err, pgx.ErrNoRows) {
			return unknown("order", id)
		}
		return err
	})
	return result, err
}

type newOrder struct {
	productID, quantity int64
	key                 *string
}

// placeOrder gives the order placed, or the one placed earlier under the same key.
func (s shop) placeOrder(request newOrder) (result order, err error) {
	err = s.borrow(func(ctx context.Context, db *session) error {
		if request.key == nil {
			result, err = db.place(ctx, request)
			return err
		}
		const byKey = "SELECT " + orderColumns + " FROM orders WHERE idempotency_key = $1"
		if result, err = one(ctx, db, orderOf, byKey, *request.key); errors.Is(err, pgx.ErrNoRows) {
			if result, err = db.place(ctx, request); err != nil {
				// Of two that came together the unique index let one commit, or the last pieces went to it.
				if twin, none := one(ctx, db, orderOf, byKey, *request.key); none == nil {
					result, err = twin, nil
				}
			}
		}
		if err == nil && (result.ProductID != request.productID || result.Quantity != request.quantity) {
			return keyReused
		}
		return err
	})
	return result, err
}

// place adds to what is sold only while stock lasts, and stores the order, in one transaction.
func (db *session) place(ctx context.Context, request newOrder) (placed order, err error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return placed, err
	}
	db.hasBegun = true
	defer tx.Rollback(ctx) // after a commit it does nothing
	var price money
	err = tx.QueryRow(ctx, `UPDATE products SET sold = sold + $1 WHERE id = $2 AND stock - sold >= $1
		RETURNING price_minor, currency`, request.quantity, request.productID).Scan(&price.AmountMinor, &price.Currency)
	if errors.Is(err, pgx.ErrNoRows) {
		if _, err = productByID(ctx, tx, request.productID); err == nil {
			err = soldOut(request.quantity)
		}
	}
	if err != nil {
		return placed, err
	}
	placed, err = one(ctx, tx, orderOf, `INSERT INTO orders
		(product_id, quantity, unit_price_minor, currency, idempotency_key) VALUES ($1, $2, $3, $4, $5)
		RETURNING `+orderColumns, request.productID, request.quantity, price.AmountMinor, price.Currency, request.key)
	if err != nil {
		return placed, err
	}
	return placed, tx.Commit(ctx)
}

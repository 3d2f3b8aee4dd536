package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// shop uses one connection at a time for a request: pgx lends it for a statement, or for a transaction.
type shop struct{ *pgxpool.Pool }

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

type order struct {
	ID        int64     `json:"id"`
	ProductID int64     `json:"productId"`
	Quantity  int64     `json:"quantity"`
	UnitPrice money     `json:"unitPrice"`
	Total     money     `json:"total"`
	CreatedAt time.Time `json:"createdAt"`
}

type newOrder struct {
	ProductID int64  `json:"productId"`
	Quantity  *int64 `json:"quantity"`
	key       *string
}

const (
	selectProducts = "SELECT id, name, description, price_minor, currency, stock, sold FROM products "
	orderColumns   = "id, product_id, quantity, unit_price_minor, currency, created_at"
	selectOrders   = "SELECT " + orderColumns + " FROM orders "
)

var keyText = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)

func productOf(row pgx.Row) (p product, err error) {
	err = row.Scan(&p.ID, &p.Name, &p.Description, &p.Price.AmountMinor, &p.Price.Currency, &p.Stock, &p.Sold)
	return p, err
}

func orderOf(row pgx.Row) (o order, err error) {
	err = row.Scan(&o.ID, &o.ProductID, &o.Quantity, &o.UnitPrice.AmountMinor, &o.UnitPrice.Currency, &o.CreatedAt)
	o.Total = money{o.UnitPrice.AmountMinor * o.Quantity, o.UnitPrice.Currency}
	return o, err
}

func unknown(what string) problem {
	return refuse(404, "unknown-"+what, "There is no "+what+" of this id.")
}

// byID is the endpoint that gives one row.
func byID[T any](s shop, what string, of func(pgx.Row) (T, error), selectAll string) endpoint {
	return func(_ http.Header, r *http.Request) (any, error) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil || id < 1 || id >= 1<<53 {
			return nil, refuse(400, "invalid-field", "The id must be a positive integer of 53 bits.", "path", "id")
		}
		found, err := of(s.QueryRow(r.Context(), selectAll+"WHERE id = $1", id))
		if errors.Is(err, pgx.ErrNoRows) {
			err = unknown(what)
		}
		return found, err
	}
}

func (s shop) listProducts(_ http.Header, r *http.Request) (any, error) {
	limit, err := queryInteger(r, "limit", 20, 1, 100)
	offset, wrong := queryInteger(r, "offset", 0, 0, 1_000_000)
	if err := errors.Join(err, wrong); err != nil {
		return nil, err
	}
	// One more than is wanted tells whether there is a next page. The rows tell of an error too.
	rows, _ := s.Query(r.Context(), selectProducts+"ORDER BY id LIMIT $1 OFFSET $2", limit+1, offset)
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (product, error) { return productOf(row) })
	page := map[string]any{"items": items, "limit": limit, "offset": offset, "nextOffset": nil}
	if len(items) > limit {
		page["items"], page["nextOffset"] = items[:limit], offset+limit
	}
	return page, err
}

func queryInteger(r *http.Request, name string, absent, least, most int) (int, error) {
	query := r.URL.Query()
	value, err := strconv.Atoi(query.Get(name))
	if !query.Has(name) {
		return absent, nil
	} else if errors.Is(err, strconv.ErrSyntax) {
		return 0, refuse(400, "invalid-field", "This must be an integer.", "query", name)
	} else if err != nil || value < least || value > most {
		return 0, refuse(422, "out-of-range", "This is out of range.", "query", name)
	}
	return value, nil
}

func orderWanted(r *http.Request) (wanted newOrder, err error) {
	if keys := r.Header["Idempotency-Key"]; keys != nil {
		if wanted.key = &keys[0]; !keyText.MatchString(keys[0]) {
			return wanted, refuse(400, "invalid-field", "The key must be visible ASCII.", "header", "Idempotency-Key")
		}
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return wanted, refuse(415, "unsupported-media-type", "The body must be application/json.")
	}
	text, _ := io.ReadAll(r.Body) // what breaks off is no JSON
	err = json.Unmarshal(text, &wanted)
	switch another := new(json.UnmarshalTypeError); {
	case errors.As(err, &another) && another.Field != "":
		err = refuse(400, "invalid-field", "This must be an integer.", "body", another.Field)
	case err != nil:
		err = refuse(400, "malformed-json", "The body must be a JSON object.")
	case wanted.ProductID < 1 || wanted.ProductID >= 1<<53:
		err = refuse(400, "invalid-field", "This must be a positive integer of 53 bits.", "body", "productId")
	case wanted.Quantity == nil:
		err = refuse(400, "invalid-field", "This is missing.", "body", "quantity")
	case *wanted.Quantity < 1 || *wanted.Quantity > 1000:
		err = refuse(422, "out-of-range", "This must be from 1 to 1000.", "body", "quantity")
	}
	return wanted, err
}

// placeOrder gives the order placed, or the one that was placed earlier under the same key.
func (s shop) placeOrder(head http.Header, r *http.Request) (any, error) {
	wanted, err := orderWanted(r)
	if err != nil {
		return nil, err
	}
	underKey := func() (order, error) {
		return orderOf(s.QueryRow(r.Context(), selectOrders+"WHERE idempotency_key = $1", wanted.key))
	}
	placed := order{}
	if wanted.key != nil {
		placed, err = underKey()
	}
	if wanted.key == nil || errors.Is(err, pgx.ErrNoRows) {
		placed, err = s.place(r.Context(), wanted)
	}
	if err != nil && wanted.key != nil {
		// Of two that came together the unique index let one commit, or the last pieces went to it.
		if twin, none := underKey(); none == nil {
			placed, err = twin, nil
		}
	}
	if err == nil && (placed.ProductID != wanted.ProductID || placed.Quantity != *wanted.Quantity) {
		err = refuse(422, "idempotency-key-reused", "This Idempotency-Key was used for another order.")
	}
	head.Set("Location", "/orders/"+strconv.FormatInt(placed.ID, 10))
	return placed, err
}

// place adds to what is sold only while stock lasts, and stores the order, in one transaction.
func (s shop) place(ctx context.Context, wanted newOrder) (placed order, err error) {
	err = pgx.BeginFunc(ctx, s, func(tx pgx.Tx) error {
		var price money
		err := tx.QueryRow(ctx, `UPDATE products SET sold = sold + $1 WHERE id = $2 AND stock - sold >= $1
			RETURNING price_minor, currency`, wanted.Quantity, wanted.ProductID).Scan(&price.AmountMinor, &price.Currency)
		if errors.Is(err, pgx.ErrNoRows) {
			_, err = productOf(tx.QueryRow(ctx, selectProducts+"WHERE id = $1", wanted.ProductID))
			if errors.Is(err, pgx.ErrNoRows) {
				err = unknown("product")
			} else if err == nil {
				err = refuse(409, "sold-out", "Fewer are left.")
			}
		}
		if err == nil {
			placed, err = orderOf(tx.QueryRow(ctx, `INSERT INTO orders
				(product_id, quantity, unit_price_minor, currency, idempotency_key) VALUES ($1, $2, $3, $4, $5)
				RETURNING `+orderColumns, wanted.ProductID, wanted.Quantity, price.AmountMinor, price.Currency, wanted.key))
		}
		return err
	})
	return placed, err
}

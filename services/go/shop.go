package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// shop uses one connection at a time for a request: pgx lends it for a statement, or for a transaction.
type shop struct{ *pgxpool.Pool }

type money struct {
	AmountMinor int64  `json:"amountMinor"`
	Currency    string `json:"currency"`
}

type shownProduct struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	LowestPrice *money `json:"lowestPrice"`
	OnSale      bool   `json:"onSale"`
}

type product struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Items       []item `json:"items"`
	currency    string
}

type item struct {
	ID              int64  `json:"id"`
	Name            string `json:"name"`
	Cost            money  `json:"cost"`
	Price           money  `json:"price"`
	DiscountPercent int64  `json:"discountPercent"`
	OnSale          bool   `json:"onSale"`
	Stock           int64  `json:"stock"`
	Sold            int64  `json:"sold"`
	open            bool
}

type newOrder struct {
	Number    string `json:"number"`
	ProductID int64  `json:"productId"`
	Items     []struct {
		ID       int64  `json:"id"`
		Quantity *int64 `json:"quantity"`
	} `json:"items"`
}

type order struct {
	Number    string    `json:"number"`
	Status    string    `json:"status"`
	ProductID int64     `json:"productId"`
	Pieces    []piece   `json:"pieces"`
	Total     money     `json:"total"`
	CreatedAt time.Time `json:"createdAt"`
}

type piece struct {
	ID     int64  `json:"id"`
	ItemID int64  `json:"itemId"`
	Name   string `json:"name"`
	Price  money  `json:"price"`
}

func (s shop) listProducts(r *http.Request) (any, error) {
	// The rows tell of an error too.
	rows, _ := s.Query(r.Context(), `SELECT id, name, currency, (SELECT min(price_minor) FROM product_items
		WHERE product_id = products.id AND active AND sale_from <= now() AND sale_until > now() AND sold < stock)
		FROM products WHERE shown ORDER BY id`)
	products, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p shownProduct, err error) {
		var lowest *int64
		var currency string
		err = row.Scan(&p.ID, &p.Name, &currency, &lowest)
		if p.OnSale = lowest != nil; p.OnSale {
			p.LowestPrice = &money{*lowest, currency}
		}
		return p, err
	})
	return map[string]any{"products": products}, err
}

// on is the pool, or a transaction.
type on interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
	QueryRow(context.Context, string, ...any) pgx.Row
}

func productOf(ctx context.Context, db on, id int64) (p product, err error) {
	err = db.QueryRow(ctx, "SELECT id, name, description, currency FROM products WHERE id = $1 AND shown", id).
		Scan(&p.ID, &p.Name, &p.Description, &p.currency)
	if errors.Is(err, pgx.ErrNoRows) {
		err = refuse(404, "unknown-product", "There is no such product.")
	}
	return p, err
}

func itemsOf(ctx context.Context, db on, p product) ([]item, error) {
	rows, _ := db.Query(ctx, `SELECT id, name, cost_minor, price_minor, stock, sold,
		sale_from <= now() AND now() < sale_until FROM product_items WHERE product_id = $1 AND active ORDER BY id`, p.ID)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (i item, err error) {
		i.Cost.Currency, i.Price.Currency = p.currency, p.currency
		err = row.Scan(&i.ID, &i.Name, &i.Cost.AmountMinor, &i.Price.AmountMinor, &i.Stock, &i.Sold, &i.open)
		cost, saved := i.Cost.AmountMinor, i.Cost.AmountMinor-i.Price.AmountMinor
		i.DiscountPercent, i.OnSale = (200*saved+cost)/(2*cost), i.open && i.Sold < i.Stock
		return i, err
	})
}

func (s shop) viewProduct(r *http.Request) (any, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	p, err := productOf(r.Context(), s, id)
	if err == nil {
		p.Items, err = itemsOf(r.Context(), s, p)
	}
	return p, err
}

var numberText = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (n newOrder) fault() error {
	switch {
	case !numberText.MatchString(n.Number):
		return refuse(400, "invalid-field", "must be 1 to 64 letters, digits and hyphens", "body", "number")
	case !isID(n.ProductID):
		return refuse(400, "invalid-field", idRule, "body", "productId")
	case n.Items == nil:
		return refuse(400, "invalid-field", "must be a list", "body", "items")
	}
	seen, outOfRange := map[int64]bool{}, len(n.Items) < 1 || len(n.Items) > 10
	for _, each := range n.Items {
		if !isID(each.ID) || each.Quantity == nil {
			return refuse(400, "invalid-field", "must each have an id and a quantity", "body", "items")
		}
		outOfRange = outOfRange || *each.Quantity < 1 || *each.Quantity > 100 || seen[each.ID]
		seen[each.ID] = true
	}
	if outOfRange {
		return refuse(422, "out-of-range", "must be 1 to 10 items, each once, of 1 to 100 pieces", "body", "items")
	}
	return nil
}

func (s shop) placeOrder(r *http.Request) (any, error) {
	var wanted newOrder
	user, err := signedIn(r)
	if err == nil {
		err = readJSON(r, &wanted)
	}
	if err == nil {
		err = wanted.fault()
	}
	if err != nil {
		return nil, err
	}
	placed := order{Number: wanted.Number, Status: "completed", ProductID: wanted.ProductID}
	err = pgx.BeginFunc(r.Context(), s, func(tx pgx.Tx) error { return place(r.Context(), tx, user, wanted, &placed) })
	if twice := new(pgconn.PgError); errors.As(err, &twice) && twice.Code == "23505" {
		err = taken // two who come together may both find the number free
	}
	return placed, err
}

var taken = refuse(409, "number-taken", "There is an order of this number already.")

// place sends the statements of the contract, in its order.
func place(ctx context.Context, tx pgx.Tx, user int64, wanted newOrder, placed *order) error {
	var found, id int64
	err := tx.QueryRow(ctx, "SELECT id FROM orders WHERE number = $1", wanted.Number).Scan(&found)
	if err == nil {
		return taken
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	p, err := productOf(ctx, tx, wanted.ProductID)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, "SELECT id FROM users WHERE id = $1", user).Scan(&found)
	if errors.Is(err, pgx.ErrNoRows) {
		return unauthorized
	} else if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `INSERT INTO orders (number, user_id, product_id, status) VALUES ($1, $2, $3, 'pending')
		RETURNING id, created_at`, wanted.Number, user, p.ID).Scan(&id, &placed.CreatedAt)
	if err != nil {
		return err
	}
	if err = tx.QueryRow(ctx, "SELECT id FROM products WHERE id = $1 FOR NO KEY UPDATE", p.ID).Scan(&found); err != nil {
		return err
	}
	offered, err := itemsOf(ctx, tx, p)
	if err != nil {
		return err
	}
	byID := map[int64]item{}
	for _, each := range offered {
		byID[each.ID] = each
	}
	var ids, prices []int64
	for _, each := range wanted.Items {
		switch i, known := byID[each.ID]; {
		case !known:
			return refuse(422, "unknown-item", "The product has no such item.")
		case !i.open:
			return refuse(422, "not-on-sale", "The item is not on sale now.")
		case i.Stock-i.Sold < *each.Quantity:
			return refuse(409, "sold-out", "Fewer are left.")
		}
	}
	for _, each := range wanted.Items {
		_, err := tx.Exec(ctx, "UPDATE product_items SET sold = sold + $1 WHERE id = $2", each.Quantity, each.ID)
		if err != nil {
			return err
		}
		for range *each.Quantity {
			ids, prices = append(ids, each.ID), append(prices, byID[each.ID].Price.AmountMinor)
		}
	}
	rows, _ := tx.Query(ctx, `INSERT INTO order_items (order_id, product_item_id, price_minor)
		SELECT $1::bigint, item, price FROM unnest($2::bigint[], $3::bigint[]) AS pieces(item, price)
		RETURNING id, product_item_id, price_minor`, id, ids, prices)
	placed.Pieces, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (one piece, err error) {
		err = row.Scan(&one.ID, &one.ItemID, &one.Price.AmountMinor)
		one.Name = byID[one.ItemID].Name
		return one, err
	})
	placed.total(p.currency)
	if err == nil {
		_, err = tx.Exec(ctx, "UPDATE orders SET status = 'completed', updated_at = now() WHERE id = $1", id)
	}
	return err
}

func (o *order) total(currency string) {
	o.Total = money{0, currency}
	for at := range o.Pieces {
		o.Pieces[at].Price.Currency = currency
		o.Total.AmountMinor += o.Pieces[at].Price.AmountMinor
	}
}

func (s shop) viewOrder(r *http.Request) (any, error) {
	user, err := signedIn(r)
	if err != nil {
		return nil, err
	}
	o := order{Number: r.PathValue("number")}
	var id int64
	var currency string
	err = s.QueryRow(r.Context(), `SELECT orders.id, orders.status, orders.product_id, products.currency, orders.created_at
		FROM orders JOIN products ON products.id = orders.product_id JOIN users ON users.id = orders.user_id
		WHERE orders.number = $1 AND users.id = $2`, o.Number, user).
		Scan(&id, &o.Status, &o.ProductID, &currency, &o.CreatedAt)
	if errors.Is(err, pgx.ErrNoRows) || !numberText.MatchString(o.Number) {
		return nil, refuse(404, "unknown-order", "You have no such order.")
	} else if err != nil {
		return nil, err
	}
	rows, _ := s.Query(r.Context(), `SELECT order_items.id, order_items.product_item_id, order_items.price_minor,
		product_items.name FROM order_items JOIN product_items ON product_items.id = order_items.product_item_id
		WHERE order_items.order_id = $1 ORDER BY order_items.id`, id)
	o.Pieces, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (one piece, err error) {
		err = row.Scan(&one.ID, &one.ItemID, &one.Price.AmountMinor, &one.Name)
		return one, err
	})
	o.total(currency)
	return o, err
}

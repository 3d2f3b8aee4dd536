// The contract of services/contract.yaml in net/http and pgx: a worked example of an arm.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

var instance, prepare = rand.Text(), cmp.Or(os.Getenv("DB_PREPARE"), "off")

func main() {
	address := os.Getenv("HOST") + ":" + cmp.Or(os.Getenv("PORT"), "3000")
	if len(os.Args) > 1 && os.Args[1] == "-health" { // this image has no other program that could ask
		_, err := http.Get("http://" + address + "/healthz")
		check(err)
		return
	}
	refuseOthers()
	pool := openPool()
	server := &http.Server{Addr: address, Handler: routes(shop{pool})}
	stopped, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	go func() {
		log.Printf("listens on %s", address)
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			check(err)
		}
	}()
	<-stopped.Done()
	forget() // a second signal ends it at once
	drain, cancel := context.WithTimeout(context.Background(), 9*time.Second)
	defer cancel()
	check(server.Shutdown(drain))
	pool.Close()
}

// openPool connects to nothing yet. The kit's database offers no TLS: to ask is a round trip a connection.
func openPool() *pgxpool.Pool {
	how := map[string]string{"on": "cache_statement", "off": "exec"}[prepare]
	config, err := pgxpool.ParseConfig(os.ExpandEnv("host=$DB_HOST user=$DB_USER dbname=$DB_NAME sslmode=disable " +
		"port=" + cmp.Or(os.Getenv("DB_PORT"), "5432") +
		" connect_timeout=3 statement_timeout=5000 application_name='samehost go' default_query_exec_mode=" + how +
		" pool_max_conns=" + cmp.Or(os.Getenv("DB_POOL_MAX"), "10")))
	check(err)
	password, err := os.ReadFile(os.Getenv("DB_PASSWORD_FILE"))
	check(err)
	config.ConnConfig.Password = strings.TrimSpace(string(password))
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	check(err)
	return pool
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// endpoint gives what is answered, or the error why not.
type endpoint func(*http.Request) (any, error)

func routes(s shop) http.Handler {
	mux := http.NewServeMux()
	on := func(method, path string, status int, answer endpoint) {
		mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
			// Not the request's own: a client that hangs up would cost the pool a connection.
			ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
			defer cancel()
			body, err := answer(r.WithContext(ctx))
			respond(w, status, body, err)
		})
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", method)
			respond(w, 405, nil, refuse(405, "method-not-allowed", "Allowed here: "+method+"."))
		})
	}
	on("GET", "/products", 200, s.listProducts)
	on("GET", "/products/{id}", 200, s.viewProduct)
	on("POST", "/orders", 201, s.placeOrder)
	on("GET", "/orders/{number}", 200, s.viewOrder)
	on("POST", "/sign-in", 200, s.signIn)
	on("GET", "/healthz", 200, s.health)
	on("GET", "/readyz", 200, func(r *http.Request) (any, error) {
		body, _ := s.health(r)
		return body, s.Ping(r.Context())
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, 404, nil, refuse(404, "not-found", "There is nothing at this path."))
	})
	return mux
}

// named is a body with headers of its own.
type named struct {
	head map[string]string
	any
}

// health names the arm and its process, so that a measurement can prove what it measures.
func (s shop) health(*http.Request) (any, error) {
	return named{map[string]string{
		"X-Samehost-Arm": os.Getenv("ARM_NAME"), "X-Samehost-Instance": instance, "X-Samehost-Prepare": prepare,
	}, map[string]any{
		"status": "ok", "mode": "pooled", "versions": map[string]string{"go": runtime.Version()[2:]},
		"settings": settingsOf(s.Config()), "given": given(),
	}}, nil
}

func respond(w http.ResponseWriter, status int, body any, err error) {
	head := w.Header()
	head.Set("Content-Type", "application/json")
	switch of := body.(type) {
	case order:
		if status == 201 && err == nil {
			head.Set("Location", "/orders/"+of.Number)
		}
	case named:
		body = of.any
		for name, value := range of.head {
			head.Set(name, value)
		}
	}
	if err != nil {
		p := problemOf(err)
		body, status = p, p["status"].(int)
		head.Set("Content-Type", "application/problem+json")
		switch status {
		case 401:
			head.Set("WWW-Authenticate", "Bearer")
		case 503:
			head.Set("Retry-After", "1")
		}
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// problem is a failure as the contract tells it (RFC 9457).
type problem map[string]any

func (p problem) Error() string { return p["detail"].(string) }

// refuse gives a problem; of a field, also where it is and what it is called.
func refuse(status int, code, detail string, field ...string) problem {
	p := problem{"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code, "detail": detail}
	if field != nil {
		p["errors"] = []any{map[string]string{"in": field[0], "name": field[1], "reason": detail}}
	}
	return p
}

// problemOf tells no more of a failure than the contract does: what else there is to it, the log has.
func problemOf(err error) (known problem) {
	if errors.As(err, &known) {
		return known
	}
	log.Printf("a request failed: %v", err)
	if cancelled := new(pgconn.PgError); errors.As(err, &cancelled) && cancelled.Code == "57014" {
		return refuse(504, "database-timeout", "The database did not answer in time.")
	} else if errors.Is(err, context.DeadlineExceeded) {
		return refuse(503, "database-busy", "No database connection came free in time.")
	}
	return refuse(503, "database-unreachable", "The database cannot be reached.")
}

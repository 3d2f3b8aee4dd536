// The contract of services/contract.yaml in net/http and pgx: a worked example of an arm.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func env(name, absent string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return absent
}

// must ends the process over a variable of the environment that is wrong, naming it.
func must[T any](name string) func(T, error) T {
	return func(value T, err error) T {
		if err != nil {
			log.Printf("%s: %v", name, err)
			os.Exit(2)
		}
		return value
	}
}

func duration(name, absent string) time.Duration {
	return must[time.Duration](name)(time.ParseDuration(env(name, absent)))
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "-health" {
		os.Exit(health())
	}
	if mode := env("DB_MODE", "pooled"); mode != "pooled" {
		must[string]("DB_MODE")(mode, errors.New("this service has a pool only: give pooled"))
	}
	statement := duration("DB_STATEMENT_TIMEOUT", "5s")
	refuseOthers()
	identity := identify()
	pool := openPool(statement)
	service := shop{pool, duration("DB_ACQUIRE_TIMEOUT", "5s"), statement + time.Second}
	server := &http.Server{
		Handler:           routes(service, identity, settingsOf(pool.Config())),
		ConnState:         trackConn,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       15 * time.Second,
		IdleTimeout:       75 * time.Second, // longer than the 60 s of the front door
		// A strictConn counts them first, to the byte.
		MaxHeaderBytes: 2 * headMaxBytes,
		// It would say 200 to OPTIONS *.
		DisableGeneralOptionsHandler: true,
	}
	address := net.JoinHostPort(env("HOST", "0.0.0.0"), env("PORT", "3000"))
	listener := must[net.Listener]("HOST, PORT")(net.Listen("tcp", address))
	log.Printf("listening on %s", listener.Addr())
	go server.Serve(strictListener{listener})

	stopped, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	<-stopped.Done()
	forget() // a second signal ends it at once
	drain, cancel := context.WithTimeout(context.Background(), duration("DRAIN_TIMEOUT", "9s"))
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		log.Fatalf("requests were cut off: %v", err)
	}
	service.pool.Close()
}

// identify gives the headers that name the arm and its process, so that a measurement can prove what it measures.
func identify() map[string]string {
	instance := make([]byte, 8)
	rand.Read(instance)
	identity := map[string]string{
		"X-Samehost-Instance": hex.EncodeToString(instance),
		"X-Samehost-Prepare":  env("DB_PREPARE", "off"),
	}
	if arm := os.Getenv("ARM_NAME"); arm != "" {
		if !armName.MatchString(arm) {
			must[string]("ARM_NAME")(arm, errors.New("give lower-case letters, digits and hyphens"))
		}
		identity["X-Samehost-Arm"] = arm
	}
	return identity
}

var armName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// openPool connects to nothing yet.
func openPool(statementTimeout time.Duration) *pgxpool.Pool {
	// The kit's database offers no TLS: to ask is a round trip a connection.
	parts := fmt.Sprintf("host=%s port=%s user=%s dbname=%s sslmode=disable",
		env("DB_HOST", "db"), env("DB_PORT", "5432"), env("DB_USER", "commerce"), env("DB_NAME", "commerce"))
	config := must[*pgxpool.Config]("DATABASE_URL")(pgxpool.ParseConfig(env("DATABASE_URL", parts)))
	if file := os.Getenv("DB_PASSWORD_FILE"); file != "" {
		config.ConnConfig.Password = strings.TrimSpace(string(must[[]byte]("DB_PASSWORD_FILE")(os.ReadFile(file))))
	} else if password := os.Getenv("DB_PASSWORD"); password != "" {
		config.ConnConfig.Password = password
	}
	config.MaxConns = int32(must[int64]("DB_POOL_MAX")(strconv.ParseInt(env("DB_POOL_MAX", "10"), 10, 32)))
	config.ConnConfig.ConnectTimeout = duration("DB_CONNECT_TIMEOUT", "3s")
	switch prepare := env("DB_PREPARE", "off"); prepare {
	case "on": // each statement once on each connection, as is pgx's own way
	case "off":
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	default:
		must[string]("DB_PREPARE")(prepare, errors.New("give on or off"))
	}
	server := config.ConnConfig.RuntimeParams
	server["application_name"] = "samehost go"
	server["statement_timeout"] = fmt.Sprint(statementTimeout.Milliseconds())
	server["idle_in_transaction_session_timeout"] = fmt.Sprint(duration("DB_TRANSACTION_TIMEOUT", "5s").Milliseconds())
	return must[*pgxpool.Pool]("DB_POOL_MAX")(pgxpool.NewWithConfig(context.Background(), config))
}

// health asks the service of this container: its image has no other program that could.
func health() int {
	client := http.Client{Timeout: 4 * time.Second}
	answer, err := client.Get("http://127.0.0.1:" + env("PORT", "3000") + "/healthz")
	if err != nil || answer.StatusCode != http.StatusOK {
		return 1
	}
	return 0
}

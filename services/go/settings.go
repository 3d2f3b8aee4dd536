package main

import (
	"crypto/sha256"
	"encoding/hex"
	"log"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

var known = strings.Fields("DB_MODE DB_POOL_MAX DB_PREPARE DB_HOST DB_PORT DB_USER DB_NAME DB_PASSWORD_FILE")

// ofRuntime are variables of the runtime below the service, which says them as they stand.
var ofRuntime = regexp.MustCompile(`^(GO(GC|MEMLIMIT|DEBUG)|MALLOC_[A-Z_]*)$`)

// refuseOthers ends the process over a variable of its own prefix that it does not know: a typo changes nothing.
func refuseOthers() {
	for name := range variables() {
		if strings.HasPrefix(name, "DB_") && !slices.Contains(known, name) {
			log.Fatalf("%s: no variable of this service: give one of %s", name, strings.Join(known, ", "))
		}
	}
	if mode := os.Getenv("DB_MODE"); mode != "" && mode != "pooled" {
		log.Fatalf("DB_MODE=%s: this service has a pool only: give pooled", mode)
	}
}

// settingsOf gives `settings` of /healthz in services/contract.yaml.
func settingsOf(pool *pgxpool.Config) map[string]any {
	settings := map[string]any{
		"DB_MODE":              "pooled",
		"DB_POOL_MAX":          pool.MaxConns,
		"DB_PREPARE":           prepare,
		"DB_HOST":              pool.ConnConfig.Host,
		"DB_PORT":              pool.ConnConfig.Port,
		"DB_STATEMENT_TIMEOUT": pool.ConnConfig.RuntimeParams["statement_timeout"] + "ms",
		"GOMAXPROCS":           runtime.GOMAXPROCS(0),
	}
	for name, value := range variables() {
		if ofRuntime.MatchString(name) {
			settings[name] = value
		}
	}
	return settings
}

// given gives the digest of the variables as they came, none of them a secret.
func given() string {
	found := variables()
	digest := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(found)) {
		isOwn := strings.HasPrefix(name, "DB_") || name == "GOMAXPROCS" || ofRuntime.MatchString(name)
		if isOwn && found[name] != "" {
			digest.Write([]byte(name + "=" + found[name] + "\n"))
		}
	}
	return hex.EncodeToString(digest.Sum(nil))
}

func variables() map[string]string {
	found := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		found[name] = value
	}
	return found
}

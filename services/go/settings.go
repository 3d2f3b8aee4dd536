package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"sort"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

var known = strings.Fields(`DB_MODE DB_POOL_MAX DB_PREPARE DB_HOST DB_PORT DB_USER DB_NAME DB_PASSWORD
	DB_PASSWORD_FILE DB_ACQUIRE_TIMEOUT DB_CONNECT_TIMEOUT DB_STATEMENT_TIMEOUT DB_TRANSACTION_TIMEOUT`)

// ofRuntime are variables of the runtime below the service, which says them as they stand.
var ofRuntime = regexp.MustCompile(`^(GO(GC|MEMLIMIT|DEBUG)|MALLOC_[A-Z_]*)$`)

// refuseOthers ends the process over a variable of its own prefix that it does not know: a typo changes nothing.
func refuseOthers() {
	for name := range variables() {
		if strings.HasPrefix(name, "DB_") && !slices.Contains(known, name) {
			must[string](name)("", fmt.Errorf("no variable of this service: give one of %s", strings.Join(known, ", ")))
		}
	}
}

// settingsOf gives `settings` of /healthz in services/contract.yaml.
func settingsOf(pool *pgxpool.Config) map[string]any {
	milliseconds := func(name, absent string) string {
		return fmt.Sprintf("%dms", duration(name, absent).Milliseconds())
	}
	settings := map[string]any{
		"DB_MODE":                "pooled",
		"DB_POOL_MAX":            pool.MaxConns,
		"DB_PREPARE":             env("DB_PREPARE", "off"),
		"DB_HOST":                pool.ConnConfig.Host,
		"DB_PORT":                pool.ConnConfig.Port,
		"DB_ACQUIRE_TIMEOUT":     milliseconds("DB_ACQUIRE_TIMEOUT", "5s"),
		"DB_CONNECT_TIMEOUT":     milliseconds("DB_CONNECT_TIMEOUT", "3s"),
		"DB_STATEMENT_TIMEOUT":   milliseconds("DB_STATEMENT_TIMEOUT", "5s"),
		"DB_TRANSACTION_TIMEOUT": milliseconds("DB_TRANSACTION_TIMEOUT", "5s"),
		"GOMAXPROCS":             runtime.GOMAXPROCS(0),
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
	lines := []string{}
	for name, value := range variables() {
		isOwn := strings.HasPrefix(name, "DB_") && name != "DB_PASSWORD"
		if value != "" && (isOwn || name == "GOMAXPROCS" || ofRuntime.MatchString(name)) {
			lines = append(lines, name+"="+value+"\n")
		}
	}
	sort.Strings(lines)
	digest := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(digest[:])
}

func variables() map[string]string {
	found := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		found[name] = value
	}
	return found
}

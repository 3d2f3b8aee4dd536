package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// problem is a failure as the contract tells it (RFC 9457).
type problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Code   string       `json:"code"`
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors,omitempty"`
}

type fieldError struct {
	In     string `json:"in"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func (p problem) Error() string { return p.Detail }

// Where net/http's words are older than RFC 9110.
var titles = map[int]string{413: "Content Too Large", 422: "Unprocessable Content"}

func fault(status int, code, detail string, fields ...fieldError) problem {
	title, ok := titles[status]
	if !ok {
		title = http.StatusText(status)
	}
	return problem{"about:blank", title, status, code, detail, fields}
}

var (
	unreadable        = fault(400, "bad-request", "The request is not valid HTTP.")
	notThere          = fault(404, "not-found", "There is nothing at this path.")
	brokenOff         = fault(400, "bad-request", "The body broke off.")
	malformed         = fault(400, "malformed-json", "The body must be a JSON object.")
	tooSlow           = fault(408, "request-timeout", "The request did not arrive in time.")
	tooLarge          = fault(413, "body-too-large", "The body must not exceed 16384 bytes.")
	notJSON           = fault(415, "unsupported-media-type", "The body must be application/json.")
	expectationFailed = fault(417, "expectation-failed", "Only 100-continue can be expected.")
	headTooLarge      = fault(431, "headers-too-large", "At most 100 headers and 16384 bytes.")
	keyReused         = fault(422, "idempotency-key-reused", "This Idempotency-Key was used for another order.")
	failed            = fault(500, "internal-error", "The service failed. Its log says how.")
	unreachable       = fault(503, "database-unreachable", "The database cannot be reached.")
	busy              = fault(503, "database-busy", "No database connection came free in time.")
	slow              = fault(504, "database-timeout", "The database did not answer in time.")
)

func invalid(fields ...fieldError) problem    { return refused(400, "invalid-field", fields) }
func outOfRange(fields ...fieldError) problem { return refused(422, "out-of-range", fields) }

func refused(status int, code string, fields []fieldError) problem {
	var names []string
	for _, field := range fields {
		names = append(names, field.Name)
	}
	return fault(status, code, "Not accepted: "+strings.Join(names, ", ")+".", fields...)
}

func unknown(what string, id int64) problem {
	return fault(404, "unknown-"+what, fmt.Sprintf("No %s %d.", what, id))
}

func soldOut(quantity int64) problem {
	return fault(409, "sold-out", fmt.Sprintf("Fewer than %d left.", quantity))
}

// noConnection tells a pool that is used up from a server that is not there.
func noConnection(err error) problem {
	if errors.Is(err, context.DeadlineExceeded) && !errors.As(err, new(*pgconn.ConnectError)) {
		return busy
	}
	log.Printf("no connection: %v", err)
	return unreachable
}

// States of the server, not of the statement (PostgreSQL manual, appendix A).
var serverState = regexp.MustCompile(`^(08|25P03|25006|3D000|3F000|40001|40P01|42P01|53|57P|58)`)

func isLost(err error) bool {
	if refusal := new(pgconn.PgError); errors.As(err, &refusal) {
		return serverState.MatchString(refusal.Code)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(*net.OpError)) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

// problemOf tells no more of a failure than the contract does: what else there is to it, the log has.
func problemOf(err error) problem {
	known, refusal := problem{}, new(pgconn.PgError)
	isRefusal := errors.As(err, &refusal)
	switch {
	case errors.As(err, &known):
		return known
	case isRefusal && refusal.Code == "57014", errors.Is(err, context.DeadlineExceeded):
		return slow
	case isLost(err):
		return unreachable
	}
	log.Printf("a request failed: %v", err)
	return failed
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"path"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	bodyMaxBytes = 16384
	levelsMax    = 100
	idMax        = 1<<53 - 1 // the largest integer that every JSON parser holds exactly
	idRule       = "must be a positive integer of at most 53 bits"
)

var (
	idText      = regexp.MustCompile(`^[1-9][0-9]{0,15}$`)
	integerText = regexp.MustCompile(`^-?[0-9]+$`)
	keyText     = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)
	// The methods of RFC 9110 (but CONNECT, which has no path), PATCH and QUERY.
	methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true,
		"OPTIONS": true, "TRACE": true, "QUERY": true}
	absolute     = regexp.MustCompile(`(?i)^https?://[^/?]*`)
	plainTarget  = regexp.MustCompile(`^[\w/?&=-]*$`)
	oddCharacter = regexp.MustCompile(`[^\w/?&=-]`)
	// Strings, and all that is no bracket.
	noBracket = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[^\[\]{}"]`)
	jsonType  = regexp.MustCompile(`(?i)^application/json *(;|$)`)
)

// endpoint gives what is answered, with 200 or 201, or why not.
type endpoint func(w http.ResponseWriter, r *http.Request) (any, error)

func routes(s shop, identity map[string]string, settings map[string]any) http.Handler {
	mux := http.NewServeMux()
	on := func(path, allow string, answer endpoint) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			for _, method := range strings.Split(allow, ", ") {
				if r.Method == method {
					body, err := answer(w, r)
					respond(w, r, body, err)
					return
				}
			}
			w.Header().Set("Allow", allow)
			respond(w, r, nil, fault(405, "method-not-allowed", "Allowed here: "+allow+"."))
		})
	}
	const read = "GET, HEAD"
	on("/products", read, s.products)
	on("/products/{id}", read, s.product)
	on("/orders", "POST", s.orders)
	on("/orders/{id}", read, s.order)
	named := func(w http.ResponseWriter) {
		for name, value := range identity {
			w.Header().Set(name, value)
		}
	}
	on("/healthz", read, func(w http.ResponseWriter, _ *http.Request) (any, error) {
		named(w)
		return map[string]any{
			"status": "ok", "mode": "pooled", "versions": versions(), "settings": settings, "given": given(),
		}, nil
	})
	on("/readyz", read, func(w http.ResponseWriter, _ *http.Request) (any, error) {
		named(w)
		return map[string]any{"status": "ok", "mode": "pooled"}, s.ready()
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { respond(w, r, nil, notThere) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !readTarget(r) || !methods[r.Method] || r.ProtoMinor > 1 {
			w.Header().Set("Connection", "close")
			respond(w, r, nil, unreadable)
			return
		}
		// A path that is not clean would be redirected, to one that the contract names.
		if path.Clean(r.URL.Path) != r.URL.Path {
			respond(w, r, nil, notThere)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// readTarget has the target read as it stands: nothing in it is decoded or resolved. Paths, names and integers of
// the contract need none of the other characters, so one stands for all that would be as wrong.
func readTarget(r *http.Request) bool {
	target := r.RequestURI
	if !strings.HasPrefix(target, "/") {
		target = absolute.ReplaceAllString(target, "")
		if target == r.RequestURI {
			return false
		}
		if !strings.HasPrefix(target, "/") {
			target = "/" + target
		}
	}
	if !plainTarget.MatchString(target) {
		target = oddCharacter.ReplaceAllString(target, "_")
	}
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(target, "?")
	r.URL.RawPath = ""
	return true
}

func respond(w http.ResponseWriter, r *http.Request, body any, err error) {
	status, kind := http.StatusOK, "application/json"
	if r.Method == http.MethodPost {
		status = http.StatusCreated
	}
	if err != nil {
		problem := problemOf(err)
		body, status, kind = problem, problem.Status, "application/problem+json"
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
	}
	text, _ := json.Marshal(body)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	w.Write(text)
}

func (s shop) products(_ http.ResponseWriter, r *http.Request) (any, error) {
	limit, err := queryInteger(r, "limit", 20, 1, 100)
	if err != nil {
		return nil, err
	}
	offset, err := queryInteger(r, "offset", 0, 0, 1_000_000)
	if err != nil {
		return nil, err
	}
	return s.listProducts(limit, offset)
}

func (s shop) product(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	return s.viewProduct(id)
}

func (s shop) order(_ http.ResponseWriter, r *http.Request) (any, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	return s.viewOrder(id)
}

func (s shop) orders(w http.ResponseWriter, r *http.Request) (any, error) {
	request, err := orderRequest(w, r)
	if err != nil {
		return nil, err
	}
	placed, err := s.placeOrder(request)
	if err == nil {
		w.Header().Set("Location", "/orders/"+strconv.FormatInt(placed.ID, 10))
	}
	return placed, err
}

func pathID(r *http.Request) (int64, error) {
	text := r.PathValue("id")
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && id <= idMax && idText.MatchString(text) {
		return id, nil
	}
	return 0, invalid(fieldError{"path", "id", idRule})
}

func queryInteger(r *http.Request, name string, absent, min, max int) (int, error) {
	given, found := firstParameter(r.URL.RawQuery, name)
	if !found {
		return absent, nil
	}
	if !integerText.MatchString(given) {
		return 0, invalid(fieldError{"query", name, "must be an integer"})
	}
	if value, err := strconv.Atoi(given); err == nil && min <= value && value <= max {
		return value, nil
	}
	return 0, outOfRange(fieldError{"query", name, "must be from " + strconv.Itoa(min) + " to " + strconv.Itoa(max)})
}

// firstParameter gives the first value of a parameter, as it stands.
func firstParameter(query, name string) (string, bool) {
	for pair := range strings.SplitSeq(query, "&") {
		if given, value, _ := strings.Cut(pair, "="); given == name {
			return value, true
		}
	}
	return "", false
}

func orderRequest(w http.ResponseWriter, r *http.Request) (request newOrder, err error) {
	if keys := r.Header.Values("Idempotency-Key"); keys != nil {
		if len(keys) > 1 || !keyText.MatchString(keys[0]) {
			return request, invalid(fieldError{"header", "Idempotency-Key", "must be 1 to 255 visible ASCII characters"})
		}
		request.key = &keys[0]
	}
	if !jsonType.MatchString(strings.Join(r.Header.Values("Content-Type"), ", ")) {
		return request, notJSON
	}
	if r.ContentLength > bodyMaxBytes {
		return request, tooLarge
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMaxBytes))
	if errors.As(err, new(*http.MaxBytesError)) {
		return request, tooLarge
	} else if errors.Is(err, os.ErrDeadlineExceeded) {
		w.Header().Set("Connection", "close")
		return request, tooSlow
	} else if err != nil {
		return request, brokenOff
	}
	body := jsonObject(text)
	if body == nil {
		return request, malformed
	}
	productID, isID := integer(body["productId"])
	quantity, isQuantity := integer(body["quantity"])
	var faults []fieldError
	if !isID || productID < 1 || productID > idMax {
		faults = append(faults, fieldError{"body", "productId", idRule})
	}
	if !isQuantity {
		faults = append(faults, fieldError{"body", "quantity", "must be an integer"})
	}
	if faults != nil {
		return request, invalid(faults...)
	}
	if quantity < 1 || quantity > 1000 {
		return request, outOfRange(fieldError{"body", "quantity", "must be from 1 to 1000"})
	}
	request.productID, request.quantity = int64(productID), int64(quantity)
	return request, nil
}

// jsonObject gives none for what is no JSON object in UTF-8.
func jsonObject(text []byte) (body map[string]any) {
	if !utf8.Valid(text) || isTooDeep(text) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&body) != nil {
		return nil
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil // a second value
	}
	return body
}

func isTooDeep(text []byte) bool {
	if len(text) <= 2*levelsMax { // each level is opened and closed
		return false
	}
	levels := 0
	for _, bracket := range noBracket.ReplaceAll(text, nil) {
		if bracket == '[' || bracket == '{' {
			levels++
		} else {
			levels--
		}
		if levels > levelsMax {
			return true
		}
	}
	return false
}

// integer also takes 1.0: JSON has one kind of number, read here as a double as most parsers do.
func integer(value any) (float64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	double, err := strconv.ParseFloat(string(number), 64)
	return double, err == nil && double == math.Trunc(double)
}

// versions tells what is installed, not what was asked for.
func versions() map[string]string {
	found := map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go")}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if strings.HasSuffix(module.Path, "/pgx/v5") {
				found["pgx"] = strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return found
}

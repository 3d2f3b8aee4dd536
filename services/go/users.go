package main

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"mime"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5"
)

const idRule = "must be a positive integer of at most 53 bits"

var unauthorized = refuse(401, "unauthorized", "A bearer token of this service is needed.")

func isID(id int64) bool { return id > 0 && id < 1<<53 }

func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || !isID(id) {
		return 0, refuse(400, "invalid-field", idRule, "path", "id")
	}
	return id, nil
}

func readJSON(r *http.Request, into any) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return refuse(415, "unsupported-media-type", "The body must be application/json.")
	}
	text, _ := io.ReadAll(r.Body) // what breaks off is no JSON
	err := json.Unmarshal(text, into)
	if another := new(json.UnmarshalTypeError); errors.As(err, &another) && another.Field != "" {
		return refuse(400, "invalid-field", "is of another kind", "body", another.Field)
	} else if err != nil || strings.TrimSpace(string(text)) == "null" { // which fits every type
		return refuse(400, "malformed-json", "The body must be a JSON object.")
	}
	return nil
}

// tokenSecret is the same for all arms of a run.
func tokenSecret() []byte {
	text := os.Getenv("TOKEN_SECRET")
	if file := os.Getenv("TOKEN_SECRET_FILE"); file != "" {
		read, err := os.ReadFile(file)
		check(err)
		text = strings.TrimSpace(string(read))
	}
	if len(text) < 32 { // RFC 7518, section 3.2: as long as the hash at least
		log.Fatal("TOKEN_SECRET: give 32 bytes or more, or TOKEN_SECRET_FILE that has them")
	}
	return []byte(text)
}

var secret = tokenSecret()

// signedIn gives the id of the user whom the token names.
func signedIn(r *http.Request) (int64, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	claims := jwt.RegisteredClaims{}
	_, err := jwt.ParseWithClaims(strings.TrimSpace(token), &claims, func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	id, notOne := strconv.ParseInt(claims.Subject, 10, 64)
	if err != nil || notOne != nil || !isID(id) || !strings.EqualFold(scheme, "bearer") {
		return 0, unauthorized
	}
	return id, nil
}

var emailText = regexp.MustCompile(`^[!-~]{1,255}$`)

func (s shop) signIn(r *http.Request) (any, error) {
	var given struct{ Email, Password string }
	if err := readJSON(r, &given); err != nil {
		return nil, err
	}
	switch {
	case !emailText.MatchString(given.Email):
		return nil, refuse(400, "invalid-field", "must have 1 to 255 characters of visible ASCII", "body", "email")
	case given.Password == "" || len([]rune(given.Password)) > 255:
		return nil, refuse(400, "invalid-field", "must have 1 to 255 characters", "body", "password")
	}
	var id int64
	var hash string
	err := s.QueryRow(r.Context(), "SELECT id, password_hash FROM users WHERE email = $1", given.Email).Scan(&id, &hash)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !isPassword(given.Password, hash) {
		return nil, refuse(401, "unauthorized", "Email or password is wrong.")
	} else if err != nil {
		return nil, err
	}
	hour := jwt.NewNumericDate(time.Now().Add(time.Hour))
	claims := jwt.RegisteredClaims{Subject: strconv.FormatInt(id, 10), ExpiresAt: hour}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
	return map[string]string{"token": token}, err
}

// isPassword knows a hash as sql/schema.sql has it.
func isPassword(password, stored string) bool {
	parts := strings.Split(stored, "$")
	iterations, _ := strconv.Atoi(parts[1])
	wanted, _ := base64.StdEncoding.DecodeString(parts[3])
	found, err := pbkdf2.Key(sha256.New, password, []byte(parts[2]), iterations, len(wanted))
	return err == nil && hmac.Equal(found, wanted)
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	headersMax   = 100
	headMaxBytes = 16384
)

// strictListener gives connections that hold a request's head to the contract, where net/http is more lenient,
// and that turn net/http's own answers, which are plain text, into problem documents.
type strictListener struct{ net.Listener }

func (l strictListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &strictConn{Conn: conn}, nil
}

// strictConn is used by one goroutine at a time, as net/http uses a connection.
type strictConn struct {
	net.Conn
	head headScan
	// The request has been read as far as its body: what is slow or silent from here on is the handler's matter.
	isHandled bool
}

// trackConn lets a connection know where its requests begin and when a handler has one.
func trackConn(conn net.Conn, state http.ConnState) {
	strict, ok := conn.(*strictConn)
	if !ok {
		return
	}
	switch state {
	case http.StateActive:
		strict.isHandled = true
	case http.StateIdle:
		strict.head, strict.isHandled = headScan{}, false
	}
}

func (c *strictConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.head.hasEnded {
		return n, err
	}
	// An empty line before a request is passed over (RFC 9112, 2.2); net/http would refuse it.
	for c.head.bytes == 0 && bytes.HasPrefix(p[:n], []byte("\r\n")) {
		n = copy(p, p[2:n])
	}
	if n == 0 && err == nil {
		return c.Read(p)
	}
	if refusal := c.head.scan(p[:n]); refusal != nil {
		c.refuse(*refusal)
		return 0, io.EOF
	}
	// A connection without a byte of a request is idle: it is closed without a word.
	if !c.isHandled && c.head.bytes > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		c.refuse(tooSlow)
		return 0, io.EOF
	}
	return n, err
}

// Write passes on what the handler answers, and says what net/http says for itself in the words of the contract.
func (c *strictConn) Write(p []byte) (int, error) {
	if len(p) < 12 || !bytes.HasPrefix(p, []byte("HTTP/1.")) || p[9] < '4' {
		return c.Conn.Write(p)
	}
	switch status := string(p[9:12]); {
	case status == "417":
		c.refuse(expectationFailed)
	case !bytes.Contains(p[:min(len(p), 200)], []byte("text/plain")):
		return c.Conn.Write(p)
	case status == "431":
		c.refuse(headTooLarge)
	default:
		c.refuse(unreadable)
	}
	return len(p), nil
}

// refuse answers a request that no handler sees, and after which no other is looked for. What else the client
// has sent is read for a moment: closing before that would take the answer from it.
func (c *strictConn) refuse(p problem) {
	text, _ := json.Marshal(p)
	fmt.Fprintf(c.Conn, "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n"+
		"Connection: close\r\n\r\n%s", p.Status, p.Title, len(text), text)
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	c.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	io.CopyN(io.Discard, c.Conn, 1<<20)
}

// headScan goes over a head as it arrives, for what net/http takes and the contract does not.
type headScan struct {
	bytes, lines, lineBytes int
	spaces                  int // of the first line
	last                    byte
	version                 [9]byte  // the last bytes of the first line
	name                    [18]byte // the first bytes of any other
	hasEnded                bool
	isTen                   bool // HTTP/1.0
	hasLength, hasCoding    bool
	host                    hostScan
}

// scan may change a target in place: a percent sign that is none would be refused as no URI, although an id that
// has one is as wrong as any other.
func (h *headScan) scan(p []byte) *problem {
	for i, b := range p {
		h.bytes++
		if (h.last == '\r') != (b == '\n') {
			return &unreadable // a line ends in CR and LF, and neither stands elsewhere
		}
		h.last = b
		if h.lines == 0 {
			if refusal := h.firstLine(p, i); refusal != nil {
				return refusal
			}
		} else if h.lineBytes < len(h.name) {
			h.name[h.lineBytes] = b
		}
		h.host.scan(b)
		h.lineBytes++
		if h.lineBytes == len("host:") && h.lines > 0 {
			h.host.isOn = bytes.EqualFold(h.name[:h.lineBytes], []byte("host:"))
		}
		if b == '\n' {
			if refusal := h.endLine(); refusal != nil || h.hasEnded {
				return refusal
			}
		}
	}
	if h.bytes > headMaxBytes {
		return &headTooLarge
	}
	return nil
}

func (h *headScan) firstLine(p []byte, i int) *problem {
	b := p[i]
	copy(h.version[:], h.version[1:])
	h.version[len(h.version)-1] = b
	switch {
	case b == ' ':
		h.spaces++
	case h.spaces == 1 && b == '%':
		p[i] = '_'
	case h.spaces == 1 && b != '\r' && b != '\n' && (b < 0x21 || b > 0x7e):
		return &unreadable
	}
	return nil
}

func (h *headScan) endLine() *problem {
	isEmpty := h.lineBytes == 2
	switch {
	case isEmpty && h.lines == 0: // before the request line
	case isEmpty && !h.host.isSeen:
		return &unreadable
	case isEmpty:
		h.hasEnded = true
	case h.lines == 0:
		h.isTen = bytes.HasPrefix(h.version[:], []byte("TTP/1.0"))
		h.lines++
	default:
		h.lines++
		if h.name[0] == ' ' || h.name[0] == '\t' || !h.delimitsOnce() || !h.host.endLine() {
			return &unreadable
		}
	}
	h.lineBytes = 0
	if h.lines > headersMax+1 || h.bytes > headMaxBytes {
		return &headTooLarge
	}
	return nil
}

// hostScan looks at the value of Host, of which net/http knows nothing if the target names a host itself.
type hostScan struct {
	isOn, isSeen, isWrong bool
	characters            int
	last                  byte
}

func (h *hostScan) scan(b byte) {
	switch {
	case !h.isOn || b == '\r' || b == '\n':
	case b == ' ' || b == '\t':
		h.last = b
	case h.characters > 0 && (h.last == ' ' || h.last == '\t') || !isHostCharacter(b):
		h.isWrong = true
	default:
		h.characters++
		h.last = b
	}
}

func isHostCharacter(b byte) bool {
	isLetter := 'a' <= b|0x20 && b|0x20 <= 'z'
	return isLetter || '0' <= b && b <= '9' || bytes.IndexByte([]byte("._~-:[]"), b) >= 0
}

// endLine says whether the line was not Host's, or named one.
func (h *hostScan) endLine() bool {
	if !h.isOn {
		return true
	}
	isRight := h.characters > 0 && !h.isWrong && !h.isSeen
	*h = hostScan{isSeen: true}
	return isRight
}

// delimitsOnce says whether the body still has one delimiter at most: net/http lets one overrule another.
func (h *headScan) delimitsOnce() bool {
	isLength := bytes.EqualFold(h.name[:15], []byte("content-length:"))
	isCoding := bytes.EqualFold(h.name[:18], []byte("transfer-encoding:"))
	if (isLength || isCoding) && (h.hasLength || h.hasCoding) || isCoding && h.isTen {
		return false
	}
	h.hasLength, h.hasCoding = h.hasLength || isLength, h.hasCoding || isCoding
	return true
}

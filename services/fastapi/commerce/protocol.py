"""HTTP as the contract has it, where uvicorn is more lenient or more patient."""

import asyncio
import re

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from commerce.problems import Problem, respond, title

HEAD_TIMEOUT_S = 10
REQUEST_TIMEOUT_S = 15
HEADERS_MAX = 100
HEAD_MAX_BYTES = 16_384

# Those of RFC 9110 (but CONNECT, which has no path), PATCH and QUERY.
_METHODS = frozenset(b"GET HEAD POST PUT PATCH DELETE OPTIONS TRACE QUERY".split())
_HOST = re.compile(rb"[\w.:\[\]~-]+")
_ABSOLUTE = re.compile(rb"(?i)https?://[^/?]*")
_PLAIN_TARGET = re.compile(rb"/[\w/?&=-]*")
_ODD_CHARACTER = re.compile(rb"[^\w/?&=-]")

_bad_request = Problem(400, "bad-request", "The request is not valid HTTP.")
_too_slow = Problem(408, "request-timeout", "The request did not arrive in time.")
_expectation = Problem(417, "expectation-failed", "Only 100-continue can be expected.")
_too_large = Problem(
    431,
    "headers-too-large",
    f"At most {HEADERS_MAX} headers and {HEAD_MAX_BYTES} bytes.",
)


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's own, with bounds on the head and on the time that a request may take.

    What is not HTTP, or not in time, gets a problem in place of plain text or nothing.
    """

    # When the request that arrives began to; None while none does.
    began_s: float | None = None
    # Bytes of what arrived since, until its head is complete.
    head_bytes = 0
    is_in_head = True
    is_refused = False
    refusal: Problem | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # One who says nothing is not waited for either.
        self.began_s = self.loop.time()
        _watch(self)

    def data_received(self, data: bytes) -> None:
        if self.is_refused:
            return
        self._unset_keepalive_if_required()
        if self.began_s is None:
            self.began_s = self.loop.time()
        self.head_bytes += len(data)
        try:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self.refusal or _bad_request)
            return
        if self.is_in_head and self.head_bytes > HEAD_MAX_BYTES:
            self._refuse(_too_large)

    def _ignore_upgrade(self, rest: bytes) -> None:
        """It is not offered. The parser took the request to end with its head: it does not."""
        self.cycle.keep_alive = False
        framing = [
            name + b": " + value
            for name, value in self.headers
            if name in (b"content-length", b"transfer-encoding")
        ]
        if not framing:
            return
        self.cycle.more_body = True
        self.began_s, self.is_in_head = self.loop.time(), False
        self.parser = httptools.HttpRequestParser(_BodyOf(self))
        lines = [b"POST / HTTP/1.1", *framing, b"", rest]
        self.parser.feed_data(b"\r\n".join(lines))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.is_in_head = True
        if self.began_s is None:  # behind another, in the same packet
            self.began_s = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        # A trailer is no header, and may be of any size.
        if self.is_in_head:
            super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        self.refusal = self._refusal_of_head()
        if self.refusal:
            raise ValueError(self.refusal.detail)  # ends the parsing
        self.is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.began_s = None
        self.head_bytes = 0
        self.is_in_head = True

    def _refusal_of_head(self) -> Problem | None:
        headers = self.headers
        if len(headers) > HEADERS_MAX:
            return _too_large
        if self.head_bytes > HEAD_MAX_BYTES and self._head_size() > HEAD_MAX_BYTES:
            return _too_large
        host = coding = expected = None
        for name, value in headers:
            if name == b"host":
                host = value if host is None else b""
            elif name == b"transfer-encoding":
                coding = value.lower() if coding is None else b""
            elif name == b"expect":
                expected = value.lower()
        version = self.parser.get_http_version()
        if (
            not (version == "1.1" or version == "1.0" and coding is None)
            or not (coding is None or coding == b"chunked")
            or not (host and _HOST.fullmatch(host))
            or self.parser.get_method() not in _METHODS
            or not self._read_target()
        ):
            return _bad_request
        return None if expected in (None, b"100-continue") else _expectation

    def _head_size(self) -> int:
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return len(self.url) + lines + 16  # method and version

    def _read_target(self) -> bool:
        """A target is read as it stands: nothing in it is decoded or resolved.

        Paths, names and integers of the contract need none of the other characters, so
        one stands for all that would be as wrong.
        """
        if _PLAIN_TARGET.fullmatch(self.url):
            return True
        target = _ABSOLUTE.sub(b"", self.url, count=1)
        if target != self.url and not target.startswith(b"/"):
            target = b"/" + target
        self.url = _ODD_CHARACTER.sub(b"_", target)
        return target.startswith(b"/")

    def cut_if_late(self, now_s: float) -> None:
        if self.began_s is None or self.is_refused:
            return
        limit_s = HEAD_TIMEOUT_S if self.is_in_head else REQUEST_TIMEOUT_S
        if now_s - self.began_s > limit_s:
            self._refuse(_too_slow)

    def _refuse(self, problem: Problem) -> None:
        """Answers a request that no application sees, or sees to its end; no other follows."""
        self.is_refused = True
        cycle = self.cycle
        if not self.is_in_head and cycle is not None:
            # The application waits for the rest: to it the client is gone.
            is_answered = cycle.response_started
            cycle.disconnected = True
            cycle.message_event.set()
            if is_answered:
                self.transport.close()
                return
        body = respond(problem).body
        head = (
            f"HTTP/1.1 {problem.status_code} {title(problem)}\r\n"
            "content-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        # Closing at once would take the answer from one who still sends.
        self.transport.write_eof()
        self.loop.call_later(0.5, self.transport.close)


class _BodyOf:
    """Callbacks of a parser for the rest of a request whose head another has parsed."""

    def __init__(self, protocol: ProblemProtocol) -> None:
        self.on_body = protocol.on_body
        self.on_message_complete = protocol.on_message_complete


_watched: set[asyncio.AbstractEventLoop] = set()


def _watch(protocol: ProblemProtocol) -> None:
    """Looks once a second at all connections, as long as there are any: a timer for each
    request would be paid for by every one that is in time."""
    loop, connections = protocol.loop, protocol.connections
    if loop in _watched:
        return
    _watched.add(loop)

    def look() -> None:
        now_s = loop.time()
        for connection in list(connections):
            connection.cut_if_late(now_s)
        if connections:
            loop.call_later(1, look)
        else:
            _watched.discard(loop)

    loop.call_later(1, look)

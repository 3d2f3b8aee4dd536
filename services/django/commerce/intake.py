"""What arrives on a connection, as whole requests, each in the form that gunicorn reads.

gunicorn gives a thread to a request that has only begun to arrive, and so ten slow
clients hold all ten. Here a request is taken in by the loop that waits for connections,
and gets a thread once it is complete. Where gunicorn is more lenient than the contract,
it is refused here.
"""

import re

from commerce.problems import Problem

HEADERS_MAX = 100
HEAD_MAX_BYTES = 16_384
BODY_MAX_BYTES = 16_384

# Those of RFC 9110 (but CONNECT, which has no path), PATCH and QUERY.
_METHODS = frozenset(b"GET HEAD POST PUT PATCH DELETE OPTIONS TRACE QUERY".split())
_PLAIN_HOST = re.compile(rb"[a-z0-9.-]+(:\d{1,5})?")
_HOST = re.compile(rb"[\w.:\[\]~-]+")
_ABSOLUTE = re.compile(rb"(?i)https?://[^/?]*")
_PLAIN_TARGET = re.compile(rb"/[\w/?&=-]*")
_ODD_CHARACTER = re.compile(rb"[^\w/?&=-]")
_BARE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n|$)")
# The headers that decide how a request is read, and those of which two are one.
_DECISIVE = re.compile(
    rb"(?i)\r\n(host|content-length|transfer-encoding|expect|content-type|idempotency-key)"
    rb":[ \t]*([^\r]*?)[ \t]*(?=\r\n)"
)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})(;[^\r\n]*)?\r\n")


def _bad_request() -> Problem:
    return Problem(400, "bad-request", "The request is not valid HTTP.")


def _headers_too_large() -> Problem:
    detail = f"At most {HEADERS_MAX} headers and {HEAD_MAX_BYTES} bytes."
    return Problem(431, "headers-too-large", detail)


class Intake:
    def __init__(self) -> None:
        self.buffer = bytearray()
        # The head that has arrived, while its body does.
        self._head: _Head | None = None
        # Whether the client waits for a 100 before it sends the body.
        self.owes_continue = False
        # Whether no request may follow on this connection.
        self.is_last = False

    @property
    def is_in_head(self) -> bool:
        return self._head is None

    def take_request(self) -> bytes | None:
        """The next request, once it is complete. Raises the problem why it is refused."""
        if self._head is None:
            self._head = self._take_head()
        if self._head is None:
            return None
        request = self._head.with_body(self)
        if request is not None:
            self._head = None
        return request

    def _take_head(self) -> "_Head | None":
        buffer = self.buffer
        while buffer.startswith(b"\r\n"):
            del buffer[:2]
        end = buffer.find(b"\r\n\r\n")
        if not 0 <= end <= HEAD_MAX_BYTES - 4:
            if _BARE_LINE_END.search(buffer, 0, HEAD_MAX_BYTES):
                raise _bad_request()
            if end >= 0 or len(buffer) > HEAD_MAX_BYTES:
                raise _headers_too_large()
            return None
        text = bytes(buffer[: end + 2])
        del buffer[: end + 4]
        head = _Head(text)
        self.owes_continue = head.expects_continue
        return head


class _Head:
    def __init__(self, text: bytes) -> None:
        self.text = text
        self.length: int | None = None
        self.is_chunked = False
        self.expects_continue = False
        if text.count(b"\r\n") > HEADERS_MAX + 1:
            raise _headers_too_large()
        if _BARE_LINE_END.search(text):
            raise _bad_request()
        self._read_line()
        self._read_headers()

    def _read_line(self) -> None:
        """A target is read as it stands: nothing in it is decoded or resolved.

        Paths, names and integers of the contract need none of the other characters, so
        one stands for all that would be as wrong.
        """
        end = self.text.index(b"\r\n")
        parts = self.text[:end].split(b" ")
        if len(parts) != 3:
            raise _bad_request()
        method, target, version = parts
        if method not in _METHODS or version not in (b"HTTP/1.1", b"HTTP/1.0"):
            raise _bad_request()
        self.is_ten = version == b"HTTP/1.0"
        if _PLAIN_TARGET.fullmatch(target):
            return
        path = _ABSOLUTE.sub(b"", target, count=1)
        if path != target and not path.startswith(b"/"):
            path = b"/" + path
        if (
            not path.startswith(b"/")
            or not path.isascii()
            or re.search(rb"[\0- \x7f]", path)
        ):
            raise _bad_request()
        plain = _ODD_CHARACTER.sub(b"_", path)
        self.text = b" ".join((method, plain, version)) + self.text[end:]

    def _read_headers(self) -> None:
        given: dict[bytes, list[bytes]] = {}
        for name, value in _DECISIVE.findall(self.text):
            given.setdefault(name.lower(), []).append(value)
        hosts = given.get(b"host", ())
        lengths = given.get(b"content-length", ())
        codings = given.get(b"transfer-encoding", ())
        if (
            len(hosts) != 1
            or not _HOST.fullmatch(hosts[0])
            or len(lengths) + len(codings) > 1
        ):
            raise _bad_request()
        if not _PLAIN_HOST.fullmatch(hosts[0]):
            self._replace(b"host", b"localhost")  # Django would refuse it
        if lengths:
            if not re.fullmatch(rb"[0-9]{1,18}", lengths[0]):
                raise _bad_request()
            self.length = int(lengths[0])
        if codings:
            if codings[0].lower() != b"chunked" or self.is_ten:
                raise _bad_request()
            self.is_chunked = True
            self._replace(b"transfer-encoding", None)
        for expected in given.get(b"expect", ()):
            if expected.lower() != b"100-continue":
                detail = "Only 100-continue can be expected."
                raise Problem(417, "expectation-failed", detail)
            self.expects_continue = not self.is_ten
            self._replace(b"expect", None)
        # Of a header given twice the values are joined, so that none is overlooked.
        if len(types := given.get(b"content-type", ())) > 1:
            self._replace(b"content-type", b", ".join(types))
        if len(given.get(b"idempotency-key", ())) > 1:
            self._replace(b"idempotency-key", b"")  # joined, they have a space: no key

    def _replace(self, name: bytes, value: bytes | None) -> None:
        line = rb"(?i)\r\n" + re.escape(name) + rb":[^\r]*(?=\r\n)"
        self.text = re.sub(line, b"", self.text)
        if value is not None:
            self.text += name + b": " + value + b"\r\n"

    def with_body(self, intake: Intake) -> bytes | None:
        buffer = intake.buffer
        if self.is_chunked:
            return self._with_chunks(intake)
        if not self.length:
            return self.text + b"\r\n"
        if self.length > BODY_MAX_BYTES:
            return self._without_body(intake)
        if len(buffer) < self.length:
            return None
        body = bytes(buffer[: self.length])
        del buffer[: self.length]
        return self.text + b"\r\n" + body

    def _without_body(self, intake: Intake) -> bytes:
        """The body is too large: its length says so to whoever would read it."""
        intake.is_last = True
        self._replace(
            b"content-length", b"%d" % max(self.length or 0, BODY_MAX_BYTES + 1)
        )
        self._replace(b"connection", b"close")
        return self.text + b"\r\n"

    def _with_chunks(self, intake: Intake) -> bytes | None:
        buffer, body, at = intake.buffer, b"", 0
        if len(buffer) > 8 * BODY_MAX_BYTES:  # of chunks of a byte, and long extensions
            return self._without_body(intake)
        while True:
            line_end = buffer.find(b"\r\n", at)
            if line_end < 0:
                if len(buffer) - at > 1024:
                    raise _bad_request()
                return None
            chunk = _CHUNK.fullmatch(buffer, at, line_end + 2)
            if not chunk:
                raise _bad_request()
            size, at = int(chunk[1], 16), chunk.end()
            if size == 0:
                break
            if len(body) + size > BODY_MAX_BYTES:
                return self._without_body(intake)
            if len(buffer) < at + size + 2:
                return None
            body += buffer[at : at + size]
            at += size
            if buffer[at : at + 2] != b"\r\n":
                raise _bad_request()
            at += 2
        if (end := _trailer_end(buffer, at)) is None:
            return None
        del buffer[:end]
        self.text += b"content-length: %d\r\n" % len(body)
        return self.text + b"\r\n" + body


def _trailer_end(buffer: bytearray, at: int) -> int | None:
    if buffer.startswith(b"\r\n", at):
        return at + 2
    end = buffer.find(b"\r\n\r\n", at)
    if end < 0 and len(buffer) - at > HEAD_MAX_BYTES:
        raise _headers_too_large()
    return None if end < 0 else end + 4

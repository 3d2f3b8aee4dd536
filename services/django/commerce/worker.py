import selectors
import socket
import struct
import time
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from commerce.intake import Intake
from commerce.problems import Problem, bad_request, internal_error

HEAD_TIMEOUT_S = 10
REQUEST_TIMEOUT_S = 15
# How long a thread waits for a client to take its answer.
SEND_TIMEOUT_S = 15
# How long what a refused client still sends is read, so that the answer reaches it.
LINGER_S = 0.5


class Connection(TConn):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.init()
        self.sock.setblocking(False)
        self.intake = Intake()
        self.began_s = time.monotonic()
        self.is_closing = False


class ProblemWorker(ThreadWorker):
    """gunicorn's own, but a request gets a thread only once it is complete.

    What is not HTTP, or not in time, gets a problem in place of a page of HTML or nothing.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Those whose request is arriving, and those that are being closed.
        self.arriving: dict[Connection, None] = {}
        self.looked_s = 0.0

    def accept(self, listener: Any) -> None:
        try:
            sock, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        limit = struct.pack("ll", SEND_TIMEOUT_S, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self.nr_conns += 1
        conn = Connection(self.cfg, sock, address, listener.getsockname())
        self._await_request(conn)

    def _await_request(self, conn: Connection) -> None:
        self.arriving[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn))

    def on_client_socket_readable(self, conn: Connection, client: Any) -> None:
        """A connection that was kept has something to read: its next request begins."""
        self.keepalived_conns.remove(conn)
        conn.began_s = time.monotonic()
        self.arriving[conn] = None
        self._read(conn, client)
        if conn in self.arriving:  # there is more of it to come
            self.poller.modify(client, selectors.EVENT_READ, partial(self._read, conn))

    def _read(self, conn: Connection, _: Any) -> None:
        try:
            data = conn.sock.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close(conn)
        elif not conn.is_closing:
            conn.intake.buffer += data
            self._proceed(conn)

    def _proceed(self, conn: Connection) -> None:
        """Hands the request of an arriving connection to a thread, if it is complete."""
        try:
            request = conn.intake.take_request()
        except Problem as problem:
            self._refuse(conn, problem)
            return
        if request is not None:
            self._leave(conn)
            conn.parser.unreader.unread(request)
            self.enqueue_req(conn)
        elif conn.intake.owes_continue:
            conn.intake.owes_continue = False
            _send(conn, b"HTTP/1.1 100 Continue\r\n\r\n")

    def finish_request(self, conn: Connection, fs: Any) -> None:
        has_result = not fs.cancelled() and fs.exception() is None
        is_kept = has_result and fs.result() and not conn.intake.is_last
        conn.sock.setblocking(False)
        conn.began_s = time.monotonic()
        if not is_kept:
            self._linger(conn)
        elif conn.intake.buffer:
            self._await_request(conn)
            self._proceed(conn)
        else:
            conn.set_timeout()
            if not self.alive:
                conn.timeout = min(conn.timeout, time.monotonic() + 2)
            self.keepalived_conns.append(conn)
            self.poller.register(
                conn.sock,
                selectors.EVENT_READ,
                partial(self.on_client_socket_readable, conn),
            )

    def murder_pending(self) -> None:
        """Cuts those whose request does not arrive in time. Called at least once a second."""
        now_s = time.monotonic()
        if now_s - self.looked_s < 0.5:
            return
        self.looked_s = now_s
        for conn in list(self.arriving):
            age_s = now_s - conn.began_s
            if conn.is_closing:
                if age_s > LINGER_S:
                    self._close(conn)
            elif age_s > (
                HEAD_TIMEOUT_S if conn.intake.is_in_head else REQUEST_TIMEOUT_S
            ):
                detail = "The request did not arrive in time."
                self._refuse(conn, Problem(408, "request-timeout", detail))
            elif not self.alive and conn.intake.is_in_head and not conn.intake.buffer:
                self._close(conn)

    def _refuse(self, conn: Connection, problem: Problem) -> None:
        """Answers a request that no thread sees, and after which no other is looked for."""
        _send(conn, _raw(problem.response()))
        self._leave(conn)
        conn.began_s = time.monotonic()
        self._linger(conn)

    def _linger(self, conn: Connection) -> None:
        """Closing at once would take the answer from one who still sends. gunicorn reads on
        too, but the loop of all connections waits meanwhile, for up to two seconds."""
        conn.is_closing = True
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            self._await_request(conn)
        except OSError:
            self.nr_conns -= 1
            conn.close()

    def _leave(self, conn: Connection) -> None:
        del self.arriving[conn]
        self.poller.unregister(conn.sock)

    def _close(self, conn: Connection) -> None:
        self._leave(conn)
        self.nr_conns -= 1
        conn.close()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        if isinstance(exc, ParseException):
            response = bad_request(req, exc)
        else:
            self.log.exception("Error handling request")
            response = internal_error(req)
        try:
            util.write_nonblock(client, _raw(response))
        except OSError:
            self.log.debug("Failed to send error message.")


def _raw(response: Any) -> bytes:
    head = (
        f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(response.content)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + response.content


def _send(conn: Connection, data: bytes) -> None:
    """A few hundred bytes, which the empty buffer of the socket takes at once."""
    try:
        conn.sock.send(data)
    except OSError:
        pass  # the client has gone: reading will show it too

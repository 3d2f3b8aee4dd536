from typing import Any

from gunicorn import util
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

from commerce.problems import bad_request, internal_error


class ProblemWorker(ThreadWorker):
    """gunicorn's own, but what is not HTTP gets a problem in place of its page of HTML."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        if isinstance(exc, ParseException):
            response = bad_request(req, exc)
        else:
            self.log.exception("Error handling request")
            response = internal_error(req)
        head = (
            f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\n"
            "Content-Type: application/problem+json\r\n"
            f"Content-Length: {len(response.content)}\r\nConnection: close\r\n\r\n"
        )
        try:
            util.write_nonblock(client, head.encode() + response.content)
        except OSError:
            self.log.debug("Failed to send error message.")

"""REQUEST_LOG=on: a line of JSON for each request, to a file and to the console."""

import json
import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

# Bodies of these alone: a sign-in has a password, and its answer a token. Of the head nothing is
# written but method and path.
_BODIES_OF = ("/orders", "/products")
# The file is in memory, and each process has its own: two writers cannot both begin a new one.
_BYTES_MOST = 4_000_000


def add_request_log(app: FastAPI) -> None:
    file = Path(tempfile.gettempdir()) / f"requests-{os.getpid()}.log"
    log = logging.getLogger("commerce.requests")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(logging.StreamHandler(sys.stdout))
    log.addHandler(RotatingFileHandler(file, maxBytes=_BYTES_MOST, backupCount=1))

    @app.middleware("http")
    async def logged(
        request: Request, call_next: Callable[[Request], Awaitable[StreamingResponse]]
    ) -> Response:
        path = request.url.path
        has_bodies = path.startswith(_BODIES_OF)
        body = await request.body() if has_bodies else None
        response = await call_next(request)
        # It comes in pieces, which can be read once.
        content = b"".join([piece async for piece in response.body_iterator])
        line = {
            "time": datetime.now(UTC).isoformat(),
            "method": request.method,
            "path": path,
            "body": _text(body),
            "status": response.status_code,
            "answer": _text(content if has_bodies else None),
        }
        log.info(json.dumps(line))
        whole = Response(content, response.status_code)
        whole.raw_headers = response.raw_headers
        return whole


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8", "replace")

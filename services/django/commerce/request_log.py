"""REQUEST_LOG=on: a line of JSON for each request, to a file and to the console."""

import json
import logging
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

NAME = "commerce.requests"
# Bodies of these alone: a sign-in has a password, and its answer a token. Of the head nothing is
# written but method and path.
_BODIES_OF = ("/orders", "/products")
# The file is in memory, and each process has its own: two writers cannot both begin a new one.
_BYTES_MOST = 4_000_000


def handlers() -> dict[str, dict[str, Any]]:
    """Of Django's LOGGING."""
    file = Path(tempfile.gettempdir()) / f"requests-{os.getpid()}.log"
    return {
        "console": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"},
        "file": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": file,
            "maxBytes": _BYTES_MOST,
            "backupCount": 1,
            "delay": True,
        },
    }


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    log = logging.getLogger(NAME)

    def logged(request: HttpRequest) -> HttpResponse:
        has_bodies = request.path.startswith(_BODIES_OF)
        # Before a view reads it: Django keeps it then.
        body = _body_of(request) if has_bodies else None
        response = get_response(request)
        line = {
            "time": datetime.now(UTC).isoformat(),
            "method": request.method,
            "path": request.path,
            "body": body,
            "status": response.status_code,
            "answer": _text(response.content) if has_bodies else None,
        }
        log.info(json.dumps(line))
        return response

    return logged


def _body_of(request: HttpRequest) -> str | None:
    try:
        return _text(request.body)
    except RequestDataTooBig:
        return None


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")

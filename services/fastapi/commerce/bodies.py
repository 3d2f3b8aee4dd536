"""Which bodies are read at all: FastAPI bounds no size, and takes JSON of any type."""

import re
from functools import partial

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commerce.problems import Problem

BODY_MAX_BYTES = 16_384
_too_large = partial(
    Problem, 413, "body-too-large", f"The body must not exceed {BODY_MAX_BYTES} bytes."
)


class BodyLimit:
    """ASGI middleware: reads no more of a body than is allowed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        read = 0

        async def receive_bounded() -> Message:
            nonlocal read
            if read == 0 and _announced(scope) > BODY_MAX_BYTES:
                raise _too_large()
            message = await receive()
            read += len(message.get("body", b""))
            if read > BODY_MAX_BYTES:
                raise _too_large()
            return message

        await self.app(scope, receive_bounded, send)


def _announced(scope: Scope) -> int:
    return next(
        (int(value) for name, value in scope["headers"] if name == b"content-length"), 0
    )


async def require_json(request: Request) -> None:
    content_type = request.headers.get("content-type", "")
    if not re.match(r"application/json *(;|$)", content_type, re.IGNORECASE):
        raise Problem(
            415, "unsupported-media-type", "The body must be application/json."
        )

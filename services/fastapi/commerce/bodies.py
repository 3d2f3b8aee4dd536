"""Which bodies are read at all: FastAPI bounds no size, and takes JSON of any kind."""

import json
import re
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Never

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commerce.problems import Problem, invalid_field, malformed_json

BODY_MAX_BYTES = 16_384
LEVELS_MAX = 100
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


class JsonRoute(APIRoute):
    """Looks at the headers of a request before its body is read, and reads JSON strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            request = JsonRequest(request.scope, request.receive)
            _check_key(request)
            _check_type(request)
            return await handle(request)

        return handle_json


def _check_key(request: Request) -> None:
    # Of a header given twice the values are joined, so that none is overlooked.
    keys = request.headers.getlist("idempotency-key")
    if keys and not re.fullmatch(r"[\x21-\x7e]{1,255}", ", ".join(keys)):
        reason = "must be 1 to 255 visible ASCII characters"
        raise invalid_field(
            {"in": "header", "name": "Idempotency-Key", "reason": reason}
        )


def _check_type(request: Request) -> None:
    content_type = ", ".join(request.headers.getlist("content-type"))
    if not re.match(r"application/json *(;|$)", content_type, re.IGNORECASE):
        detail = "The body must be application/json."
        raise Problem(415, "unsupported-media-type", detail)


class JsonRequest(Request):
    async def json(self) -> Any:
        try:
            text = (await self.body()).decode()  # UTF-8, strictly
            if not _is_too_deep(text):
                return _decoder.decode(text)
        except ValueError:
            pass
        raise malformed_json()


def _refuse(constant: str) -> Never:
    raise ValueError(constant)


# Numbers are read as doubles, as most parsers of JSON do; NaN and Infinity are none.
_decoder = json.JSONDecoder(parse_int=float, parse_constant=_refuse)


def _is_too_deep(text: str) -> bool:
    """Parsers end on their stack, each at another depth: the contract names one."""
    if len(text) <= 2 * LEVELS_MAX:  # each level is opened and closed
        return False
    levels = 0
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"|[^\[\]{}"]', "", text, flags=re.DOTALL):
        levels += 1 if bracket in "[{" else -1
        if levels > LEVELS_MAX:
            return True
    return False

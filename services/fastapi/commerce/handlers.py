"""What the frameworks raise, as the problems of the contract."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from commerce.problems import (
    Problem,
    database_busy,
    database_timeout,
    database_unreachable,
    internal_error,
    malformed_json,
    not_found,
    respond,
)

_QUERY_CANCELED = "57014"
# SQLSTATEs that speak of the server, not of the statement (PostgreSQL, appendix A).
_SERVER_STATES = (
    "08",  # connection lost
    "25P03",  # idle in transaction for too long: the server closed the session
    "25006",  # read-only: a failover under way
    "3D000",  # no such database: it is being recreated
    "3F000",  # no such schema: likewise
    "42P01",  # no such table: likewise
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53",  # out of disk, memory or connections
    "57P",  # shutting down, starting up, terminated by an administrator
    "58",  # its disk or system failed
)


async def http_error(_: Request, error: HTTPException) -> JSONResponse:
    if isinstance(error, Problem):
        return respond(error)
    if error.status_code == 405:
        # Starlette lists a set, in any order.
        listed = (error.headers or {}).get("Allow", "")
        allowed = ", ".join(sorted(listed.split(", ")))
        detail = f"Allowed here: {allowed}."
        return respond(
            Problem(405, "method-not-allowed", detail, headers={"Allow": allowed})
        )
    if error.status_code == 404:
        return respond(not_found())
    return respond(malformed_json())  # FastAPI's own, when a body could not be parsed


async def refused(_: Request, error: RequestValidationError) -> JSONResponse:
    """A field of the wrong kind (400) is reported before one out of range (422)."""
    errors = error.errors()
    if any(
        each["type"] == "json_invalid" or each["loc"] == ("body",) for each in errors
    ):
        return respond(malformed_json())
    wrong_kind = [each for each in errors if not _is_out_of_range(each)]
    status, code = (400, "invalid-field") if wrong_kind else (422, "out-of-range")
    fields = [
        {
            "in": each["loc"][0],
            "name": ".".join(str(part) for part in each["loc"][1:]),
            "reason": each["msg"],
        }
        for each in wrong_kind or errors
    ]
    names = ", ".join(field["name"] for field in fields)
    return respond(Problem(status, code, f"Not accepted: {names}.", errors=fields))


def _is_out_of_range(error: Any) -> bool:
    # An id has no range: what cannot be one is of the wrong kind.
    return error["type"] in _OF_RANGE and error["loc"][-1] not in ("id", "productId")


_OF_RANGE = ("greater_than_equal", "less_than_equal", "too_long", "too_short", "twice")


async def database_error(_: Request, error: DBAPIError) -> JSONResponse:
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    if sqlstate == _QUERY_CANCELED:
        return respond(database_timeout())
    if error.connection_invalidated or sqlstate.startswith(_SERVER_STATES):
        return respond(database_unreachable())
    raise error


async def pool_timeout(_: Request, __: PoolTimeoutError) -> JSONResponse:
    return respond(database_busy())


async def socket_error(_: Request, error: OSError) -> JSONResponse:
    # asyncpg's own time-out is one of these; SQLAlchemy wraps neither.
    timed_out = isinstance(error, TimeoutError)
    return respond(database_timeout() if timed_out else database_unreachable())


async def defect(_: Request, __: Exception) -> JSONResponse:
    return respond(
        internal_error()
    )  # Starlette raises it again, so that the server logs it


def add_handlers(app: FastAPI) -> None:
    app.exception_handler(HTTPException)(http_error)
    app.exception_handler(RequestValidationError)(refused)
    app.exception_handler(DBAPIError)(database_error)
    app.exception_handler(PoolTimeoutError)(pool_timeout)
    app.exception_handler(OSError)(socket_error)
    app.exception_handler(Exception)(defect)

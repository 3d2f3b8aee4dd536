"""Every way in which a request can fail, as a problem document (RFC 9457)."""

from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException
from fastapi.responses import JSONResponse

_TITLES = {422: "Unprocessable Content"}
"""Where RFC 9110 has changed what Python 3.12 still calls otherwise."""


class Problem(HTTPException):
    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.errors = errors


# Made again each time: an exception that is raised again keeps its last traceback.
_unavailable = partial(Problem, 503, headers={"Retry-After": "1"})
database_unreachable = partial(
    _unavailable, "database-unreachable", "The database cannot be reached."
)
database_busy = partial(
    _unavailable, "database-busy", "No database connection came free in time."
)
database_timeout = partial(
    Problem, 504, "database-timeout", "The database did not answer in time."
)
internal_error = partial(
    Problem, 500, "internal-error", "The service failed. Its log says how."
)
malformed_json = partial(
    Problem, 400, "malformed-json", "The body must be a JSON object."
)
not_found = partial(Problem, 404, "not-found", "There is nothing at this path.")


def unauthorized(detail: str = "A bearer token of this service is needed.") -> Problem:
    headers = {"WWW-Authenticate": "Bearer"}
    return Problem(401, "unauthorized", detail, headers=headers)


def number_taken(number: str) -> Problem:
    return Problem(409, "number-taken", f"There is an order {number} already.")


def respond(problem: Problem) -> JSONResponse:
    status = problem.status_code
    content = {
        "type": "about:blank",
        "title": _TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "code": problem.code,
        "detail": problem.detail,
    }
    if problem.errors:
        content["errors"] = problem.errors
    return JSONResponse(content, status, problem.headers, "application/problem+json")

from collections.abc import Callable

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse

from commerce.databases import sqlstate_of
from commerce.pool import PoolTimeoutError
from commerce.problems import Problem

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
_RETRY = {"Retry-After": "1"}


class ProblemMiddleware:
    """Answers what Django and the database raise with the problems of the contract."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405:
            return response
        allowed = response.headers["Allow"]
        detail = f"Allowed here: {allowed}."
        headers = {"Allow": allowed}
        return Problem(405, "method-not-allowed", detail, headers=headers).response()

    def process_exception(
        self, _: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        problem = _problem_of(exception)
        return problem.response() if problem else None


def _problem_of(exception: Exception) -> Problem | None:
    match exception:
        case Problem():
            return exception
        case PoolTimeoutError():
            return _busy()
        case DatabaseError() if isinstance(exception.__cause__, PoolTimeoutError):
            return _busy()
        case DatabaseError():
            return _problem_of_database(exception)
    return None


def _busy() -> Problem:
    detail = "No database connection came free in time."
    return Problem(503, "database-busy", detail, headers=_RETRY)


def _problem_of_database(error: DatabaseError) -> Problem | None:
    """The fault behind it; none if the statement was wrong, which is our own defect."""
    sqlstate = sqlstate_of(error)
    if sqlstate == _QUERY_CANCELED:
        return Problem(504, "database-timeout", "The database did not answer in time.")
    # Without a state there was no answer: no connection, or it was lost.
    if sqlstate is None or sqlstate.startswith(_SERVER_STATES):
        detail = "The database cannot be reached."
        return Problem(503, "database-unreachable", detail, headers=_RETRY)
    return None

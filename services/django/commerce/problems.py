"""Every way in which a request can fail, as a problem document (RFC 9457)."""

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse

# Where RFC 9110 has changed what Python 3.12 still calls otherwise.
_TITLES = {422: "Unprocessable Content"}


class Problem(Exception):
    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers
        self.document: dict[str, object] = {
            "type": "about:blank",
            "title": _TITLES.get(status) or HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": detail,
        }
        if errors:
            self.document["errors"] = errors

    def response(self) -> JsonResponse:
        return JsonResponse(
            self.document,
            status=self.status,
            headers=self.headers,
            content_type="application/problem+json",
        )


def refused(status: int, code: str, errors: list[dict[str, str]]) -> Problem:
    names = ", ".join(error["name"] for error in errors)
    return Problem(status, code, f"Not accepted: {names}.", errors=errors)


def invalid_field(errors: list[dict[str, str]]) -> Problem:
    return refused(400, "invalid-field", errors)


def out_of_range(errors: list[dict[str, str]]) -> Problem:
    return refused(422, "out-of-range", errors)


def malformed_json() -> Problem:
    return Problem(400, "malformed-json", "The body must be a JSON object.")


def unsupported_media_type() -> Problem:
    detail = "The body must be application/json."
    return Problem(415, "unsupported-media-type", detail)


def unauthorized(detail: str = "A bearer token of this service is needed.") -> Problem:
    headers = {"WWW-Authenticate": "Bearer"}
    return Problem(401, "unauthorized", detail, headers=headers)


def number_taken(number: str) -> Problem:
    return Problem(409, "number-taken", f"There is an order {number} already.")


def bad_request(_: HttpRequest | None, exception: Exception) -> JsonResponse:
    return Problem(400, "bad-request", "The request is not valid HTTP.").response()


def not_found(_: HttpRequest, exception: Exception) -> JsonResponse:
    return Problem(404, "not-found", "There is nothing at this path.").response()


def internal_error(_: HttpRequest | None) -> JsonResponse:
    detail = "The service failed. Its log says how."
    return Problem(500, "internal-error", detail).response()

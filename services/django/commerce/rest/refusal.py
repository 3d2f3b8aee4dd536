"""What the framework raises, as the problems of the contract."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import (
    ErrorDetail,
    MethodNotAllowed,
    ParseError,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.settings import api_settings

from commerce.problems import (
    Problem,
    invalid_field,
    malformed_json,
    out_of_range,
    unsupported_media_type,
)

OUT_OF_RANGE = "out_of_range"
"""The code of an error that is 422; all others are of a field of the wrong kind, 400."""


def problem_of(exception: Exception, _: dict[str, Any]) -> HttpResponse | None:
    """The framework's EXCEPTION_HANDLER; the rest is for the middleware."""
    match exception:
        case ValidationError():
            return _refused(exception).response()
        case ParseError() | RecursionError():
            return malformed_json().response()
        case UnsupportedMediaType():
            return unsupported_media_type().response()
        case MethodNotAllowed():
            return Response(status=405)  # with the methods that the view has
    return None


def _refused(exception: ValidationError) -> Problem:
    """A field of the wrong kind is reported before one out of range."""
    found = list(_errors_in(exception.detail))
    wrong_kind = [each for each in found if each[1].code != OUT_OF_RANGE]
    fields = [
        {"in": "body", "name": name, "reason": str(error)}
        for name, error in wrong_kind or found
    ]
    return invalid_field(fields) if wrong_kind else out_of_range(fields)


def _errors_in(
    detail: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ErrorDetail]]:
    """Each with the path of its field, such as `items.0.quantity`."""
    if isinstance(detail, ErrorDetail):
        yield ".".join(path), detail
        return
    is_object = isinstance(detail, dict)
    for key, inner in detail.items() if is_object else enumerate(detail):
        is_named = key != api_settings.NON_FIELD_ERRORS_KEY
        is_step = is_named and not isinstance(inner, ErrorDetail)
        yield from _errors_in(inner, (*path, str(key)) if is_step else path)

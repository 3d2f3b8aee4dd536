"""What a request asks for, or the problem why it is refused."""

import json
import re
from dataclasses import dataclass

from django.http import HttpRequest

from commerce.problems import Problem, invalid_field, out_of_range

# The largest integer that every JSON parser holds exactly.
ID_MAX = 2**53 - 1
_ID_RULE = "must be a positive integer of at most 53 bits"


def path_id(text: str) -> int:
    try:
        id = int(text)
    except ValueError:
        id = 0
    if 0 < id <= ID_MAX:
        return id
    raise invalid_field({"in": "path", "name": "id", "reason": _ID_RULE})


def query_integer(
    request: HttpRequest, name: str, absent: int, least: int, most: int
) -> int:
    try:
        value = int(request.GET.get(name, absent))
    except ValueError:
        reason = "must be an integer"
        raise invalid_field({"in": "query", "name": name, "reason": reason}) from None
    if least <= value <= most:
        return value
    reason = f"must be from {least} to {most}"
    raise out_of_range({"in": "query", "name": name, "reason": reason})


@dataclass(frozen=True)
class NewOrder:
    product_id: int
    quantity: int
    key: str | None


def new_order(request: HttpRequest) -> NewOrder:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        reason = "must be 1 to 255 visible ASCII characters"
        raise invalid_field(
            {"in": "header", "name": "Idempotency-Key", "reason": reason}
        )
    body = _json_object(request)
    product_id = _integer(body, "productId")
    quantity = _integer(body, "quantity")
    wrong = [
        {"in": "body", "name": name, "reason": reason}
        for name, valid, reason in (
            ("productId", product_id and 0 < product_id <= ID_MAX, _ID_RULE),
            ("quantity", quantity is not None, "must be an integer"),
        )
        if not valid
    ]
    if wrong or product_id is None or quantity is None:
        raise invalid_field(*wrong)
    if not 1 <= quantity <= 1000:
        reason = "must be from 1 to 1000"
        raise out_of_range({"in": "body", "name": "quantity", "reason": reason})
    return NewOrder(product_id, quantity, key)


def _json_object(request: HttpRequest) -> dict[str, object]:
    if request.content_type != "application/json":
        detail = "The body must be application/json."
        raise Problem(415, "unsupported-media-type", detail)
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Problem(400, "malformed-json", "The body must be a JSON object.")
    return body


def _integer(body: dict[str, object], name: str) -> int | None:
    value = body.get(name)
    return value if type(value) is int else None

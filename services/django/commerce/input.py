"""What a request asks for, or the problem why it is refused."""

import json
import re
from dataclasses import dataclass
from typing import Never

from django.http import HttpRequest

from commerce.problems import Problem, invalid_field, out_of_range

# The largest integer that every JSON parser holds exactly.
ID_MAX = 2**53 - 1
_ID_RULE = "must be a positive integer of at most 53 bits"


def path_id(text: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,15}", text) and int(text) <= ID_MAX:
        return int(text)
    raise invalid_field({"in": "path", "name": "id", "reason": _ID_RULE})


def query_integer(
    request: HttpRequest, name: str, absent: int, least: int, most: int
) -> int:
    # Of a parameter given twice the first counts; Django's `get` would give the last.
    given = request.GET.getlist(name)
    if not given:
        return absent
    match = re.fullmatch(r"(-?)0*([0-9]+)", given[0])
    if not match:
        reason = "must be an integer"
        raise invalid_field({"in": "query", "name": name, "reason": reason})
    # Of hundreds of digits some are enough to be out of range.
    value = int(match[1] + match[2][:18])
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
    content_type = request.headers.get("Content-Type", "")
    if not re.match(r"application/json *(;|$)", content_type, re.IGNORECASE):
        detail = "The body must be application/json."
        raise Problem(415, "unsupported-media-type", detail)
    body = None
    try:
        text = request.body.decode()  # UTF-8, strictly
        if not _is_too_deep(text):
            body = _decoder.decode(text)
    except ValueError:
        pass
    if not isinstance(body, dict):
        raise Problem(400, "malformed-json", "The body must be a JSON object.")
    return body


def _refuse(constant: str) -> Never:
    raise ValueError(constant)


# Numbers are read as doubles, as most parsers of JSON do; NaN and Infinity are none.
_decoder = json.JSONDecoder(parse_int=float, parse_constant=_refuse)

LEVELS_MAX = 100


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


def _integer(body: dict[str, object], name: str) -> int | None:
    """JSON has one kind of number: 1.0 is an integer."""
    value = body.get(name)
    return int(value) if isinstance(value, float) and value.is_integer() else None

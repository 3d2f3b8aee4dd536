"""What a request asks for, or the problem why it is refused."""

import json
import re
from dataclasses import dataclass

from django.http import HttpRequest

from commerce.problems import (
    invalid_field,
    malformed_json,
    out_of_range,
    unsupported_media_type,
)

# The largest integer that every JSON parser holds exactly.
ID_MAX = 2**53 - 1
_ID_RULE = "must be a positive integer of at most 53 bits"
NUMBER = r"[A-Za-z0-9-]{1,64}"
EMAIL = r"[!-~]{1,255}"


def path_id(text: str) -> int:
    try:
        id = int(text)
    except ValueError:
        id = 0
    if 0 < id <= ID_MAX:
        return id
    raise invalid_field([{"in": "path", "name": "id", "reason": _ID_RULE}])


@dataclass(frozen=True)
class OrderedItem:
    id: int
    quantity: int


@dataclass(frozen=True)
class NewOrder:
    number: str
    product_id: int
    items: list[OrderedItem]


def new_order(request: HttpRequest) -> NewOrder:
    body = _json_object(request)
    faults = _Faults()
    number, product_id, items = (body.get(n) for n in ("number", "productId", "items"))
    if not (isinstance(number, str) and re.fullmatch(NUMBER, number)):
        faults.add("number", "must be 1 to 64 letters, digits and hyphens")
    if not _is_id(product_id):
        faults.add("productId", _ID_RULE)
    if not isinstance(items, list):
        faults.add("items", "must be a list")
        items = []
    read = []
    for at, entry in enumerate(items):
        item = entry if isinstance(entry, dict) else {}
        if not _is_id(item.get("id")):
            faults.add(f"items.{at}.id", _ID_RULE)
        elif type(item.get("quantity")) is not int:
            faults.add(f"items.{at}.quantity", "must be an integer")
        else:
            read.append(OrderedItem(item["id"], item["quantity"]))
    if faults.found:
        raise invalid_field(faults.found)
    if not 1 <= len(read) <= 10:
        faults.add("items", "must have 1 to 10 entries")
    for at, item in enumerate(read):
        if not 1 <= item.quantity <= 100:
            faults.add(f"items.{at}.quantity", "must be from 1 to 100")
    if len({item.id for item in read}) < len(read):
        faults.add("items", "has an item twice")
    if faults.found:
        raise out_of_range(faults.found)
    return NewOrder(str(number), int(product_id), read)


def credentials(request: HttpRequest) -> tuple[str, str]:
    """An email and a password."""
    body = _json_object(request)
    email, password = body.get("email"), body.get("password")
    faults = _Faults()
    if not (isinstance(email, str) and re.fullmatch(EMAIL, email)):
        faults.add("email", "must have 1 to 255 characters of visible ASCII")
    if not (isinstance(password, str) and 1 <= len(password) <= 255):
        faults.add("password", "must have 1 to 255 characters")
    if faults.found:
        raise invalid_field(faults.found)
    return str(email), str(password)


class _Faults:
    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, name: str, reason: str) -> None:
        self.found.append({"in": "body", "name": name, "reason": reason})


def _json_object(request: HttpRequest) -> dict[str, object]:
    if request.content_type != "application/json":
        raise unsupported_media_type()
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise malformed_json()
    return body


def _is_id(value: object) -> bool:
    return type(value) is int and 0 < value <= ID_MAX

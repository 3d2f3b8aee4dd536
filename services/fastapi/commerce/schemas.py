"""What travels over HTTP."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

ID_MAX = 2**53 - 1
"""The largest integer that every JSON parser holds exactly."""


def _id_text(value: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,15}", value):
        raise ValueError("must be a positive integer of at most 53 bits")
    return value


def _first_integer_text(values: Any) -> Any:
    """The first of a parameter given twice. Pydantic would also take ` 1` and `1_0`."""
    first = values[0]
    if not isinstance(first, str):
        return values[:1]
    match = re.fullmatch(r"(-?)0*([0-9]+)", first)
    if not match:
        raise ValueError("must be an integer")
    # Of hundreds of digits some are enough to be out of range.
    return (match[1] + match[2][:18],)


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 1.0 is an integer, by JSON Schema too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


PathId = Annotated[int, BeforeValidator(_id_text), Field(le=ID_MAX)]
FirstInteger = BeforeValidator(_first_integer_text)
JsonInteger = Annotated[int, BeforeValidator(_whole), Field(strict=True)]


class Schema(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True
    )


class Money(Schema):
    amount_minor: int
    currency: str


class Product(Schema):
    id: int
    name: str
    description: str
    price: Money
    stock: int
    sold: int


class ProductPage(Schema):
    items: list[Product]
    limit: int
    offset: int
    next_offset: int | None


class NewOrder(Schema):
    # By the names of the contract alone.
    model_config = ConfigDict(populate_by_name=False)

    product_id: Annotated[JsonInteger, Field(ge=1, le=ID_MAX)]
    quantity: Annotated[JsonInteger, Field(ge=1, le=1000)]


class Order(Schema):
    id: int
    product_id: int
    quantity: int
    unit_price: Money
    total: Money
    created_at: datetime

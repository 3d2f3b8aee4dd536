"""What travels over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

ID_MAX = 2**53 - 1
"""The largest integer that every JSON parser holds exactly."""


PathId = Annotated[int, Path(ge=1, le=ID_MAX)]


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

    product_id: Annotated[int, Field(strict=True, ge=1, le=ID_MAX)]
    quantity: Annotated[int, Field(strict=True, ge=1, le=1000)]


class Order(Schema):
    id: int
    product_id: int
    quantity: int
    unit_price: Money
    total: Money
    created_at: datetime

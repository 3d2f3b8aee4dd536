"""What travels over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

ID_MAX = 2**53 - 1
"""The largest integer that every JSON parser holds exactly."""

NUMBER = r"^[A-Za-z0-9-]{1,64}$"
EMAIL = r"^[!-~]{1,255}$"

PathId = Annotated[int, Path(ge=1, le=ID_MAX)]
BodyId = Annotated[int, Field(strict=True, ge=1, le=ID_MAX)]


class Schema(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Money(Schema):
    amount_minor: int
    currency: str


class ShownProduct(Schema):
    id: int
    name: str
    lowest_price: Money | None
    on_sale: bool


class Products(Schema):
    products: list[ShownProduct]


class Item(Schema):
    id: int
    name: str
    cost: Money
    price: Money
    discount_percent: int
    on_sale: bool
    stock: int
    sold: int


class Product(Schema):
    id: int
    name: str
    description: str
    items: list[Item]


class Body(Schema):
    # By the names of the contract alone.
    model_config = ConfigDict(populate_by_name=False)


class OrderedItem(Body):
    id: BodyId
    quantity: Annotated[int, Field(strict=True, ge=1, le=100)]


def _once_each(items: list[OrderedItem]) -> list[OrderedItem]:
    if len({item.id for item in items}) == len(items):
        return items
    raise PydanticCustomError("twice", "An item is in the order twice.")


class NewOrder(Body):
    number: Annotated[str, Field(strict=True, pattern=NUMBER)]
    product_id: BodyId
    items: Annotated[
        list[OrderedItem],
        Field(min_length=1, max_length=10),
        AfterValidator(_once_each),
    ]


class Piece(Schema):
    id: int
    item_id: int
    name: str
    price: Money


class Order(Schema):
    number: str
    status: Literal["pending", "completed", "confirmed", "cancelled"]
    product_id: int
    pieces: list[Piece]
    total: Money
    created_at: datetime


class Credentials(Body):
    email: Annotated[str, Field(strict=True, pattern=EMAIL)]
    password: Annotated[str, Field(strict=True, min_length=1, max_length=255)]


class Token(Schema):
    token: str

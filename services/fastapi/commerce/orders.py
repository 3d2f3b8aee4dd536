from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response

from commerce import schemas
from commerce.database import DatabaseSession
from commerce.models import Order
from commerce.placing import place, place_once
from commerce.problems import Problem
from commerce.schemas import PathId

router = APIRouter(prefix="/orders")

IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{1,255}$")
]


async def is_json(content_type: Annotated[str, Header()] = "") -> None:
    """FastAPI also takes a body without a type, and `application/…+json`."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        detail = "The body must be application/json."
        raise Problem(415, "unsupported-media-type", detail)


@router.post(
    "",
    status_code=201,
    response_model=schemas.Order,
    dependencies=[Depends(is_json)],
)
async def place_order(
    session: DatabaseSession,
    new_order: schemas.NewOrder,
    response: Response,
    key: IdempotencyKey = None,
) -> Any:
    async with session.begin():
        if key is None:
            order = await place(session, new_order)
        else:
            order = await place_once(session, new_order, key)
    response.headers["Location"] = f"/orders/{order.id}"
    return order


@router.api_route("/{id}", methods=["GET", "HEAD"], response_model=schemas.Order)
async def view_order(session: DatabaseSession, id: PathId) -> Any:
    order = await session.get(Order, id)
    if order is None:
        raise Problem(404, "unknown-order", f"No order {id}.")
    return order

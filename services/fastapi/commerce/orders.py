from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from commerce import schemas
from commerce.bodies import JsonRoute
from commerce.database import DatabaseSession
from commerce.models import Order
from commerce.placing import place, place_once
from commerce.problems import Problem
from commerce.schemas import PathId

router = APIRouter(prefix="/orders")
placing = APIRouter(prefix="/orders", route_class=JsonRoute)

# Looked at by JsonRoute, before the body is.
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]


@placing.post("", status_code=201, response_model=schemas.Order)
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

import re
from typing import Any

from fastapi import APIRouter, Depends, Response
from sqlalchemy import select

from commerce import schemas
from commerce.database import DatabaseSession
from commerce.input import is_json
from commerce.models import Order, OrderItem, Product, ProductItem, User
from commerce.placing import Pieces, place
from commerce.problems import Problem
from commerce.tokens import SignedIn

router = APIRouter(prefix="/orders")


@router.post(
    "",
    status_code=201,
    response_model=schemas.Order,
    dependencies=[Depends(is_json)],
)
async def place_order(
    user_id: SignedIn,
    session: DatabaseSession,
    new_order: schemas.NewOrder,
    response: Response,
) -> Any:
    placed = await place(session, user_id, new_order)
    response.headers["Location"] = f"/orders/{new_order.number}"
    return _shown(*placed)


@router.api_route("/{number}", methods=["GET", "HEAD"], response_model=schemas.Order)
async def view_order(user_id: SignedIn, session: DatabaseSession, number: str) -> Any:
    found = None
    if re.fullmatch(schemas.NUMBER, number):
        own = (
            select(Order, Product.currency)
            .join(Product, Product.id == Order.product_id)
            .join(User, User.id == Order.user_id)
            .where(Order.number == number, User.id == user_id)
        )
        found = (await session.execute(own)).one_or_none()
    if found is None:
        raise Problem(404, "unknown-order", "You have no such order.")
    order, currency = found
    pieces = await session.execute(
        select(OrderItem, ProductItem.name)
        .join(ProductItem, ProductItem.id == OrderItem.product_item_id)
        .where(OrderItem.order_id == order.id)
        .order_by(OrderItem.id)
    )
    return _shown(order, [(piece, name) for piece, name in pieces], currency)


def _shown(order: Order, pieces: Pieces, currency: str) -> dict[str, Any]:
    def money(amount_minor: int) -> dict[str, Any]:
        return {"amount_minor": amount_minor, "currency": currency}

    return {
        "number": order.number,
        "status": order.status,
        "product_id": order.product_id,
        "pieces": [
            {
                "id": piece.id,
                "item_id": piece.product_item_id,
                "name": name,
                "price": money(piece.price_minor),
            }
            for piece, name in pieces
        ],
        "total": money(sum(piece.price_minor for piece, _ in pieces)),
        "created_at": order.created_at,
    }

"""Placing an order, within a transaction of the caller's."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from commerce.models import Order, Product
from commerce.problems import Problem
from commerce.schemas import NewOrder


async def place(session: AsyncSession, new: NewOrder, key: str | None = None) -> Order:
    """Counts the pieces as sold only while stock lasts, so that none is sold twice."""
    reserve = (
        update(Product)
        .where(
            Product.id == new.product_id, Product.stock - Product.sold >= new.quantity
        )
        .values(sold=Product.sold + new.quantity)
        .returning(Product.price_minor, Product.currency)
        .execution_options(synchronize_session=False)
    )
    price = (await session.execute(reserve)).one_or_none()
    if price is None:
        raise await _refusal(session, new)
    order = Order(
        product_id=new.product_id,
        quantity=new.quantity,
        unit_price_minor=price.price_minor,
        currency=price.currency,
        idempotency_key=key,
    )
    session.add(order)
    await session.flush()
    return order


async def _refusal(session: AsyncSession, new: NewOrder) -> Problem:
    if await session.get(Product, new.product_id):
        return Problem(409, "sold-out", f"Fewer than {new.quantity} left.")
    return Problem(404, "unknown-product", f"No product {new.product_id}.")


async def place_once(session: AsyncSession, new: NewOrder, key: str) -> Order:
    """Places an order unless one was placed under the same key, which is given instead.

    When two come together, both may find none. Then the unique index lets one
    commit; the other fails on it, or finds the stock taken by its twin: it looks again.
    """
    earlier = await _placed_under(session, new, key)
    if earlier:
        return earlier
    try:
        async with session.begin_nested():
            return await place(session, new, key)
    except (IntegrityError, Problem):
        twin = await _placed_under(session, new, key)
        if twin:
            return twin
        raise


async def _placed_under(session: AsyncSession, new: NewOrder, key: str) -> Order | None:
    order = await session.scalar(select(Order).where(Order.idempotency_key == key))
    if order and (order.product_id, order.quantity) != (new.product_id, new.quantity):
        detail = "This Idempotency-Key was used for another order."
        raise Problem(422, "idempotency-key-reused", detail)
    return order

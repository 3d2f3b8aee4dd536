from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from commerce.catalog import active_items, shown_product
from commerce.models import Order, OrderItem, Product, ProductItem, User
from commerce.problems import Problem, number_taken, unauthorized
from commerce.schemas import NewOrder, OrderedItem
from commerce.settings import settings

Pieces = list[tuple[OrderItem, str]]
"""Each with the name of its item."""

_UNIQUE_VIOLATION = "23505"
_each_commits = settings.db_commits == "each"


async def place(
    session: AsyncSession, user_id: int, new: NewOrder
) -> tuple[Order, Pieces, str]:
    """The order, its pieces and its currency: the statements of the contract, in one transaction.

    With DB_COMMITS=each in the article's four: a process that ends between them leaves a
    pending order. What is refused leaves nothing.
    """
    try:
        return await _placed(session, user_id, new)
    except IntegrityError as error:
        # Two who come together may both find the number free.
        if getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION:
            raise number_taken(new.number) from None
        raise


async def _placed(
    session: AsyncSession, user_id: int, new: NewOrder
) -> tuple[Order, Pieces, str]:
    if await session.scalar(select(Order.id).where(Order.number == new.number)):
        raise number_taken(new.number)
    product = await shown_product(session, new.product_id)
    if await session.scalar(select(User.id).where(User.id == user_id)) is None:
        raise unauthorized("There is no such user.")
    order = Order(
        number=new.number, user_id=user_id, product_id=product.id, status="pending"
    )
    session.add(order)
    await _end_part(session)
    try:
        sold = await _sell(session, product, new.items)
    except Problem:
        if _each_commits:
            # Before what is known of the order goes with the transaction.
            refused = delete(Order).where(Order.id == order.id)
            await session.rollback()
            await session.execute(refused)
            await session.commit()
        raise
    await _end_part(session)
    pieces = [
        (
            OrderItem(
                order_id=order.id,
                product_item_id=item.id,
                price_minor=item.price_minor,
            ),
            item.name,
        )
        for item, quantity in sold
        for _ in range(quantity)
    ]
    session.add_all(piece for piece, _ in pieces)
    await _end_part(session)
    order.status = "completed"
    await session.commit()
    return order, pieces, product.currency


async def _end_part(session: AsyncSession) -> None:
    if _each_commits:
        await session.commit()
    else:
        await session.flush()


async def _sell(
    session: AsyncSession, product: Product, ordered: list[OrderedItem]
) -> list[tuple[ProductItem, int]]:
    await session.execute(
        select(Product.id)
        .where(Product.id == product.id)
        .with_for_update(key_share=True)
    )
    offered = {
        item.id: (item, is_open)
        for item, is_open in await active_items(session, product.id)
    }
    bought = [(_bought(each, offered), each.quantity) for each in ordered]
    for item, quantity in bought:
        await session.execute(
            update(ProductItem)
            .where(ProductItem.id == item.id)
            .values(sold=ProductItem.sold + quantity)
            .execution_options(synchronize_session=False)
        )
    return bought


def _bought(
    each: OrderedItem, offered: dict[int, tuple[ProductItem, bool]]
) -> ProductItem:
    item, is_open = offered.get(each.id, (None, False))
    if item is None:
        detail = f"The product has no item {each.id}."
        raise Problem(422, "unknown-item", detail)
    if not is_open:
        raise Problem(422, "not-on-sale", f"Item {each.id} is not on sale now.")
    if item.stock - item.sold < each.quantity:
        detail = f"Fewer than {each.quantity} of item {each.id} are left."
        raise Problem(409, "sold-out", detail)
    return item

"""The journey in FastAPI as its tutorial would write it: no contract beyond the four requests.

What services/fastapi does besides (bounds, problem documents, faults of the database) is absent, so
that its price can be distinguished from the framework's.
"""

import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated

import jwt
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy import BigInteger, DateTime, ForeignKey, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(
    os.environ["MINIMAL_URL"].replace("postgres://", "postgresql+asyncpg://"),
    pool_size=10,
    max_overflow=0,
    connect_args={"ssl": "disable"},
)
Session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with Session() as session:
        yield session


def get_user(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> int:
    try:
        claims = jwt.decode(credentials.credentials, os.environ["TOKEN_SECRET"], ["HS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    return int(claims["sub"])


DatabaseSession = Annotated[AsyncSession, Depends(get_session)]
UserId = Annotated[int, Depends(get_user)]


class Base(DeclarativeBase):
    type_annotation_map = {int: BigInteger, datetime: DateTime(timezone=True)}


class UserRow(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)


class ProductRow(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    currency: Mapped[str]
    shown: Mapped[bool]


class ItemRow(Base):
    __tablename__ = "product_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    name: Mapped[str]
    cost_minor: Mapped[int]
    price_minor: Mapped[int]
    active: Mapped[bool]
    sale_from: Mapped[datetime]
    sale_until: Mapped[datetime]
    stock: Mapped[int]
    sold: Mapped[int]


class OrderRow(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    status: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PieceRow(Base):
    __tablename__ = "order_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    product_item_id: Mapped[int] = mapped_column(ForeignKey("product_items.id"))
    price_minor: Mapped[int]


class Money(BaseModel):
    amountMinor: int
    currency: str


class Entry(BaseModel):
    id: int
    name: str
    lowestPrice: Money | None
    onSale: bool


class Products(BaseModel):
    products: list[Entry]


class Item(BaseModel):
    id: int
    name: str
    cost: Money
    price: Money
    discountPercent: int
    onSale: bool
    stock: int
    sold: int


class Product(BaseModel):
    id: int
    name: str
    description: str
    items: list[Item]


class Ordered(BaseModel):
    id: int
    quantity: int


class NewOrder(BaseModel):
    number: str
    productId: int
    items: list[Ordered]


class Piece(BaseModel):
    id: int
    itemId: int
    name: str
    price: Money


class Order(BaseModel):
    number: str
    status: str
    productId: int
    pieces: list[Piece]
    total: Money
    createdAt: datetime


IS_OPEN = (ItemRow.sale_from <= func.now()) & (ItemRow.sale_until > func.now())


def order_of(
    row: OrderRow, pieces: Sequence[tuple[PieceRow, str]], currency: str
) -> Order:
    def money(amount: int) -> Money:
        return Money(amountMinor=amount, currency=currency)

    return Order(
        number=row.number,
        status=row.status,
        productId=row.product_id,
        pieces=[
            Piece(
                id=piece.id,
                itemId=piece.product_item_id,
                name=name,
                price=money(piece.price_minor),
            )
            for piece, name in pieces
        ],
        total=money(sum(piece.price_minor for piece, _ in pieces)),
        createdAt=row.created_at,
    )


@app.get("/products")
async def list_products(session: DatabaseSession) -> Products:
    lowest = (
        select(func.min(ItemRow.price_minor))
        .where(
            ItemRow.product_id == ProductRow.id,
            ItemRow.active,
            IS_OPEN,
            ItemRow.sold < ItemRow.stock,
        )
        .scalar_subquery()
    )
    rows = await session.execute(
        select(ProductRow, lowest).where(ProductRow.shown).order_by(ProductRow.id)
    )
    return Products(
        products=[
            Entry(
                id=row.id,
                name=row.name,
                lowestPrice=price and Money(amountMinor=price, currency=row.currency),
                onSale=price is not None,
            )
            for row, price in rows
        ]
    )


@app.get("/products/{id}")
async def view_product(session: DatabaseSession, id: int) -> Product:
    row = await session.get(ProductRow, id)
    if row is None or not row.shown:
        raise HTTPException(404)
    items = await session.execute(
        select(ItemRow, IS_OPEN)
        .where(ItemRow.product_id == id, ItemRow.active)
        .order_by(ItemRow.id)
    )
    return Product(
        id=row.id,
        name=row.name,
        description=row.description,
        items=[
            Item(
                id=item.id,
                name=item.name,
                cost=Money(amountMinor=item.cost_minor, currency=row.currency),
                price=Money(amountMinor=item.price_minor, currency=row.currency),
                discountPercent=(
                    200 * (item.cost_minor - item.price_minor) + item.cost_minor
                )
                // (2 * item.cost_minor),
                onSale=is_open and item.sold < item.stock,
                stock=item.stock,
                sold=item.sold,
            )
            for item, is_open in items
        ],
    )


@app.post("/orders", status_code=201)
async def place_order(user_id: UserId, session: DatabaseSession, new: NewOrder) -> Order:
    async with session.begin():
        if await session.scalar(select(OrderRow.id).where(OrderRow.number == new.number)):
            raise HTTPException(409)
        product = await session.get(ProductRow, new.productId)
        user = await session.get(UserRow, user_id)
        if product is None or user is None:
            raise HTTPException(404)
        row = OrderRow(
            number=new.number, user_id=user.id, product_id=product.id, status="pending"
        )
        session.add(row)
        await session.flush()
        locked = select(ProductRow.id).where(ProductRow.id == product.id)
        await session.execute(locked.with_for_update(key_share=True))
        of_product = select(ItemRow).where(ItemRow.product_id == product.id, ItemRow.active, IS_OPEN)
        offered = {item.id: item for item in await session.scalars(of_product)}
        pieces = []
        for ordered in new.items:
            item = offered.get(ordered.id)
            if item is None or item.stock - item.sold < ordered.quantity:
                raise HTTPException(409)
            await session.execute(
                update(ItemRow)
                .where(ItemRow.id == item.id)
                .values(sold=ItemRow.sold + ordered.quantity)
                .execution_options(synchronize_session=False)
            )
            for _ in range(ordered.quantity):
                piece = PieceRow(
                    order_id=row.id,
                    product_item_id=item.id,
                    price_minor=item.price_minor,
                )
                pieces.append((piece, item.name))
        session.add_all(piece for piece, _ in pieces)
        await session.flush()
        row.status = "completed"
        await session.flush()
    return order_of(row, pieces, product.currency)


@app.get("/orders/{number}")
async def view_order(user_id: UserId, session: DatabaseSession, number: str) -> Order:
    own = (
        select(OrderRow, ProductRow.currency)
        .join(ProductRow, ProductRow.id == OrderRow.product_id)
        .where(OrderRow.number == number, OrderRow.user_id == user_id)
    )
    found = (await session.execute(own)).one_or_none()
    if found is None:
        raise HTTPException(404)
    row, currency = found
    pieces = await session.execute(
        select(PieceRow, ItemRow.name)
        .join(ItemRow, ItemRow.id == PieceRow.product_item_id)
        .where(PieceRow.order_id == row.id)
        .order_by(PieceRow.id)
    )
    return order_of(row, [(piece, name) for piece, name in pieces], currency)


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8080, access_log=False)

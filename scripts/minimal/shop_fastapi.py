"""The journey in FastAPI as its tutorial would write it: no contract beyond the four requests.

What services/fastapi does besides (bounds, problem documents, idempotency, faults of the
database) is absent, so that its price can be distinguished from the framework's.
"""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
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


DatabaseSession = Annotated[AsyncSession, Depends(get_session)]


class Base(DeclarativeBase):
    pass


class ProductRow(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    price_minor: Mapped[int]
    currency: Mapped[str]
    stock: Mapped[int]
    sold: Mapped[int]


class OrderRow(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("products.id"))
    quantity: Mapped[int]
    unit_price_minor: Mapped[int]
    currency: Mapped[str]
    idempotency_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


class Money(BaseModel):
    amountMinor: int
    currency: str


class Product(BaseModel):
    id: int
    name: str
    description: str
    price: Money
    stock: int
    sold: int


class ProductPage(BaseModel):
    items: list[Product]
    limit: int
    offset: int
    nextOffset: int | None


class NewOrder(BaseModel):
    productId: int
    quantity: int


class Order(BaseModel):
    id: int
    productId: int
    quantity: int
    unitPrice: Money
    total: Money
    createdAt: datetime


def product_of(row: ProductRow) -> Product:
    return Product(
        id=row.id,
        name=row.name,
        description=row.description,
        price=Money(amountMinor=row.price_minor, currency=row.currency),
        stock=row.stock,
        sold=row.sold,
    )


def order_of(row: OrderRow) -> Order:
    price = row.unit_price_minor
    return Order(
        id=row.id,
        productId=row.product_id,
        quantity=row.quantity,
        unitPrice=Money(amountMinor=price, currency=row.currency),
        total=Money(amountMinor=price * row.quantity, currency=row.currency),
        createdAt=row.created_at,
    )


@app.get("/products")
async def list_products(
    session: DatabaseSession, limit: int = 20, offset: int = 0
) -> ProductPage:
    page = select(ProductRow).order_by(ProductRow.id).limit(limit + 1).offset(offset)
    rows = (await session.scalars(page)).all()
    return ProductPage(
        items=[product_of(row) for row in rows[:limit]],
        limit=limit,
        offset=offset,
        nextOffset=offset + limit if len(rows) > limit else None,
    )


@app.get("/products/{id}")
async def view_product(session: DatabaseSession, id: int) -> Product:
    row = await session.get(ProductRow, id)
    if row is None:
        raise HTTPException(404)
    return product_of(row)


@app.post("/orders", status_code=201)
async def place_order(session: DatabaseSession, new: NewOrder) -> Order:
    async with session.begin():
        reserve = (
            update(ProductRow)
            .where(
                ProductRow.id == new.productId,
                ProductRow.stock - ProductRow.sold >= new.quantity,
            )
            .values(sold=ProductRow.sold + new.quantity)
            .returning(ProductRow.price_minor, ProductRow.currency)
            .execution_options(synchronize_session=False)
        )
        price = (await session.execute(reserve)).one_or_none()
        if price is None:
            raise HTTPException(409)
        row = OrderRow(
            product_id=new.productId,
            quantity=new.quantity,
            unit_price_minor=price.price_minor,
            currency=price.currency,
        )
        session.add(row)
        await session.flush()
    return order_of(row)


@app.get("/orders/{id}")
async def view_order(session: DatabaseSession, id: int) -> Order:
    row = await session.get(OrderRow, id)
    if row is None:
        raise HTTPException(404)
    return order_of(row)


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8080, access_log=False)

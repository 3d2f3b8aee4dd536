"""The tables of sql/schema.sql."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, DateTime, ForeignKey, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Money(NamedTuple):
    """An amount in the currency's smallest unit."""

    amount_minor: int
    currency: str


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    price_minor: Mapped[int]
    currency: Mapped[str]
    stock: Mapped[int]
    sold: Mapped[int]

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)


class Order(Base):
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

    @property
    def unit_price(self) -> Money:
        return Money(self.unit_price_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.unit_price_minor * self.quantity, self.currency)

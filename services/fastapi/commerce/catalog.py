from typing import Any

from fastapi import APIRouter
from sqlalchemy import and_, func, select

from commerce import schemas
from commerce.database import DatabaseSession
from commerce.models import Product, ProductItem
from commerce.problems import Problem
from commerce.schemas import PathId

router = APIRouter(prefix="/products")

IS_OPEN = and_(ProductItem.sale_from <= func.now(), ProductItem.sale_until > func.now())
_LOWEST = (
    select(func.min(ProductItem.price_minor))
    .where(
        ProductItem.product_id == Product.id,
        ProductItem.active,
        IS_OPEN,
        ProductItem.sold < ProductItem.stock,
    )
    .scalar_subquery()
)
_SHOWN = (
    select(Product.id, Product.name, Product.currency, _LOWEST.label("lowest"))
    .where(Product.shown)
    .order_by(Product.id)
)


@router.api_route("", methods=["GET", "HEAD"], response_model=schemas.Products)
async def list_products(session: DatabaseSession) -> Any:
    products = [
        {
            "id": row.id,
            "name": row.name,
            "lowest_price": row.lowest and _money(row.lowest, row.currency),
            "on_sale": row.lowest is not None,
        }
        for row in await session.execute(_SHOWN)
    ]
    return {"products": products}


@router.api_route("/{id}", methods=["GET", "HEAD"], response_model=schemas.Product)
async def view_product(session: DatabaseSession, id: PathId) -> Any:
    product = await shown_product(session, id)
    items = [
        {
            "id": item.id,
            "name": item.name,
            "cost": _money(item.cost_minor, product.currency),
            "price": _money(item.price_minor, product.currency),
            "discount_percent": _discount_percent(item),
            "on_sale": is_open and item.sold < item.stock,
            "stock": item.stock,
            "sold": item.sold,
        }
        for item, is_open in await active_items(session, id)
    ]
    return {
        "id": product.id,
        "name": product.name,
        "description": product.description,
        "items": items,
    }


async def shown_product(session: DatabaseSession, id: int) -> Product:
    product = await session.scalar(
        select(Product).where(Product.id == id, Product.shown)
    )
    if product is None:
        raise Problem(404, "unknown-product", f"No product {id}.")
    return product


async def active_items(
    session: DatabaseSession, product_id: int
) -> list[tuple[ProductItem, bool]]:
    """Each with: is it in its sale window?"""
    items = (
        select(ProductItem, IS_OPEN)
        .where(ProductItem.product_id == product_id, ProductItem.active)
        .order_by(ProductItem.id)
    )
    return [(item, is_open) for item, is_open in await session.execute(items)]


def _money(amount_minor: int, currency: str) -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": currency}


def _discount_percent(item: ProductItem) -> int:
    # A half is rounded up, which round() does not do.
    saved = item.cost_minor - item.price_minor
    return (200 * saved + item.cost_minor) // (2 * item.cost_minor)

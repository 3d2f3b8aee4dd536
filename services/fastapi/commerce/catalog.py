from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select

from commerce import schemas
from commerce.database import DatabaseSession
from commerce.models import Product
from commerce.problems import Problem
from commerce.schemas import PathId

router = APIRouter(prefix="/products")


@router.api_route("", methods=["GET", "HEAD"], response_model=schemas.ProductPage)
async def list_products(
    session: DatabaseSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Any:
    # One row more than asked for tells whether there is a next page.
    page = select(Product).order_by(Product.id).limit(limit + 1).offset(offset)
    products = (await session.scalars(page)).all()
    next_offset = offset + limit if len(products) > limit else None
    return {
        "items": products[:limit],
        "limit": limit,
        "offset": offset,
        "next_offset": next_offset,
    }


@router.api_route("/{id}", methods=["GET", "HEAD"], response_model=schemas.Product)
async def view_product(session: DatabaseSession, id: PathId) -> Any:
    product = await session.get(Product, id)
    if product is None:
        raise Problem(404, "unknown-product", f"No product {id}.")
    return product

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import select

from commerce import schemas
from commerce.database import DatabaseSession
from commerce.models import Product
from commerce.problems import Problem
from commerce.schemas import FirstInteger, PathId

router = APIRouter(prefix="/products")

Limit = Annotated[int, Field(ge=1, le=100)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]


@router.api_route("", methods=["GET", "HEAD"], response_model=schemas.ProductPage)
async def list_products(
    session: DatabaseSession,
    limits: Annotated[tuple[Limit, ...], FirstInteger, Query(alias="limit")] = (20,),
    offsets: Annotated[tuple[Offset, ...], FirstInteger, Query(alias="offset")] = (0,),
) -> Any:
    limit, offset = limits[0], offsets[0]
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

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from commerce import catalog, operation, orders
from commerce.database import engine
from commerce.handlers import add_handlers


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


# The contract has no other paths: neither pages of documentation nor a redirect from
# a trailing slash.
app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
app.include_router(catalog.router)
app.include_router(orders.router)
app.include_router(operation.router)
add_handlers(app)

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from commerce import catalog, operation, orders, tokens
from commerce.database import engine
from commerce.handlers import add_handlers
from commerce.request_log import add_request_log
from commerce.settings import settings


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


# The contract has no other paths: neither pages of documentation nor a redirect from
# a trailing slash.
app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
app.include_router(catalog.router)
app.include_router(orders.router)
app.include_router(tokens.router)
app.include_router(operation.router)
add_handlers(app)
if settings.request_log == "on":
    add_request_log(app)

"""How a request reaches the database. DB_MODE decides that, and nothing else does."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
from fastapi import Depends
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from commerce.problems import database_busy, database_unreachable
from commerce.settings import settings

_POOLS: dict[str, dict[str, Any]] = {
    "pooled": {
        "pool_size": settings.db_pool_max,
        "max_overflow": settings.db_pool_overflow,
    },
    "persistent": {
        "pool_size": settings.db_workers,
        "max_overflow": 0,
        "pool_recycle": settings.db_conn_max_age.total_seconds(),
    },
    "per-request": {"poolclass": NullPool},
}
_POOL = _POOLS[settings.db_mode]
if "pool_size" in _POOL:
    _POOL["pool_timeout"] = settings.db_acquire_timeout.total_seconds()

_PASSWORD = settings.password
_TLS: ssl.SSLContext | str | None
if settings.db_tls_ca:
    _TLS = ssl.create_default_context(cafile=settings.db_tls_ca)
else:
    # Never asked for unless it is wanted: to ask is a round trip a connection.
    _TLS = None if settings.database_url else "disable"
_STATEMENT_TIMEOUT_S = settings.db_statement_timeout.total_seconds()


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))


async def _connect() -> asyncpg.Connection:
    try:
        return await asyncpg.connect(
            dsn=settings.database_url,
            host=settings.db_host,
            port=None if settings.database_url else settings.db_port,
            user=None if settings.database_url else settings.db_user,
            database=settings.db_name,
            password=_PASSWORD,
            ssl=_TLS,
            timeout=settings.db_connect_timeout.total_seconds(),
            # Later than the server's own time-out, whose verdict is preferred.
            command_timeout=_STATEMENT_TIMEOUT_S + 1,
            server_settings={
                "application_name": f"samehost {settings.db_mode}",
                "statement_timeout": _milliseconds(_STATEMENT_TIMEOUT_S),
                "idle_in_transaction_session_timeout": _milliseconds(
                    settings.db_transaction_timeout.total_seconds()
                ),
            },
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise database_unreachable() from error


engine = create_async_engine("postgresql+asyncpg://", async_creator=_connect, **_POOL)
Session = async_sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine.sync_engine, "checkout")
def _discard_closed(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
    """Replaces a pooled connection that the server closed, as the event loop has seen.

    `pool_pre_ping` would find that too, for three round trips a request: BEGIN, an
    empty statement, ROLLBACK (SQLAlchemy's asyncpg dialect, `_async_ping`).
    """
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError


_places = asyncio.Semaphore(settings.db_workers)


@asynccontextmanager
async def _place() -> AsyncIterator[None]:
    """NullPool has no bound of its own, and PostgreSQL refuses its 101st connection."""
    try:
        async with asyncio.timeout(settings.db_acquire_timeout.total_seconds()):
            await _places.acquire()
    except TimeoutError as error:
        raise database_busy() from error
    try:
        yield
    finally:
        _places.release()


async def _session() -> AsyncIterator[AsyncSession]:
    """A session of the request's own, which connects at its first statement."""
    async with Session() as session:
        yield session


async def _session_in_turn() -> AsyncIterator[AsyncSession]:
    async with _place(), Session() as session:
        yield session


DatabaseSession = Annotated[
    AsyncSession,
    Depends(_session_in_turn if settings.db_mode == "per-request" else _session),
]

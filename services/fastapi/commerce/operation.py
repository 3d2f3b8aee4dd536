import platform
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from sqlalchemy import text

from commerce.database import DatabaseSession
from commerce.settings import settings

router = APIRouter()

# What is installed, not what was asked for.
_LIBRARIES = (
    "fastapi",
    "starlette",
    "pydantic",
    "sqlalchemy",
    "asyncpg",
    "uvicorn",
    "uvloop",
)
_VERSIONS = {"python": platform.python_version()} | {
    name: version(name) for name in _LIBRARIES
}


@router.get("/healthz")
async def is_alive() -> dict[str, Any]:
    return {"status": "ok", "mode": settings.db_mode, "versions": _VERSIONS}


@router.get("/readyz")
async def is_ready(session: DatabaseSession) -> dict[str, str]:
    await session.execute(text("SELECT 1"))
    return {"status": "ok", "mode": settings.db_mode}

import os
import platform
import secrets
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import text

from commerce.database import DatabaseSession
from commerce.settings import given, settings

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

_SAID = {"settings": settings.said(), "given": given()}

# Which arm this is and which process of it, for who measures it to be sure of. Sent
# from here alone: what is measured carries nothing for whoever measures.
_INSTANCE = os.environ.get("SERVICE_INSTANCE") or secrets.token_hex(8)
_IDENTITY = {
    "X-Samehost-Instance": _INSTANCE,
    "X-Samehost-Prepare": settings.db_prepare,
}
if settings.arm_name:
    _IDENTITY["X-Samehost-Arm"] = settings.arm_name


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def is_alive(response: Response) -> dict[str, Any]:
    response.headers.update(_IDENTITY)
    return {"status": "ok", "mode": settings.db_mode, "versions": _VERSIONS} | _SAID


@router.api_route("/readyz", methods=["GET", "HEAD"])
async def is_ready(session: DatabaseSession, response: Response) -> dict[str, str]:
    await session.execute(text("SELECT 1"))
    response.headers.update(_IDENTITY)
    return {"status": "ok", "mode": settings.db_mode}

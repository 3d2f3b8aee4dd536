"""Who is signed in: a token (RFC 7519) in the Authorization header."""

import base64
import hashlib
import hmac
import re
import time
from typing import Annotated

import jwt
from fastapi import APIRouter, Depends, Header
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from commerce import schemas
from commerce.database import DatabaseSession
from commerce.input import is_json
from commerce.models import User
from commerce.problems import unauthorized
from commerce.settings import settings

router = APIRouter()

_ALGORITHM = "HS256"
_HOUR_S = 3600


async def _signed_in(authorization: Annotated[str, Header()] = "") -> int:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized()
    try:
        claims = jwt.decode(
            token.strip(),
            settings.secret,
            algorithms=[_ALGORITHM],
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError:
        raise unauthorized() from None
    if not re.fullmatch(r"[1-9][0-9]{0,15}", str(claims["sub"])):
        raise unauthorized()
    return int(claims["sub"])


SignedIn = Annotated[int, Depends(_signed_in)]


@router.post("/sign-in", response_model=schemas.Token, dependencies=[Depends(is_json)])
async def sign_in(
    session: DatabaseSession, credentials: schemas.Credentials
) -> dict[str, str]:
    known = select(User.id, User.password_hash).where(User.email == credentials.email)
    user = (await session.execute(known)).one_or_none()
    # A hash may take longer than the database lets a transaction be idle.
    await session.rollback()
    if user is None or not await run_in_threadpool(
        _is_password, credentials.password, user.password_hash
    ):
        raise unauthorized("Email or password is wrong.")
    claims = {"sub": str(user.id), "exp": int(time.time()) + _HOUR_S}
    return {"token": jwt.encode(claims, settings.secret, _ALGORITHM)}


def _is_password(password: str, stored: str) -> bool:
    """`stored`: as sql/schema.sql has it."""
    _, iterations, salt, wanted = stored.split("$")
    found = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), salt.encode(), int(iterations)
    )
    return hmac.compare_digest(found, base64.b64decode(wanted))

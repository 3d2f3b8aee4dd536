"""Who is signed in: a token (RFC 7519) in the Authorization header."""

import base64
import hashlib
import hmac
import re
import time
from pathlib import Path

import jwt
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from commerce.environment import text
from commerce.input import credentials
from commerce.models import User
from commerce.problems import unauthorized

_ALGORITHM = "HS256"
_HOUR_S = 3600


def _secret() -> str:
    """By which tokens are signed: the same for all arms of a run."""
    file = text("TOKEN_SECRET_FILE")
    secret = Path(file).read_text().rstrip("\r\n") if file else text("TOKEN_SECRET")
    # RFC 7518, section 3.2: as long as the hash at least.
    if len(secret.encode()) < 32:
        raise ValueError(
            "TOKEN_SECRET: give it, or TOKEN_SECRET_FILE, 32 bytes or more"
        )
    return secret


_SECRET = _secret()


def signed_in(request: HttpRequest) -> int:
    """The id of the user whom the token names."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized()
    try:
        claims = jwt.decode(
            token.strip(),
            _SECRET,
            algorithms=[_ALGORITHM],
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError:
        raise unauthorized() from None
    if not re.fullmatch(r"[1-9][0-9]{0,15}", str(claims["sub"])):
        raise unauthorized()
    return int(claims["sub"])


@require_POST
def sign_in(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"token": token_for(*credentials(request))})


def token_for(email: str, password: str) -> str:
    """Good for an hour."""
    user = User.objects.filter(email=email).first()
    if user is None or not _is_password(password, user.password_hash):
        raise unauthorized("Email or password is wrong.")
    claims = {"sub": str(user.pk), "exp": int(time.time()) + _HOUR_S}
    return jwt.encode(claims, _SECRET, _ALGORITHM)


def _is_password(password: str, stored: str) -> bool:
    """`stored`: as sql/schema.sql has it."""
    _, iterations, salt, wanted = stored.split("$")
    # JSON can hold half a surrogate, which no encoding has.
    given = password.encode(errors="replace")
    found = hashlib.pbkdf2_hmac("sha256", given, salt.encode(), int(iterations))
    return hmac.compare_digest(found, base64.b64decode(wanted))

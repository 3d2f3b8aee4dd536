import os
import platform
import re
import secrets
from importlib.metadata import version

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from commerce import article, pool
from commerce.databases import HAS_PSYCOPG_3, MODE, PREPARE, said
from commerce.environment import given, text

# What is installed, not what was asked for.
_DRIVER = ("psycopg", "psycopg-binary") if HAS_PSYCOPG_3 else ("psycopg2-binary",)
_REST = ("djangorestframework",) if article.HAS_REST else ()
_LIBRARIES = ("django", *_DRIVER, "gunicorn", *_REST)
_POOL = pool.LIBRARIES if MODE == "pooled" else ()
_VERSIONS = {"python": platform.python_version()} | {
    name: version(name) for name in _LIBRARIES + _POOL
}

_SAID = {"settings": said(), "given": given()}

# Which arm this is and which process of it, for who measures it to be sure of. Sent
# from here alone: what is measured carries nothing for whoever measures.
_INSTANCE = os.environ.get("SERVICE_INSTANCE") or secrets.token_hex(8)
_IDENTITY = {"X-Samehost-Instance": _INSTANCE, "X-Samehost-Prepare": PREPARE}
if _ARM := text("ARM_NAME"):
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", _ARM):
        raise ValueError(f"ARM_NAME={_ARM}: give lower-case letters, digits, hyphens")
    _IDENTITY["X-Samehost-Arm"] = _ARM


@require_safe
def is_alive(_: HttpRequest) -> JsonResponse:
    body = {"status": "ok", "mode": MODE, "versions": _VERSIONS} | _SAID
    return JsonResponse(body, headers=_IDENTITY)


@require_safe
def is_ready(_: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "mode": MODE}, headers=_IDENTITY)

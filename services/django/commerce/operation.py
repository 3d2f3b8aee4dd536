import platform
from importlib.metadata import version

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from commerce import pool
from commerce.databases import MODE

# What is installed, not what was asked for.
_LIBRARIES = ("django", "psycopg", "psycopg-binary", "gunicorn")
_POOL = pool.LIBRARIES if MODE == "pooled" else ()
_VERSIONS = {"python": platform.python_version()} | {
    name: version(name) for name in _LIBRARIES + _POOL
}


@require_safe
def is_alive(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok", "mode": MODE, "versions": _VERSIONS})


@require_safe
def is_ready(_: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "mode": MODE})

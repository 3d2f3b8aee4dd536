"""How a request reaches the database. DB_MODE decides that, and nothing else does."""

import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from commerce import article, pool
from commerce.environment import duration_s, integer, refuse_others, runtime, text

# Django takes psycopg2 where there is no psycopg 3: requirements-psycopg2.txt.
HAS_PSYCOPG_3 = find_spec("psycopg") is not None

if HAS_PSYCOPG_3:
    from psycopg.conninfo import conninfo_to_dict
else:
    from psycopg2.extensions import parse_dsn as conninfo_to_dict

MODES: dict[str, dict[str, Any]] = {
    # Django's default: a connection for every request, closed at its end.
    "per-request": {"CONN_MAX_AGE": 0},
    # A connection for every thread.
    "persistent": {"CONN_MAX_AGE": duration_s("DB_CONN_MAX_AGE", "60s")},
    # Django 4.2 has no pool. At the end of a request, in place of closing it, the
    # connection is put back into SQLAlchemy's pool.
    "pooled": {"ENGINE": "commerce.pooled", "CONN_MAX_AGE": 0}
    if pool.IS_OWN
    else {
        "ENGINE": "dj_db_conn_pool.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "POOL_OPTIONS": {
            "POOL_SIZE": integer("DB_POOL_MAX", 10),
            "MAX_OVERFLOW": 0,
            "RECYCLE": -1,
            "TIMEOUT": duration_s("DB_ACQUIRE_TIMEOUT", "5s"),
            "PRE_PING": False,  # see stale.py
        },
    },
}
MODE = text("DB_MODE", "pooled")
PREPARE = text("DB_PREPARE", "off")
# In how many transactions an order is placed: `one`, or `each` of the article's four.
COMMITS = text("DB_COMMITS", "one")
_URL_PARTS = "DB_HOST DB_PORT DB_USER DB_NAME DB_PASSWORD DB_PASSWORD_FILE DB_TLS_CA"
_OWN = "DB_MODE DB_PREPARE DB_COMMITS DB_POOL_MAX DB_WORKERS DB_CONN_MAX_AGE"
_TIMES = (
    "DB_ACQUIRE_TIMEOUT DB_CONNECT_TIMEOUT DB_STATEMENT_TIMEOUT DB_TRANSACTION_TIMEOUT"
)
refuse_others("DB_", f"{_URL_PARTS} {_OWN} {_TIMES}".split())


def database() -> dict[str, Any]:
    if MODE not in MODES:
        raise ValueError(f"DB_MODE={MODE}: give one of {', '.join(MODES)}")
    if COMMITS not in ("one", "each"):
        raise ValueError(f"DB_COMMITS={COMMITS}: give one or each")
    if PREPARE not in ("on", "off"):
        raise ValueError(f"DB_PREPARE={PREPARE}: give on or off")
    if PREPARE == "on" and not HAS_PSYCOPG_3:
        raise ValueError(
            "DB_PREPARE=on: psycopg2 prepares no statements, psycopg 3 does"
        )
    plain = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": _options()}
    return plain | _place() | MODES[MODE]


def said() -> dict[str, str | int]:
    """`settings` of /healthz in services/contract.yaml."""
    place = _place()
    options = _options()

    def milliseconds(name: str, absent: str) -> str:
        return f"{round(duration_s(name, absent) * 1000)}ms"

    acquire = {"DB_ACQUIRE_TIMEOUT": milliseconds("DB_ACQUIRE_TIMEOUT", "5s")}
    of_mode: dict[str, dict[str, str | int]] = {
        "per-request": {},
        "persistent": {"DB_CONN_MAX_AGE": milliseconds("DB_CONN_MAX_AGE", "60s")},
        "pooled": {"DB_POOL_MAX": integer("DB_POOL_MAX", 10)} | acquire,
    }
    return {
        "DB_MODE": MODE,
        **of_mode[MODE],
        # gunicorn's threads, in every mode.
        "DB_WORKERS": integer("DB_WORKERS", 10),
        "DB_PREPARE": PREPARE,
        "DB_COMMITS": COMMITS,
        **article.said(),
        "DB_HOST": place["HOST"],
        "DB_PORT": int(place["PORT"]),
        # Empty without TLS, so that a level without it can be told from one with it.
        "DB_TLS_CA": text("DB_TLS_CA"),
        "DB_CONNECT_TIMEOUT": f"{options['connect_timeout'] * 1000}ms",
        "DB_STATEMENT_TIMEOUT": milliseconds("DB_STATEMENT_TIMEOUT", "5s"),
        "DB_TRANSACTION_TIMEOUT": milliseconds("DB_TRANSACTION_TIMEOUT", "5s"),
        **runtime(),
    }


def _place() -> dict[str, Any]:
    url = text("DATABASE_URL")
    parts = conninfo_to_dict(url) if url else {}
    user = parts.get("user") or text("DB_USER", "postgres")
    place = {
        "HOST": parts.get("host") or text("DB_HOST"),
        "PORT": parts.get("port") or integer("DB_PORT", 5432),
        "USER": user,
        "NAME": parts.get("dbname") or text("DB_NAME", str(user)),
        "PASSWORD": parts.get("password") or text("DB_PASSWORD"),
    }
    if not place["HOST"]:
        raise ValueError("DB_HOST: give it, or DATABASE_URL")
    if file := text("DB_PASSWORD_FILE"):
        place["PASSWORD"] = Path(file).read_text().rstrip("\r\n")
    return place


def _own_pool() -> dict[str, Any]:
    size = integer("DB_POOL_MAX", 10)
    return {
        "min_size": size,
        "max_size": size,
        "timeout": duration_s("DB_ACQUIRE_TIMEOUT", "5s"),
    }


def _tls() -> dict[str, Any]:
    """Never asked for unless it is wanted: to ask is a round trip a connection."""
    if ca := text("DB_TLS_CA"):
        return {"sslmode": "verify-full", "sslrootcert": ca}
    return {"sslmode": "disable"}


def _options() -> dict[str, Any]:
    """Those of every connection, in every mode."""
    statement_ms = round(duration_s("DB_STATEMENT_TIMEOUT", "5s") * 1000)
    transaction_ms = round(duration_s("DB_TRANSACTION_TIMEOUT", "5s") * 1000)
    return {
        "application_name": f"samehost {MODE}",
        # libpq takes whole seconds.
        "connect_timeout": math.ceil(duration_s("DB_CONNECT_TIMEOUT", "3s")),
        # How long what was sent may stay without an acknowledgement of TCP.
        "tcp_user_timeout": statement_ms + 1000,
        **_tls(),
        **({"pool": _own_pool()} if pool.IS_OWN and MODE == "pooled" else {}),
        "options": (
            f"-c statement_timeout={statement_ms}"
            f" -c idle_in_transaction_session_timeout={transaction_ms}"
        ),
    } | (_PREPARED if PREPARE == "on" else {})


# At its first use on a connection; Django writes parameters into the text otherwise.
_PREPARED = {"server_side_binding": True, "prepare_threshold": 0}


def sqlstate_of(error: Exception) -> str | None:
    """Of an error of Django's: psycopg 3 calls it `sqlstate`, psycopg2 `pgcode`."""
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)

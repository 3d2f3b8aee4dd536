"""The environment, read once. All faults in it are reported together, and the process ends."""

import hashlib
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    FilePath,
    NonNegativeInt,
    PositiveInt,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

_UNITS = {"ms": 0.001, "s": 1, "m": 60}


def _duration(value: Any) -> Any:
    match = (
        re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", value)
        if isinstance(value, str)
        else None
    )
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]]) if match else value


# Variables of the runtime below the service, which says them as they stand.
_RUNTIME = re.compile(r"WEB_CONCURRENCY$|(UVICORN|MALLOC)_|PYTHON(?!_)")


def _milliseconds(duration: timedelta) -> str:
    return f"{round(duration.total_seconds() * 1000)}ms"


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True)

    host: str = "0.0.0.0"
    port: int = 3000

    database_url: str | None = None
    db_host: str | None = None
    db_port: int = 5432
    db_user: str = "postgres"
    db_name: str | None = None
    db_password: str | None = None
    db_password_file: Path | None = None
    # A certificate: the connection is TLS, and the server must be signed by it.
    db_tls_ca: FilePath | None = None

    # The name of the arm, as Compose has it: it travels as a header's value.
    arm_name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] | None = None

    # By which tokens are signed: the same for all arms of a run.
    token_secret: str = ""
    token_secret_file: Path | None = None

    db_mode: Literal["pooled", "persistent", "per-request"] = "pooled"
    # Connections of the pool (`pooled`).
    db_pool_max: PositiveInt = 10
    # More while all are in use, closed as they come back.
    db_pool_overflow: NonNegativeInt = 0
    # Requests that use the database at once (`persistent`, `per-request`).
    db_workers: PositiveInt = 10
    # asyncpg has no way to run a statement that is not prepared.
    db_prepare: Literal["on"] = "on"
    # In how many transactions an order is placed: one, or each of the article's four.
    db_commits: Literal["one", "each"] = "one"
    db_conn_max_age: Duration = timedelta(seconds=60)
    db_acquire_timeout: Duration = timedelta(seconds=5)
    db_connect_timeout: Duration = timedelta(seconds=3)
    db_statement_timeout: Duration = timedelta(seconds=5)
    db_transaction_timeout: Duration = timedelta(seconds=5)

    # A line for each request: request_log.py.
    request_log: Literal["on", "off"] = "off"

    @model_validator(mode="after")
    def _has_database(self) -> Self:
        if not (self.database_url or self.db_host):
            raise ValueError("give DB_HOST, or DATABASE_URL")
        return self

    @model_validator(mode="after")
    def _has_secret(self) -> Self:
        # RFC 7518, section 3.2: as long as the hash at least.
        if len(self.secret.encode()) < 32:
            raise ValueError(
                "give TOKEN_SECRET, or TOKEN_SECRET_FILE, 32 bytes or more"
            )
        return self

    @model_validator(mode="after")
    def _knows_all(self) -> Self:
        """A typo changes nothing, so it is refused."""
        known = {name.upper() for name in type(self).model_fields}
        for name in os.environ:
            if name.startswith("DB_") and name not in known:
                names = ", ".join(sorted(n for n in known if n.startswith("DB_")))
                raise ValueError(
                    f"{name} is no variable of this service: give one of {names}"
                )
        return self

    def said(self) -> dict[str, str | int]:
        """`settings` of /healthz in services/contract.yaml."""
        url = urlsplit(self.database_url or "")
        of_mode: dict[str, dict[str, str | int]] = {
            "pooled": {
                "DB_POOL_MAX": self.db_pool_max,
                "DB_POOL_OVERFLOW": self.db_pool_overflow,
            },
            "persistent": {
                "DB_WORKERS": self.db_workers,
                "DB_CONN_MAX_AGE": _milliseconds(self.db_conn_max_age),
            },
            "per-request": {"DB_WORKERS": self.db_workers},
        }
        return {
            "DB_MODE": self.db_mode,
            **of_mode[self.db_mode],
            "DB_PREPARE": self.db_prepare,
            "DB_COMMITS": self.db_commits,
            "REQUEST_LOG": self.request_log,
            "DB_HOST": url.hostname or self.db_host or "",
            "DB_PORT": url.port or self.db_port,
            # Empty without TLS, so that a level without it can be told from one with it.
            "DB_TLS_CA": str(self.db_tls_ca or ""),
            "DB_ACQUIRE_TIMEOUT": _milliseconds(self.db_acquire_timeout),
            "DB_CONNECT_TIMEOUT": _milliseconds(self.db_connect_timeout),
            "DB_STATEMENT_TIMEOUT": _milliseconds(self.db_statement_timeout),
            "DB_TRANSACTION_TIMEOUT": _milliseconds(self.db_transaction_timeout),
            **{name: text for name, text in os.environ.items() if _RUNTIME.match(name)},
        }

    @property
    def secret(self) -> str:
        if self.token_secret_file:
            return self.token_secret_file.read_text().rstrip("\r\n")
        return self.token_secret

    @property
    def password(self) -> str | None:
        if self.db_password_file:
            return self.db_password_file.read_text().rstrip("\r\n")
        return self.db_password


def given() -> str:
    """`given` of /healthz: the variables as they came, none of them a secret."""
    lines = sorted(
        f"{name}={text}\n"
        for name, text in os.environ.items()
        if text and name != "DB_PASSWORD"
        if name.startswith("DB_") or name == "REQUEST_LOG" or _RUNTIME.match(name)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


settings = Settings()

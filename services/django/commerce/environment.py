"""The process's variables. An empty one is absent: Compose passes `${NAME:-}` so."""

import hashlib
import os
import re
from collections.abc import Collection

_UNITS = {"ms": 0.001, "s": 1, "m": 60}
# Of the service itself, besides DB_….
_OWN = ("DEBUG", "REQUEST_LOG", "REST_FRAMEWORK")
# Variables of the runtime below the service, which says them as they stand.
_RUNTIME = re.compile(r"WEB_CONCURRENCY$|(GUNICORN|MALLOC)_|PYTHON(?!_)")


def text(name: str, absent: str = "") -> str:
    return os.environ.get(name, "").strip() or absent


def integer(name: str, absent: int) -> int:
    return int(text(name, str(absent)))


def switch(name: str) -> bool:
    """Is it `on`? Off where it is not given."""
    value = text(name, "off")
    if value not in ("on", "off"):
        raise ValueError(f"{name}={value}: give on or off")
    return value == "on"


def duration_s(name: str, absent: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text(name, absent))
    if not match:
        raise ValueError(f"{name}: give a duration such as {absent}")
    return float(match[1]) * _UNITS[match[2]]


def refuse_others(prefix: str, known: Collection[str]) -> None:
    """A typo changes nothing, so it is refused."""
    for name in os.environ:
        if name.startswith(prefix) and name not in known:
            names = ", ".join(sorted(known))
            raise ValueError(
                f"{name} is no variable of this service: give one of {names}"
            )


def runtime() -> dict[str, str | int]:
    return {name: value for name, value in os.environ.items() if _RUNTIME.match(name)}


def given() -> str:
    """`given` of /healthz: the variables as they came, none of them a secret."""
    lines = sorted(
        f"{name}={value}\n"
        for name, value in os.environ.items()
        if value and name != "DB_PASSWORD"
        if name.startswith("DB_") or name in _OWN or _RUNTIME.match(name)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()

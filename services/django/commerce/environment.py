"""The process's variables. An empty one is absent: Compose passes `${NAME:-}` so."""

import os
import re

_UNITS = {"ms": 0.001, "s": 1, "m": 60}


def text(name: str, absent: str = "") -> str:
    return os.environ.get(name, "").strip() or absent


def integer(name: str, absent: int) -> int:
    return int(text(name, str(absent)))


def duration_s(name: str, absent: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text(name, absent))
    if not match:
        raise ValueError(f"{name}: give a duration such as {absent}")
    return float(match[1]) * _UNITS[match[2]]

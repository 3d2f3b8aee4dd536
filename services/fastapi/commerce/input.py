from typing import Annotated

from fastapi import Header

from commerce.problems import Problem


async def is_json(content_type: Annotated[str, Header()] = "") -> None:
    """FastAPI also takes a body without a type, and `application/…+json`."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        detail = "The body must be application/json."
        raise Problem(415, "unsupported-media-type", detail)

"""Where the pool of `pooled` comes from: Django has one of its own from 5.1 on."""

import django

from commerce.environment import text

IS_OWN = django.VERSION >= (5, 1)
# Another mode loads no pool: three processes have 512 MB.
IS_ADDED = not IS_OWN and text("DB_MODE", "pooled") == "pooled"

if IS_ADDED:
    from sqlalchemy.exc import TimeoutError as PoolTimeoutError
elif IS_OWN:
    from psycopg_pool import PoolTimeout as PoolTimeoutError
else:

    class PoolTimeoutError(Exception):
        """Of no pool."""


LIBRARIES = ("psycopg-pool",) if IS_OWN else ("django-db-connection-pool", "sqlalchemy")

__all__ = ["IS_ADDED", "IS_OWN", "LIBRARIES", "PoolTimeoutError"]

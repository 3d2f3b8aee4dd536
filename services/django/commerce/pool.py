"""Where the pool of `pooled` comes from: Django has one of its own from 5.1 on."""

import django

IS_OWN = django.VERSION >= (5, 1)

if IS_OWN:
    from psycopg_pool import PoolTimeout as PoolTimeoutError
else:
    from sqlalchemy.exc import TimeoutError as PoolTimeoutError

LIBRARIES = ("psycopg-pool",) if IS_OWN else ("django-db-connection-pool", "sqlalchemy")

__all__ = ["IS_OWN", "LIBRARIES", "PoolTimeoutError"]

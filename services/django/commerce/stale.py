"""Kept connections that the server has closed are closed here too, and opened again.

`CONN_HEALTH_CHECKS` and `PRE_PING` would find them by a statement: a round trip for every
request. Something to read on an idle connection tells the same for nothing, since all
that a server says unasked is, but for a notice, its goodbye.
"""

import select
from typing import Any, Protocol

from django.core.signals import request_started
from django.db import connections
from django.dispatch import receiver

from commerce import pool


class Connection(Protocol):
    """What psycopg's and psycopg2's have in common."""

    @property
    def closed(self) -> bool | int: ...
    def fileno(self) -> int: ...


def is_stale(connection: Connection) -> bool:
    if connection.closed:
        return True
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    return bool(idle.poll(0))


@receiver(request_started)
def close_stale(**_: Any) -> None:
    """What the thread of this request has kept (`persistent`)."""
    for kept in connections.all(initialized_only=True):
        if kept.connection is not None and is_stale(kept.connection):
            kept.close()


if pool.IS_ADDED:
    from sqlalchemy import event
    from sqlalchemy.exc import DisconnectionError
    from sqlalchemy.pool import QueuePool

    @event.listens_for(QueuePool, "checkout")
    def discard_stale(connection: Connection, _record: Any, _proxy: Any) -> None:
        """What the pool has kept (`pooled`); pooled/base.py does it for Django's."""
        if is_stale(connection):
            raise DisconnectionError

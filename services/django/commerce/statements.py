"""DEBUG=on: each statement is kept with its time until the next request, as under Django's DEBUG.

Django's setting itself stays off: its pages would show the inside of the service to a client.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver


@receiver(connection_created)
def keep_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    connection.force_debug_cursor = True

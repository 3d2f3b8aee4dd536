from typing import Any

import psycopg
from django.db.backends.postgresql import base

from commerce.stale import is_stale


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, but a connection that the server has closed is not lent.

    `CONN_HEALTH_CHECKS` would find it by a statement: see stale.py.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        connection = super().get_new_connection(conn_params)
        while is_stale(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

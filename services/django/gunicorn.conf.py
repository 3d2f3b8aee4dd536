"""gunicorn reads this file of itself. It takes the number of workers from WEB_CONCURRENCY."""

import os
import secrets

# Of the parent: each of its workers is the same start of the service.
os.environ["SERVICE_INSTANCE"] = secrets.token_hex(8)

wsgi_app = "commerce.wsgi:application"
bind = f"{os.environ.get('HOST') or '0.0.0.0'}:{os.environ.get('PORT') or 3000}"
# A thread serves one request at a time, on one database connection. With one thread gunicorn
# takes its synchronous worker, which closes a connection after each answer.
threads = int(os.environ.get("DB_WORKERS") or 10)
# The front door keeps idle connections for 60 s, and up to 512 of them: this side must keep
# them longer, and hold more. They occupy no thread.
keepalive = 75
worker_connections = 4096
graceful_timeout = 9
# As much as the front door lets through.
limit_request_line = 8190
limit_request_fields = 4096
# No client says for itself under what path or by what scheme it came.
forwarded_allow_ips = ""
control_socket_disable = True

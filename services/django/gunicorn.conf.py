"""gunicorn reads this file of itself. It takes the number of workers from WEB_CONCURRENCY."""

import os
import secrets

# Of the parent: each of its workers is the same start of the service.
os.environ["SERVICE_INSTANCE"] = secrets.token_hex(8)

wsgi_app = "commerce.wsgi:application"
bind = f"{os.environ.get('HOST') or '0.0.0.0'}:{os.environ.get('PORT') or 3000}"
worker_class = "commerce.worker.ProblemWorker"  # gthread
# A thread serves one request at a time, on one database connection.
threads = int(os.environ.get("DB_WORKERS") or 10)
# The front door keeps idle connections for 60 s, and up to 512 of them: this side must keep
# them longer, and hold more. They occupy no thread, and nor do those that are slow.
keepalive = 75
worker_connections = 4096
graceful_timeout = 9
# The limits of the contract are kept by commerce/intake.py, before gunicorn sees a head.
limit_request_line = 0
limit_request_fields = 32768
limit_request_field_size = 65536
# No client says for itself under what path or by what scheme it came.
forwarded_allow_ips = ""
control_socket_disable = True

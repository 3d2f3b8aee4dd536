"""gunicorn reads this file of itself. It takes the number of workers from WEB_CONCURRENCY."""

import os

wsgi_app = "commerce.wsgi:application"
bind = f"{os.environ.get('HOST') or '0.0.0.0'}:{os.environ.get('PORT') or 3000}"
worker_class = "commerce.worker.ProblemWorker"  # gthread
# A thread serves one request at a time, on one database connection.
threads = int(os.environ.get("DB_WORKERS") or 10)
# The front door keeps idle connections for 60 s, and up to 512 of them: this side must keep
# them longer, and hold more (worker_connections is 1,000). They occupy no thread.
keepalive = 75
graceful_timeout = 9
# No limit: gunicorn has none between 8,190 and none, and the contract allows 16 KiB.
limit_request_line = 0
control_socket_disable = True

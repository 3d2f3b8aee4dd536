import os
import secrets

import uvicorn

from commerce.settings import settings

# Of the parent: each of its workers is the same start of the service.
os.environ["SERVICE_INSTANCE"] = secrets.token_hex(8)

# The front door keeps idle connections for 60 s: this side must keep them longer.
uvicorn.run(
    "commerce.app:app",
    host=settings.host,
    port=settings.port,
    ws="none",
    access_log=False,
    timeout_keep_alive=75,
    timeout_graceful_shutdown=9,
)

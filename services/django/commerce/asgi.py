"""Django under ASGI: for the test that counts the connections it leaves open."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commerce.settings")

application = get_asgi_application()

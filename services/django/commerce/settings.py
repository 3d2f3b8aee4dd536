"""The settings of a JSON service: no sessions, no users, no forms, no templates."""

from commerce import article, request_log
from commerce.databases import database

DEBUG = False  # see statements.py
ALLOWED_HOSTS = ["*"]  # the front door names the host
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False

ROOT_URLCONF = "commerce.rest.urls" if article.HAS_REST else "commerce.urls"
INSTALLED_APPS = ["commerce"]
MIDDLEWARE = [
    *(["commerce.request_log.middleware"] if article.LOGS_REQUESTS else []),
    "django.middleware.common.CommonMiddleware",  # Content-Length
    "commerce.middleware.ProblemMiddleware",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # tokens.py
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "commerce.rest.refusal.problem_of",
}

DATABASES = {"default": database()}

_REQUESTS = request_log.handlers() if article.LOGS_REQUESTS else {}
LOGGING = {
    "version": 1,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}, **_REQUESTS},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "ERROR"},
        request_log.NAME: {"handlers": [*_REQUESTS], "level": "INFO"},
    },
}

"""The settings of a JSON service: no sessions, no users, no forms, no templates."""

from commerce.databases import database

DEBUG = False
ALLOWED_HOSTS = ["*"]  # the front door names the host
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 16_384

ROOT_URLCONF = "commerce.urls"
INSTALLED_APPS = ["commerce"]
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",  # Content-Length
    "commerce.middleware.ProblemMiddleware",
]

DATABASES = {"default": database()}

LOGGING = {
    "version": 1,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR"}},
}

"""The settings of a site without a database; everything else is Django's default."""

from typing import Final

SECRET_KEY: Final = "of no use: nothing is signed"
ALLOWED_HOSTS: Final = ["127.0.0.1", "testserver"]
ROOT_URLCONF: Final = "tests.django.site.urls"
INSTALLED_APPS: Final = ["tests.django.site"]
MIDDLEWARE: Final[list[str]] = []
DATABASES: Final[dict[str, object]] = {}
USE_TZ: Final = True
# On stderr, where the tests look for what should not be there.
LOGGING: Final = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

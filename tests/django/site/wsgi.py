"""What gunicorn runs."""

import os

from django.core.wsgi import get_wsgi_application

# Imported by the first request, unless the site does so itself.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django.site.settings")
application = get_wsgi_application()

import tests.django.site.urls  # noqa: E402, F401  # with --preload this is before the fork

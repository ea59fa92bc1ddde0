"""The entry of ``INSTALLED_APPS``."""

from django.apps import AppConfig
from django.core import checks

from xai.django.checks import check_settings


class XAIConfig(AppConfig):
    """Registers the system checks."""

    name = "xai.django"
    label = "xai"
    verbose_name = "xAI"

    def ready(self) -> None:
        """Register the checks, which ``manage.py check`` runs."""
        checks.register(check_settings)

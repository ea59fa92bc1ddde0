"""What ``manage.py check`` says of the setting ``XAI``."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.apps.config import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from xai._annotations import resolve_lazily
from xai.django.clients import arguments

if TYPE_CHECKING:
    from django.core.checks.messages import CheckMessage


def check_settings(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> "list[CheckMessage]":
    """Return an error for a setting that no client can be made of, and a warning without a key.

    Args:
        app_configs: The applications to check, or None for all.
        kwargs: Whatever else Django passes.
    """
    del app_configs, kwargs
    try:
        found = arguments()
        if not found.get("api_key") and not os.environ.get("XAI_API_KEY"):
            hint = "Set the environment variable XAI_API_KEY where the site runs."
            return [checks.Warning("There is no xAI API key.", hint=hint, id="xai.W001")]
        from xai.v1 import Client

        with Client(**found):  # type: ignore[arg-type]  # that is what is checked
            return []
    except ImproperlyConfigured as error:
        return [checks.Error(f"{error}.", id="xai.E001")]
    except (TypeError, ValueError, ImportError) as error:
        return [checks.Error(f"The setting XAI is not valid: {error}.", id="xai.E002")]


resolve_lazily(globals())

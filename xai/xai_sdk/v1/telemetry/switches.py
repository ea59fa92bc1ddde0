"""The switches of the environment, read when they matter."""

import os


def should_disable_tracing() -> bool:
    """Tell whether there are to be no spans at all."""
    return _is_set("XAI_SDK_DISABLE_TRACING")


def should_disable_sensitive_attributes() -> bool:
    """Tell whether spans are to say nothing of what was asked and answered."""
    return _is_set("XAI_SDK_DISABLE_SENSITIVE_TELEMETRY_ATTRIBUTES")


def _is_set(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "true")

"""Traces of calls, with the names and attributes of that package."""

from xai.xai_sdk.v1.telemetry.config import (
    Telemetry,
    get_tracer,
    should_disable_sensitive_attributes,
)

__all__ = ["Telemetry", "get_tracer", "should_disable_sensitive_attributes"]

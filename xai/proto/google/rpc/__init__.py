# Generated from the package google.rpc (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The messages and enums of the package google.rpc, each loaded when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xai.proto.google.rpc.error_details import (
        BadRequest,
        BadRequestFieldViolation,
        DebugInfo,
        ErrorInfo,
        Help,
        HelpLink,
        LocalizedMessage,
        PreconditionFailure,
        PreconditionFailureViolation,
        QuotaFailure,
        QuotaFailureViolation,
        RequestInfo,
        ResourceInfo,
        RetryInfo,
    )
    from xai.proto.google.rpc.status import Status
else:

    def __getattr__(name):
        """Load a message or an enum when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the messages and enums, loaded or not."""
    return sorted({*globals(), *__all__})


_HOMES = {
    "BadRequest": "error_details",
    "BadRequestFieldViolation": "error_details",
    "DebugInfo": "error_details",
    "ErrorInfo": "error_details",
    "Help": "error_details",
    "HelpLink": "error_details",
    "LocalizedMessage": "error_details",
    "PreconditionFailure": "error_details",
    "PreconditionFailureViolation": "error_details",
    "QuotaFailure": "error_details",
    "QuotaFailureViolation": "error_details",
    "RequestInfo": "error_details",
    "ResourceInfo": "error_details",
    "RetryInfo": "error_details",
    "Status": "status",
}

__all__ = [
    "BadRequest",
    "BadRequestFieldViolation",
    "DebugInfo",
    "ErrorInfo",
    "Help",
    "HelpLink",
    "LocalizedMessage",
    "PreconditionFailure",
    "PreconditionFailureViolation",
    "QuotaFailure",
    "QuotaFailureViolation",
    "RequestInfo",
    "ResourceInfo",
    "RetryInfo",
    "Status",
]

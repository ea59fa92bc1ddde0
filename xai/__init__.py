"""A Python client for the xAI API: blocking first, typed throughout, with an asynchronous twin.

Names are loaded when they are first used: importing the package loads neither asyncio nor
grpclib, and neither does constructing a client.
"""

from typing import TYPE_CHECKING

from xai._version import __version__

if TYPE_CHECKING:
    from xai._sentinel import NOT_GIVEN, NotGiven
    from xai.aio.client import AsyncClient
    from xai.errors import (
        AbortedError,
        AlreadyExistsError,
        APIConnectionError,
        APIError,
        AuthenticationError,
        BlockingCallWarning,
        CancelledError,
        DeadlineExceededError,
        FailedPreconditionError,
        InternalServerError,
        InvalidArgumentError,
        NotFoundError,
        OutOfRangeError,
        PermissionDeniedError,
        RateLimitError,
        ServiceUnavailableError,
        StatusCode,
        UnimplementedError,
        XAIError,
    )
    from xai.options import RetryPolicy, Timeouts
    from xai.sync.check import does_it_work
    from xai.sync.client import Client
    from xai.types import AsyncStream, Stream, Token, TokenBudget, TokenTransaction, TokenType

_ERRORS = (
    "APIConnectionError",
    "APIError",
    "AbortedError",
    "AlreadyExistsError",
    "AuthenticationError",
    "BlockingCallWarning",
    "CancelledError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "InternalServerError",
    "InvalidArgumentError",
    "NotFoundError",
    "OutOfRangeError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServiceUnavailableError",
    "StatusCode",
    "UnimplementedError",
    "XAIError",
)
_HOMES = {
    "AsyncClient": "xai.aio.client",
    "AsyncStream": "xai.types",
    "Client": "xai.sync.client",
    "NOT_GIVEN": "xai._sentinel",
    "NotGiven": "xai._sentinel",
    "RetryPolicy": "xai.options",
    "Stream": "xai.types",
    "Timeouts": "xai.options",
    "Token": "xai.types",
    "TokenBudget": "xai.types",
    "TokenTransaction": "xai.types",
    "TokenType": "xai.types",
    "does_it_work": "xai.sync.check",
    **dict.fromkeys(_ERRORS, "xai.errors"),
}

__all__ = [  # noqa: RUF022  # a test holds that it is sorted and complete
    "APIConnectionError",
    "APIError",
    "AbortedError",
    "AlreadyExistsError",
    "AsyncClient",
    "AsyncStream",
    "AuthenticationError",
    "BlockingCallWarning",
    "CancelledError",
    "Client",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "InternalServerError",
    "InvalidArgumentError",
    "NOT_GIVEN",
    "NotFoundError",
    "NotGiven",
    "OutOfRangeError",
    "PermissionDeniedError",
    "RateLimitError",
    "RetryPolicy",
    "ServiceUnavailableError",
    "StatusCode",
    "Stream",
    "Timeouts",
    "Token",
    "TokenBudget",
    "TokenTransaction",
    "TokenType",
    "UnimplementedError",
    "XAIError",
    "__version__",
    "does_it_work",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'xai' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)

"""A Python client for the xAI API: blocking first, typed throughout, with an asynchronous twin.

Names are loaded when they are first used: importing the package loads neither asyncio nor
grpclib, and neither does constructing a client.

PYTEST_DONT_REWRITE: else pytest, which loads the package's plugin, would warn after ``import xai``.
"""

from typing import TYPE_CHECKING

from xai._version import __version__

if TYPE_CHECKING:
    from xai import v1
    from xai._sentinel import NOT_GIVEN, NotGiven
    from xai._streams import AsyncStream, Stream
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
    from xai.options import Keepalive, RetryEvent, RetryPolicy, Timeouts
    from xai.prompt_ide.types import (
        DebugLog,
        Embedding,
        FileMetadata,
        FileStorage,
        GeneratedImage,
        ImageAttachment,
        SearchContext,
        Sender,
        StatelessResponse,
        Token,
        TokenBudget,
        TokenTransaction,
        TokenType,
        WebSearchResult,
        XPost,
    )
    from xai.sync.client import Client
    from xai.sync.prompt_ide.does_it_work import does_it_work
    from xai.xai_sdk.install import install_as_xai_sdk

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
_TYPES = (
    "DebugLog",
    "Embedding",
    "FileMetadata",
    "FileStorage",
    "GeneratedImage",
    "ImageAttachment",
    "SearchContext",
    "Sender",
    "StatelessResponse",
    "Token",
    "TokenBudget",
    "TokenTransaction",
    "TokenType",
    "WebSearchResult",
    "XPost",
)
_HOMES = {
    "AsyncClient": "xai.aio.client",
    "AsyncStream": "xai._streams",
    "Client": "xai.sync.client",
    "Keepalive": "xai.options",
    "NOT_GIVEN": "xai._sentinel",
    "NotGiven": "xai._sentinel",
    "RetryEvent": "xai.options",
    "RetryPolicy": "xai.options",
    "Stream": "xai._streams",
    "Timeouts": "xai.options",
    "does_it_work": "xai.sync.prompt_ide.does_it_work",
    "install_as_xai_sdk": "xai.xai_sdk.install",
    "v1": "xai",
    **dict.fromkeys(_TYPES, "xai.prompt_ide.types"),
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
    "DebugLog",
    "Embedding",
    "FailedPreconditionError",
    "FileMetadata",
    "FileStorage",
    "GeneratedImage",
    "ImageAttachment",
    "InternalServerError",
    "InvalidArgumentError",
    "Keepalive",
    "NOT_GIVEN",
    "NotFoundError",
    "NotGiven",
    "OutOfRangeError",
    "PermissionDeniedError",
    "RateLimitError",
    "RetryEvent",
    "RetryPolicy",
    "SearchContext",
    "Sender",
    "ServiceUnavailableError",
    "StatelessResponse",
    "StatusCode",
    "Stream",
    "Timeouts",
    "Token",
    "TokenBudget",
    "TokenTransaction",
    "TokenType",
    "UnimplementedError",
    "WebSearchResult",
    "XAIError",
    "XPost",
    "__version__",
    "does_it_work",
    "install_as_xai_sdk",
    "v1",
]


if not TYPE_CHECKING:  # a type checker knows the names and finds misspelt ones

    def __getattr__(name: str) -> object:
        """Load a public name when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'xai' has no attribute {name!r}")
        from importlib import import_module

        if name == "v1":
            return import_module("xai.v1")
        value: object = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)

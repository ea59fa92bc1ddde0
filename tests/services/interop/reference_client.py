"""The two clients of xai_sdk, which tests drive in the same way.

They are loaded as a set of their own, so that their classes know each other, and the name of the
package is free again afterwards; see `tests.reference`.
"""

import asyncio
import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, TypeAlias, TypeVar
from unittest import mock

import grpc
import pytest
from typing_extensions import Self

from tests.reference import load
from xai.testing import LocalServer

#: Something of xai_sdk, which has no types.
Reference: TypeAlias = Any

T = TypeVar("T")

MODEL: Final = "grok-local"
#: What the local model says to a question, when it is greedy.
QUESTION: Final = "Does it work?"
ANSWER: Final = "Yes, it does."

# Its spans would go to whatever provider another test of the process has installed.
with mock.patch.dict(os.environ, {"XAI_SDK_DISABLE_TRACING": "1"}):
    _modules: Final = load("sync.client", "aio.client", "chat", "tools", "search", "proto")
chat: Final[Reference] = _modules[2]
tools: Final[Reference] = _modules[3]
search: Final[Reference] = _modules[4]
chat_pb2: Final[Reference] = _modules[5].chat_pb2

#: The batch methods announce that they will be deprecated some day, each time they are called.
batches = pytest.mark.filterwarnings(
    r"ignore:chat\.\w+_batch will be deprecated:PendingDeprecationWarning"
)

#: What a tool for the weather is told.
WEATHER: Final = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "description": "The city."},
        "days": {"type": "integer", "minimum": 1, "maximum": 7},
        "unit": {"enum": ["celsius", "kelvin"]},
    },
    "required": ["city", "days", "unit"],
    "additionalProperties": False,
}


class ReferenceClient:
    """The blocking client of xai_sdk.

    Args:
        host: The server, as ``host:port``.
        key: The API key.
        options: Further arguments of the client.

    Attributes:
        client: The client itself.
    """

    client: Reference

    def __init__(self, host: str, key: str, **options: object) -> None:
        self.client = _modules[0].Client(api_key=key, api_host=host, **options)

    def __enter__(self) -> Self:
        """Return the client, which is connected when it is first used."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.client.close()

    def ask(self, *said: Reference, **settings: object) -> Reference:
        """Return a chat in which texts and messages were said; it is greedy by default."""
        messages = [chat.user(one) if isinstance(one, str) else one for one in said]
        settings = {"model": MODEL, "temperature": 0.0, **settings}
        return self.client.chat.create(messages=messages, **settings)

    def wait(self, result: Reference) -> Reference:
        """Return what a method returns."""
        return result

    def watch(self, stream: Reference, look: Callable[[Reference, Reference], T]) -> list[T]:
        """Read a stream to its end, and return what is seen at each of its steps."""
        return [look(so_far, chunk) for so_far, chunk in stream]


class ReferenceAsyncClient(ReferenceClient):
    """The asynchronous client of xai_sdk, with an event loop of its own."""

    def __init__(self, host: str, key: str, **options: object) -> None:
        self._loop = asyncio.new_event_loop()
        self.client = self.wait(self._make(host, key, options))

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client, then the loop."""
        try:
            self.wait(self.client.close())
        finally:
            self._loop.close()

    def wait(self, result: Reference) -> Reference:
        """Return what a coroutine returns."""
        return self._loop.run_until_complete(result)

    def watch(self, stream: Reference, look: Callable[[Reference, Reference], T]) -> list[T]:
        """Read a stream to its end, and return what is seen at each of its steps."""
        seen: list[T] = self.wait(self._seen(stream, look))
        return seen

    async def _make(self, host: str, key: str, options: dict[str, object]) -> Reference:
        # Within the loop, because it is bound to the one that runs.
        return _modules[1].Client(api_key=key, api_host=host, **options)

    async def _seen(self, stream: Reference, look: Callable[[Reference, Reference], T]) -> list[T]:
        return [look(so_far, chunk) async for so_far, chunk in stream]


def weather() -> Reference:
    """Return a tool that tells the weather."""
    return chat.tool("get_weather", "Tells the weather in a city.", WEATHER)


def sent(asked: Reference, n: int = 1) -> Reference:
    """Return the request that a chat stands for."""
    request = chat_pb2.GetCompletionsRequest()
    request.CopyFrom(asked.proto)
    request.n = n
    return request


def received(server: LocalServer) -> Reference:
    """Return the last request that arrived, once more as a message of xai_sdk."""
    request: Any = server.calls[-1].request
    return chat_pb2.GetCompletionsRequest.FromString(bytes(request))


def methods(server: LocalServer) -> list[str]:
    """Return the names of the methods that were called."""
    return [call.method.rpartition("/")[2] for call in server.calls]


def refused(reference: ReferenceClient, call: Reference) -> tuple[grpc.StatusCode, str]:
    """Return the status and the text with which a call fails."""
    with pytest.raises(grpc.RpcError) as caught:
        reference.wait(call())
    error: Any = caught.value
    return error.code(), error.details()

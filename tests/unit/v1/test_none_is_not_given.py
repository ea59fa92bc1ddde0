"""None stands for an optional argument that is not given, in all that makes parts of requests."""

import enum
import inspect
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import xai
from xai import v1
from xai.proto.base import Message

#: What a call returns or raises; users make it in their tests at most, and the server says all.
RESULTS = frozenset(
    {
        *("BatchState", "Chunk", "EmbeddingUsage", "Embeddings", "Response", "TextCompletion"),
        *("Usage", "DebugLog", "GeneratedImage", "SearchContext", "StatelessResponse", "Token"),
        *("WebSearchResult", "XPost"),
    }
)
#: Where None could be meant in another way, such as "without a limit", so it has that meaning or is
#: refused by name. The methods of clients and chats are tried over a socket.
OWN_MEANING = frozenset(
    {"Timeouts", "Keepalive", "RetryPolicy", "Client", "AsyncClient", "Chat", "AsyncChat"}
    # It changes the process, and has tests in processes of their own.
    | {"install_as_xai_sdk"}
)


def double(number: int) -> int:
    """Double a number."""
    return 2 * number


#: What they need.
NEEDED: dict[str, tuple[object, ...]] = {
    "ChunkConfiguration": ("chars", 100),
    "FieldDefinition": ("field",),
    "FunctionTool": (double,),
    "image": ("https://example.com/a.png",),
    "tool": (double,),
}


def optional(made: Callable[..., object]) -> list[str]:
    """Return the parameters whose default is a value, and is to be the same as None."""
    try:
        parameters = inspect.signature(made).parameters.values()
    except ValueError:
        # A class of Python's own, such as a TypedDict.
        return []
    return [p.name for p in parameters if p.default not in (p.empty, None)]


def public() -> dict[str, Any]:
    """Return whatever public thing has such parameters, by name."""
    found = {name: getattr(home, name) for home in (xai, v1) for name in home.__all__}
    return {
        name: thing
        for name, thing in found.items()
        if callable(thing)
        and not (inspect.isclass(thing) and issubclass(thing, (Message, BaseException, enum.Enum)))
        and name not in RESULTS | OWN_MEANING
        and optional(thing)
    }


@pytest.mark.parametrize("name", public())
def test_none_makes_the_same_as_nothing(name: str) -> None:
    """Whatever is public and takes optional arguments takes None for them."""
    make = public()[name]
    needed = NEEDED.get(name, ())
    usual, none = make(*needed), make(*needed, **dict.fromkeys(optional(make)))
    if isinstance(usual, v1.FunctionTool):
        assert attrs.asdict(none, recurse=False) == attrs.asdict(usual, recurse=False)
    else:
        assert (none == usual, repr(none)) == (usual == usual, repr(usual))  # noqa: PLR0124  # some have no ==


def test_none_of_a_declared_tool() -> None:
    """A function that is only described takes None as well."""
    parameters = {"type": "object"}
    usual = v1.tool("look", "Looks.", parameters)
    assert v1.tool("look", "Looks.", parameters, strict=None) == usual

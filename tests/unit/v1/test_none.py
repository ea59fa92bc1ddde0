"""None stands for an optional argument that is not given in the constructors of `xai.v1`, too."""

import inspect
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import xai
from xai import v1

#: What each constructor needs.
NEEDED: dict[str, dict[str, Any]] = {
    "image": {"image_url": "https://example.com/a.png"},
    "SearchParameters": {},
    "ChunkConfiguration": {"unit": "chars", "max_size": 5},
    "FieldDefinition": {"key": "a"},
    "ReciprocalRankFusion": {},
}
#: Values that calls return: nobody constructs them with None.
RESULTS = (
    "BatchState",
    "Chunk",
    "EmbeddingUsage",
    "Embeddings",
    "Response",
    "Usage",
    "AsyncChat",
    "AsyncBatchResult",
    "AsyncImageResponse",
    "AsyncVideoJob",
    "AsyncVideoResponse",
    "BatchResult",
    "BatchRequest",
    "Chat",
    "ImageResponse",
    "VideoJob",
    "VideoResponse",
    "Content",
    "Message",
    "Tool",
    "ToolCall",
    "FunctionTool",
)


def optional(function: Callable[..., object]) -> list[str]:
    """Return the parameters whose default is a value."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [item.name for item in parameters if item.default not in (item.empty, None)]


def constructors() -> list[str]:
    """Return the public functions and classes that have such parameters."""
    names = []
    for name in v1.__all__:
        value = getattr(v1, name)
        if (
            name in RESULTS
            or not callable(value)
            or not (inspect.isfunction(value) or attrs.has(value))
        ):
            continue
        if optional(value):
            names.append(name)
    return names


def plain(value: Any) -> object:  # noqa: ANN401  # of any of them
    """Return what can be compared."""
    return value.to_proto() if hasattr(value, "to_proto") else value


@pytest.mark.parametrize("name", [name for name in constructors() if name != "tool"])
def test_none_is_not_given(name: str) -> None:
    """With None for every optional argument it makes what it makes without them."""
    make, needed = getattr(v1, name), NEEDED.get(name, {})
    usual, none = make(**needed), make(**needed, **dict.fromkeys(optional(make)))
    assert plain(none) == plain(usual)


def test_constructors_are_found() -> None:
    """The search for them finds those that have such arguments."""
    assert {"image", "assistant", "SearchParameters", "web_source", "news_source"} <= set(
        constructors()
    )


def _foreign() -> dict[str, Any]:
    chat = pytest.importorskip("xai_sdk.chat")
    return {
        "message": chat.user("Hello"),
        "part": chat.image("https://example.com/a.png"),
        "tool": chat.tool("name", "description", {}),
    }


def test_message_of_xai_sdk_is_refused_by_name() -> None:
    """An error says that a message is xai_sdk's, and what makes one that fits."""
    foreign = _foreign()
    create = xai.Client("the key of nobody").v1.chat.create
    chat = create("grok")
    refusals: list[tuple[Callable[[], object], str]] = [
        (lambda: chat.append(foreign["message"]), "the Message of the package xai_sdk"),
        (lambda: create("grok", messages=[foreign["message"]]), "Message of the package xai_sdk"),
        (lambda: v1.user(foreign["part"]), "the Content of the package xai_sdk"),
        (lambda: create("grok", tools=[foreign["tool"]]), "the Tool of the package xai_sdk"),
    ]
    for refused, said in refusals:
        with pytest.raises(TypeError, match=said) as caught:
            refused()
        assert "xai.v1." in str(caught.value)
    with pytest.raises(TypeError, match="not list"):
        chat.append([v1.user("a")])  # type: ignore[arg-type]  # the point of the test

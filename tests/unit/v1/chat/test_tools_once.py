"""The work of describing a function to a model."""

import pytest

import xai
from tests.support import SECRET_KEY
from xai.v1.chat import functions


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def test_each_function_is_described_once_for_a_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types and docstring of a function are read once, not once for each use of the tools."""
    described: list[object] = []
    original = functions.as_tool

    def counted(function: object) -> object:
        described.append(function)
        return original(function)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(functions, "as_tool", counted)
    chat = xai.Client(SECRET_KEY).v1.chat.create("m", tools=[add])
    assert described == [add]
    assert list(chat.functions) == ["add"]
    assert [tool.function.name for tool in chat.proto.tools] == ["add"]

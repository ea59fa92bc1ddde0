"""Arguments of the local server's scripted answers and replies that are refused at the call."""

import math

import pytest

from xai import v1
from xai.proto.xai_api.chat import CHAT_GET_COMPLETION, GetChatCompletionChunk
from xai.testing import LocalServer

SERVER = LocalServer()


async def coroutine(_: object) -> bool:
    """Be no condition."""
    return True


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "ValueError: pass either an answer or tool="),
        ({"answer": "a", "tool": ("f", {})}, "ValueError: pass either an answer or tool="),
        ({"answer": 42}, "TypeError: answer must be a text, a mapping, or an instance .* not int"),
        ({"answer": b"42"}, "TypeError: answer must be a text, .* not bytes"),
        ({"answer": LocalServer}, "TypeError: answer must be a value, not the class LocalServer"),
        ({"answer": v1.user("a")}, r"TypeError: answer must be .* reply\(\) takes whole messages"),
        ({"answer": []}, "ValueError: answer must not be an empty sequence"),
        ({"answer": ["a", 1]}, r"TypeError: answer\[1\] must be a text"),
        ({"answer": {"a": object()}}, "TypeError: answer has no form in JSON"),
        ({"answer": {"a": math.nan}}, "ValueError: answer has no form in JSON"),
        ({"answer": "\ud800"}, "ValueError: answer has half a surrogate pair"),
        ({"tool": "f"}, r"TypeError: tool must be a pair \(name, arguments\), not str"),
        ({"tool": ("f",)}, "ValueError: tool must be a pair .* not 1 items"),
        ({"tool": ("f", 1)}, r"TypeError: tool\[1\] must be the arguments as a mapping"),
        ({"tool": ("", {})}, "ValueError: tool must have the name of a function"),
        ({"tool": []}, "ValueError: tool must not be an empty list"),
        ({"tool": [("f", {}), 2]}, r"TypeError: tool\[1\] must be a pair"),
        ({"answer": "a", "when": 3}, "TypeError: when must be a text, or a function"),
        ({"answer": "a", "when": coroutine}, "TypeError: when must be a plain function"),
        ({"answer": "a", "times": 0}, "ValueError: times must be from 1 to"),
        ({"answer": "a", "times": True}, "TypeError: times must be an int, not bool"),
        ({"answer": ["a", "b"], "times": None}, "ValueError: times=None gives the first answer"),
    ],
)
def test_answer_that_can_not_be_given(arguments: dict[str, object], error: str) -> None:
    """The error names the argument; nothing is left waiting for a request."""
    kind, _, text = error.partition(": ")
    with pytest.raises((TypeError, ValueError), match=text) as caught:
        SERVER.answer(**arguments)  # type: ignore[arg-type]  # what is tested
    assert type(caught.value).__name__ == kind
    with SERVER:
        pass


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ("42", r"not str; answer\(\) takes what the model says"),
        (3, "not int"),
        ([b"", None], "not NoneType"),
        (GetChatCompletionChunk(), "GetChatCompletionResponse, not GetChatCompletionChunk"),
        (v1.user("a"), "replies with GetChatCompletionResponse, not Message"),
    ],
)
@pytest.mark.parametrize("method", [CHAT_GET_COMPLETION, "GetCompletion"])
def test_reply_of_another_type(method: object, messages: object, error: str) -> None:
    """A message that the method does not reply with is refused; bytes are sent as they are."""
    with pytest.raises(TypeError, match=error):
        SERVER.reply(method, messages)  # type: ignore[arg-type]  # what is tested

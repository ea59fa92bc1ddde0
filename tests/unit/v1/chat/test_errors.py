import pickle

import pytest

import xai
from xai.proto.xai_api import FunctionCall, GetChatCompletionResponse, ToolCall
from xai.v1.chat.errors import (
    DeferredExpiredError,
    DeferredFailedError,
    DeferredTimeoutError,
    ParseError,
    ToolArgumentsError,
    ToolError,
)
from xai.v1.chat.response import Response
from xai.v1.chat.steps import TurnLimitError
from xai.v1.structured.errors import InvalidShapeError

CALL = ToolCall(id="call-1", function=FunctionCall(name="weather", arguments="{}"))


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (InvalidShapeError("a.b", "a string", "3"), ("path", "expected", "found")),
        (ToolArgumentsError("no", call=CALL), ("call",)),
        (ToolArgumentsError("no"), ("call",)),
        (ToolError("no", call=CALL), ("call",)),
        (TurnLimitError("no", steps=[]), ("steps",)),
        (DeferredExpiredError("no", request_id="r-1"), ("request_id",)),
        (DeferredFailedError("no", request_id="r-1"), ("request_id",)),
        (DeferredTimeoutError("no", request_id="r-1"), ("request_id",)),
    ],
)
def test_errors_survive_pickling_with_their_facts(
    error: xai.XAIError, facts: tuple[str, ...]
) -> None:
    """Message and facts are the same on the other side."""
    back = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert type(back) is type(error)
    assert str(back) == str(error) != ""
    assert repr(back) == repr(error)
    assert [getattr(back, name) for name in facts] == [getattr(error, name) for name in facts]


def test_errors_are_also_what_python_calls_them() -> None:
    """Wrong data is a ValueError, lost patience a TimeoutError, and all are the library's."""
    assert issubclass(InvalidShapeError, ValueError)
    assert issubclass(InvalidShapeError, xai.XAIError)
    assert issubclass(ToolArgumentsError, ValueError)
    assert issubclass(DeferredTimeoutError, TimeoutError)
    with pytest.raises(xai.XAIError, match=r"^waited$"):
        raise DeferredTimeoutError("waited", request_id="r-1")


def test_a_parse_error_keeps_what_was_paid_for() -> None:
    """The answer goes with the error, also to another process."""
    response = Response(GetChatCompletionResponse(id="r-1", model="grok"))
    error = ParseError("no", response=response, text="{")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert (str(back), back.text, back.response.id) == ("no", "{", "r-1")
    assert back.response.proto == response.proto


def test_errors_are_known_by_their_public_names() -> None:
    """They say that they live where users import them from."""
    assert {ParseError.__module__, ToolError.__module__} == {"xai.v1"}
    assert repr(ToolArgumentsError("no")) == "ToolArgumentsError('no')"

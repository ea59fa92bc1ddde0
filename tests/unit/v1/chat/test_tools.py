import inspect
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests import reference
from tests.support import SECRET_KEY
from xai import v1
from xai.proto import xai_api as pb

theirs = reference.tools
pb2 = reference.chat_pb2
documents = reference.documents_pb2

SCHEMA: dict[str, v1.JsonValue] = {
    "type": "object",
    "properties": {"città": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["città"],
}
DATE = datetime(2025, 3, 4, tzinfo=timezone(timedelta(hours=2)))
NAIVE = datetime(2025, 3, 5)  # noqa: DTZ001  # what the test is about
PLACE: dict[str, object] = {
    "user_location_country": "FR",
    "user_location_city": "Paris",
    "user_location_region": "Île-de-France",
    "user_location_timezone": "Europe/Paris",
}

#: The names of constructors, positional and named arguments, the same for both packages.
SAME: list[tuple[str, tuple[object, ...], dict[str, object]]] = [
    ("code_execution", (), {}),
    ("image_generation", (), {}),
    ("image_generation", ("auto",), {}),
    ("image_generation", (), {"action": "generate"}),
    ("image_generation", (), {"action": "edit"}),
    ("collections_search", (["c1"],), {}),
    ("collections_search", (["c1", "c2"], 3), {}),
    ("collections_search", (["c1"],), {"instructions": ""}),
    ("collections_search", (["c1"],), {"instructions": "new ones"}),
    ("collections_search", (["c1"],), {"retrieval_mode": "hybrid"}),
    ("collections_search", (["c1"],), {"retrieval_mode": "semantic"}),
    ("collections_search", (["c1"],), {"retrieval_mode": "keyword"}),
    (
        "collections_search",
        (["c1"],),
        {"limit": 1, "instructions": "a", "retrieval_mode": "keyword"},
    ),
    ("mcp", ("https://a",), {}),
    ("mcp", ("https://a", "label", "for this", ["one", "two"], "Bearer x", {"a": "b"}), {}),
    ("mcp", ("https://a",), {"authorization": ""}),
    ("mcp", ("https://a",), {"server_label": "l"}),
    ("mcp", ("https://a",), {"server_description": "d"}),
    ("mcp", ("https://a",), {"allowed_tool_names": []}),
    ("mcp", ("https://a",), {"extra_headers": {"x": "y"}}),
]


@pytest.mark.parametrize(("name", "args", "named"), SAME)
def test_server_side_tool_has_the_reference_bytes(
    name: str, args: tuple[object, ...], named: dict[str, object]
) -> None:
    """A tool is what xai_sdk makes of the same arguments."""
    ours = getattr(v1, name)(*args, **named)
    assert bytes(ours) == reference.wire(getattr(theirs, name)(*args, **named))


#: What is None here is sent as false by xai_sdk, and not sent by this one.
FLAGS = {
    "web_search": ("enable_image_understanding", "enable_image_search"),
    "x_search": ("enable_image_understanding", "enable_video_understanding"),
}
SEARCHES: list[tuple[str, tuple[object, ...], dict[str, object]]] = [
    ("web_search", (), {}),
    ("web_search", (["a.com"],), {}),
    ("web_search", ([], ["a.com", "b.com"]), {}),
    ("web_search", (), {"enable_image_understanding": True}),
    ("web_search", (), {"enable_image_search": False}),
    ("web_search", (), PLACE),
    *[("web_search", (), {name: value}) for name, value in PLACE.items()],
    ("web_search", (), {"user_location_city": ""}),
    (
        "web_search",
        (["a"] * 5,),
        {**PLACE, "enable_image_understanding": False, "enable_image_search": True},
    ),
    ("x_search", (), {}),
    ("x_search", (DATE, NAIVE), {}),
    ("x_search", (None, None, ["a"]), {}),
    ("x_search", (None, None, [], ["b"]), {}),
    ("x_search", (), {"enable_image_understanding": False}),
    ("x_search", (), {"enable_video_understanding": True}),
    (
        "x_search",
        (DATE, DATE, ["a", "b"]),
        {"enable_image_understanding": True, "enable_video_understanding": True},
    ),
]


@pytest.mark.parametrize(("name", "args", "named"), SEARCHES)
def test_search_has_the_reference_bytes_but_for_flags_not_given(
    name: str, args: tuple[object, ...], named: dict[str, object]
) -> None:
    """A search is what xai_sdk makes of it, less the flags nobody gave."""
    ours = getattr(v1, name)(*args, **named)
    wanted = getattr(theirs, name)(*args, **named)
    for flag in FLAGS[name]:
        assert getattr(wanted, name).HasField(flag)
        if flag not in named:
            getattr(wanted, name).ClearField(flag)
    assert bytes(ours) == reference.wire(wanted)


@pytest.mark.parametrize("mode", ["Hybrid", "Semantic", "Keyword"])
def test_retrieval_mode_may_be_a_message(mode: str) -> None:
    """A message with options is sent as it is, like xai_sdk's."""
    ours = v1.collections_search(["c"], retrieval_mode=getattr(pb, f"{mode}Retrieval")())
    wanted = theirs.collections_search(
        ["c"], retrieval_mode=getattr(documents, f"{mode}Retrieval")()
    )
    assert bytes(ours) == reference.wire(wanted)


def test_attachment_search_is_the_reference_message() -> None:
    """The tool that xai_sdk has no constructor for has its message's bytes."""
    for limit in (None, 1, 2**31 - 1):
        wanted = pb2.Tool(attachment_search=pb2.AttachmentSearch(limit=limit))
        assert bytes(v1.attachment_search(limit)) == reference.wire(wanted)


def test_several_headers_are_read_back() -> None:
    """More than one header arrives, in whatever order."""
    headers = {"b": "1", "a": "2", "": ""}
    ours = v1.mcp("https://a", extra_headers=headers)
    assert dict(pb2.Tool.FromString(bytes(ours)).mcp.extra_headers) == headers


def test_secrets_of_a_server_stay_out_of_the_repr() -> None:
    """Neither the authorization nor a header is shown, in an error neither."""
    made = v1.mcp("https://a", authorization=SECRET_KEY, extra_headers={"x-key": SECRET_KEY})
    assert SECRET_KEY not in repr(made)
    assert SECRET_KEY in bytes(made).decode(errors="replace")
    with pytest.raises(TypeError) as caught:
        v1.mcp("https://a", extra_headers={"x-key": SECRET_KEY.encode()})  # type: ignore[dict-item]  # on purpose
    assert "extra_headers['x-key'] must be a str, not bytes" in str(caught.value)
    assert SECRET_KEY not in str(caught.value)


@pytest.mark.parametrize("schema", [SCHEMA, {}])
def test_declared_function_has_the_reference_bytes(schema: Mapping[str, v1.JsonValue]) -> None:
    """A name, a description and a schema make xai_sdk's message."""
    expected = reference.wire(reference.chat.tool("weather", "The weather.", schema))
    assert bytes(v1.tool("weather", "The weather.", schema)) == expected
    named = v1.tool(name="weather", description="The weather.", parameters=schema)
    assert bytes(named) == expected


def test_declared_function_may_be_strict() -> None:
    """What the reference constructor can't set is in the message."""
    made = v1.tool("f", "", {}, strict=True)
    wanted = pb2.Tool(function=pb2.Function(name="f", strict=True, parameters="{}"))
    assert bytes(made) == reference.wire(wanted)


def test_python_function_becomes_a_tool() -> None:
    """A typed function is its own declaration, and still a function."""

    @v1.tool
    def add(a: int, b: int = 2) -> int:
        """Add numbers."""
        return a + b

    @v1.tool(name="plus", description="Add.", strict=True)
    def other(a: int) -> int:
        return a + 1

    assert isinstance(add, v1.FunctionTool)
    assert (add(1), other(1)) == (3, 2)
    assert [add.name, add.description, add.strict] == ["add", "Add numbers.", False]
    assert [other.name, other.description, other.strict] == ["plus", "Add.", True]
    assert list(inspect.signature(add).parameters) == ["a", "b"]
    schema = json.loads(add.to_proto().function.parameters)
    assert schema["required"] == ["a"]
    by_call = v1.tool(add.function, name="add2")
    assert by_call.name == "add2"
    assert by_call(1, b=5) == 6


def test_required_tool_has_the_reference_bytes() -> None:
    """The choice of a function is xai_sdk's."""
    assert bytes(v1.required_tool("f")) == reference.wire(reference.chat.required_tool("f"))


@pytest.mark.parametrize("number", pb2.ToolCallType.values())
def test_kinds_of_calls_have_the_reference_names(number: int) -> None:
    """Each kind of call is named as xai_sdk names it."""
    ours = v1.get_tool_call_type(pb.ToolCall(type=pb.ToolCallType.try_value(number)))
    assert ours == theirs.get_tool_call_type(pb2.ToolCall(type=number))


def test_unknown_kind_of_call_has_a_name() -> None:
    """A number of a newer server, at which xai_sdk fails, is readable."""
    call = pb.ToolCall.FromString(reference.wire(pb2.ToolCall(type=17)))
    assert v1.get_tool_call_type(call) == "unknown_17"
    with pytest.raises(ValueError, match="17"):
        theirs.get_tool_call_type(pb2.ToolCall(type=17))


def _function(a: int) -> int:
    return a


def _call(function: object, *args: Any, **named: Any) -> Callable[[], object]:  # noqa: ANN401  # wrong on purpose
    """Return a call that type checkers need not understand."""
    return lambda: function(*args, **named)  # type: ignore[operator]  # a constructor


_LIMITS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (_call(v1.web_search, "a.com"), TypeError, "excluded_domains must be a sequence of str, not s"),
    (_call(v1.web_search, ["a"], ["b"]), ValueError, "excluded_domains and allowed_domains can't"),
    (_call(v1.web_search, ["a"] * 6), ValueError, "excluded_domains must have at most 5 items"),
    (_call(v1.web_search, None, ["a"] * 6), ValueError, "allowed_domains must have at most 5"),
    (_call(v1.web_search, None, ["a", 1]), TypeError, r"allowed_domains\[1\] must be a str"),
    (_call(v1.web_search, user_location_country="F"), ValueError, "user_location_country must be"),
    (_call(v1.web_search, user_location_country=3), TypeError, "user_location_country must be a s"),
    (_call(v1.web_search, user_location_city=1), TypeError, "user_location_city must be a str"),
    (_call(v1.web_search, user_location_region=1), TypeError, "user_location_region must be a st"),
    (_call(v1.web_search, user_location_timezone=1), TypeError, "user_location_timezone must be a"),
    (_call(v1.web_search, enable_image_understanding=1), TypeError, "enable_image_understanding m"),
    (_call(v1.web_search, enable_image_search="y"), TypeError, "enable_image_search must be a boo"),
    (_call(v1.x_search, "2025"), TypeError, "from_date must be a datetime, not str"),
    (_call(v1.x_search, None, DATE.date()), TypeError, "to_date must be a datetime, not date"),
    (_call(v1.x_search, NAIVE, DATE), ValueError, "from_date must not be after to_date"),
    (_call(v1.x_search, None, None, ["@a"]), ValueError, r"allowed_x_handles\[0\] must be a name"),
    (
        _call(v1.x_search, None, None, ["a"], ["b"]),
        ValueError,
        "allowed_x_handles and excluded_x_h",
    ),
    (_call(v1.x_search, excluded_x_handles="a"), TypeError, "excluded_x_handles must be a sequenc"),
    (
        _call(v1.x_search, enable_image_understanding=0),
        TypeError,
        "enable_image_understanding must",
    ),
    (
        _call(v1.x_search, enable_video_understanding=0),
        TypeError,
        "enable_video_understanding must",
    ),
    (
        _call(v1.image_generation, "draw"),
        ValueError,
        "action must be one of 'auto', 'generate', 'e",
    ),
    (_call(v1.image_generation, 1), TypeError, "action must be a str, not int"),
    (_call(v1.collections_search, "c1"), TypeError, "collection_ids must be a sequence of str"),
    (_call(v1.collections_search, []), ValueError, "collection_ids must not be empty"),
    (_call(v1.collections_search, ["c"] * 11), ValueError, "collection_ids must have at most 10"),
    (_call(v1.collections_search, ["c"], 0), ValueError, "limit must be from 1 to"),
    (_call(v1.collections_search, ["c"], instructions=1), TypeError, "instructions must be a str"),
    (
        _call(v1.collections_search, ["c"], retrieval_mode="best"),
        ValueError,
        "retrieval_mode must be 'hybrid', .* not 'best'",
    ),
    (_call(v1.collections_search, ["c"], retrieval_mode=1), TypeError, "retrieval_mode must .*int"),
    (_call(v1.attachment_search, 0), ValueError, "limit must be from 1 to"),
    (_call(v1.attachment_search, "9"), TypeError, "limit must be an int, not str"),
    (_call(v1.mcp, ""), ValueError, "server_url must not be empty"),
    (_call(v1.mcp, None), TypeError, "server_url must be a str, not NoneType"),
    (_call(v1.mcp, "a", server_label=1), TypeError, "server_label must be a str"),
    (_call(v1.mcp, "a", server_description=1), TypeError, "server_description must be a str"),
    (
        _call(v1.mcp, "a", allowed_tool_names="f"),
        TypeError,
        "allowed_tool_names must be a sequence",
    ),
    (_call(v1.mcp, "a", authorization=b"x"), TypeError, "authorization must be a str, not bytes"),
    (_call(v1.mcp, "a", extra_headers=[("a", "b")]), TypeError, "extra_headers must be a mapping"),
    (_call(v1.mcp, "a", extra_headers={1: "b"}), TypeError, "extra_headers: a name must be a str"),
    (_call(v1.required_tool, ""), ValueError, "name must not be empty"),
    (_call(v1.required_tool, _function), TypeError, "name must be a str, not function"),
    (_call(v1.get_tool_call_type, "client"), TypeError, "call must be a ToolCall, not str"),
    (_call(v1.tool, "f"), TypeError, "description must be a str, not NoneType"),
    (_call(v1.tool, "f", "d"), TypeError, "parameters must be a JSON schema .* not NoneType"),
    (_call(v1.tool, "f", "d", "{}"), TypeError, "parameters must be a JSON schema .* not str"),
    (_call(v1.tool, "f", "d", {"a": object()}), TypeError, "parameters must be a JSON schema: "),
    (_call(v1.tool, "f", "d", {"a": float("nan")}), TypeError, "parameters must be a JSON schema"),
    (_call(v1.tool, "", "d", {}), ValueError, "name must not be empty"),
    (_call(v1.tool, 1, "d", {}), TypeError, "name must be a str, not int"),
    (_call(v1.tool, "f", "d", {}, name="g"), TypeError, "name is given twice"),
    (_call(v1.tool, "f", "d", {}, strict=1), TypeError, "strict must be a bool, not int"),
    (_call(v1.tool, _function, name=""), ValueError, "name must not be empty"),
    (_call(v1.tool, _function, name=1), TypeError, "name must be a str, not int"),
    (_call(v1.tool, _function, description=1), TypeError, "description must be a str, not int"),
    (_call(v1.tool, _function, strict="yes"), TypeError, "strict must be a bool, not str"),
    (_call(v1.tool, _function, parameters={}), TypeError, "parameters can't be given for a functi"),
    (_call(v1.tool, lambda a: a), ValueError, "name"),
]


@pytest.mark.parametrize(("call", "error", "match"), _LIMITS)
def test_wrong_argument_is_named(
    call: Callable[[], object], error: type[Exception], match: str
) -> None:
    """Each mistake is an error at the call that says which argument is wrong and why."""
    with pytest.raises(error, match=match):
        call()

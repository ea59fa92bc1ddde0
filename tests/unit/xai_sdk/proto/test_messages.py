"""Messages in protobuf's manner over this library's: what programs of xai-sdk 1.x do with them."""

# ruff: noqa: ANN401, S301  # messages are made at run time, and pickles here

import copy
import pickle
import sys
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import numpy as np
import pytest
from google.protobuf import json_format, message, text_format, timestamp_pb2

from tests import reference
from tests.support import run_child
from xai.proto import xai_api
from xai.xai_sdk.v1.proto import messages, modules

chat_pb2: Final[Any] = modules.load("chat_pb2")
BOTH: Final = pytest.mark.parametrize("pb2", [chat_pb2, reference.chat_pb2], ids=["ours", "theirs"])


@BOTH
@pytest.mark.parametrize(
    "touch",
    [
        lambda part: part.SetInParent(),
        lambda part: part.Clear(),
        lambda part: part.ClearField("schema"),
        lambda part: part.CopyFrom(type(part)()),
        lambda part: part.MergeFrom(type(part)()),
        lambda part: part.ParseFromString(b""),
        lambda part: setattr(part, "format_type", 0),
        lambda part: setattr(part, "format_type", "FORMAT_TYPE_TEXT"),
    ],
)
def test_change_of_an_empty_part_sets_it_in_its_message(pb2: Any, touch: Any) -> None:
    """Whatever is done to it; reading alone does not."""
    request = pb2.GetCompletionsRequest()
    part = request.response_format
    assert (part.schema, part.format_type) == ("", 0)
    assert not request.HasField("response_format")
    assert request.SerializeToString() == b""
    touch(part)
    assert request.HasField("response_format")
    part.schema = "{}"
    assert request.response_format.schema == "{}"


@BOTH
def test_part_that_was_cleared_is_on_its_own(pb2: Any) -> None:
    """What is set in it afterwards is not in the message."""
    request = pb2.GetCompletionsRequest()
    part = request.response_format
    part.schema = "a"
    stop = request.stop
    stop.append("a")
    request.ClearField("response_format")
    request.ClearField("stop")
    part.schema = "b"
    stop.append("b")
    assert (part.schema, stop) == ("b", ["a", "b"])
    assert request.SerializeToString() == b""


@BOTH
def test_parts_that_were_read_before_parsing_show_what_was_parsed(pb2: Any) -> None:
    """A message, a list, a map and a time that were empty."""
    request, source = pb2.GetCompletionsRequest(), pb2.GetCompletionsRequest()
    part, inner, stop = request.search_parameters, request.search_parameters.from_date, request.stop
    source.search_parameters.from_date.seconds = 5
    source.stop.append("a")
    request.MergeFromString(source.SerializeToString())
    assert (part.from_date.seconds, inner.seconds, stop) == (5, 5, ["a"])
    part.to_date.nanos = 7
    inner.nanos = 8
    assert request.search_parameters.to_date.nanos == 7
    assert request.search_parameters.from_date.nanos == 8


@BOTH
@pytest.mark.parametrize(
    ("mistake", "error"),
    [
        (lambda pb2: pb2.Message(1), TypeError),
        (lambda pb2: pb2.Message(roll=1), ValueError),
        (lambda pb2: pb2.Message(role="USER"), ValueError),
        (lambda pb2: pb2.Message(role=2**31), ValueError),
        (lambda pb2: pb2.Message(role=1.0), TypeError),
        (lambda pb2: pb2.Message(role=True), TypeError),
        (lambda pb2: pb2.Message(content=5), TypeError),
        (lambda pb2: pb2.Message(content="text"), TypeError),
        (lambda pb2: pb2.Message(content=[None]), TypeError),
        (lambda pb2: pb2.Message(content=[{"txt": "a"}]), ValueError),
        (lambda pb2: pb2.Message(content=[{"text": 5}]), TypeError),
        (lambda pb2: pb2.Message(content=[pb2.Message()]), TypeError),
        (lambda pb2: pb2.MCP(extra_headers={"a": 1}), TypeError),
        (lambda pb2: pb2.LogProb(bytes="abc"), TypeError),
        (lambda pb2: pb2.LogProb(logprob="1"), TypeError),
        (lambda pb2: pb2.Message(name="\ud800"), UnicodeEncodeError),
        (lambda pb2: pb2.Message(name=b"\xff"), UnicodeDecodeError),
        (lambda pb2: pb2.Message().roll, AttributeError),
        (lambda pb2: setattr(pb2.Message(), "roll", 1), AttributeError),
        (lambda pb2: setattr(pb2.Message(), "HasField", 1), AttributeError),
        (lambda pb2: setattr(pb2.Message(), "content", []), AttributeError),
        (lambda pb2: setattr(pb2.Message(), "role", None), TypeError),
        (lambda pb2: delattr(pb2.Message(), "role"), AttributeError),
        (lambda pb2: setattr(pb2.CompletionOutput(), "message", {}), AttributeError),
        (lambda pb2: setattr(pb2.GetChatCompletionResponse(), "created", None), TypeError),
        (lambda pb2: pb2.Message().HasField("role"), ValueError),
        (lambda pb2: pb2.Message().HasField("roll"), ValueError),
        (lambda pb2: pb2.Message().WhichOneof("role"), ValueError),
        (lambda pb2: pb2.Message().ClearField("roll"), ValueError),
        (lambda pb2: pb2.Message().CopyFrom(pb2.Content()), TypeError),
        (lambda pb2: pb2.Message().MergeFrom(None), TypeError),
        (lambda pb2: pb2.Message.FromString("abc"), TypeError),
        (lambda pb2: pb2.Message.FromString(b"\xff"), message.DecodeError),
        (lambda pb2: pb2.Message().content.append({"text": "a"}), TypeError),
        (lambda pb2: pb2.Message().content.add(pb2.Content()), TypeError),
        (lambda pb2: pb2.Message(content=[{}]).content.__setitem__(0, pb2.Content()), TypeError),
        (lambda pb2: pb2.Message().content[0], IndexError),
        (lambda pb2: pb2.Message().content.remove(pb2.Content()), ValueError),
        (lambda pb2: pb2.GetCompletionsRequest().stop.extend(["a", 5]), TypeError),
        (lambda pb2: pb2.GetCompletionsRequest().stop.extend(None), TypeError),
        (lambda pb2: pb2.MessageRole.Name(99), ValueError),
        (lambda pb2: pb2.MessageRole.Name("ROLE_USER"), TypeError),
        (lambda pb2: pb2.MessageRole.Value("USER"), ValueError),
        (lambda pb2: pb2.MessageRole.USER, AttributeError),
        (lambda pb2: hash(pb2.Message()), TypeError),
        (lambda pb2: hash(pb2.Message().content), TypeError),
        (lambda pb2: len(pb2.Message()), TypeError),
    ],
)
def test_mistake_is_refused_with_protobufs_kind_of_error(
    pb2: Any, mistake: Any, error: type[Exception]
) -> None:
    """So that what a program catches is what it gets."""
    with pytest.raises(error):
        mistake(pb2)


def test_error_names_the_field_and_what_is_expected() -> None:
    """Unlike protobuf's, which says that a type is bad for an operation."""
    with pytest.raises(TypeError, match=r"xai_api\.Content\.text: a str is expected, not int"):
        chat_pb2.Message(content=[{"text": 5}])
    with pytest.raises(TypeError, match=r"a message xai_api\.Content is expected, not xai_api\.Me"):
        chat_pb2.Message().content.append(chat_pb2.Message())


@BOTH
def test_values_are_taken_as_protobuf_takes_them(pb2: Any) -> None:
    """Labels, dictionaries, bytes as text, other libraries' numbers, and copies of messages."""
    content = pb2.Content(text="a")
    made = pb2.Message(role="ROLE_USER", name=b"n", content=(c for c in [content]), tool_calls=None)
    content.text = "b"
    made.content.append(content)
    content.text = "c"
    assert [part.text for part in made.content] == ["a", "b"]
    assert (made.role, type(made.role), made.name) == (1, int, "n")
    request = pb2.GetCompletionsRequest(messages=[{"role": 1}, made], temperature=1e300)
    request.n, request.store_messages, request.top_p = np.int64(3), True, np.float32(0.5)
    request.include.append("INCLUDE_OPTION_INLINE_CITATIONS")
    assert (request.n, request.store_messages, request.top_p) == (3, True, 0.5)
    assert (request.temperature, list(request.include)) == (float("inf"), [7])
    assert bool(pb2.Message())
    assert not pb2.Message().content
    assert pb2.MessageRole.Name(pb2.ROLE_USER) == "ROLE_USER" == pb2.MessageRole.keys()[1]
    request.MergeFromString(b"\xfa\x3f\x01x")
    assert pb2.GetCompletionsRequest.FromString(request.SerializeToString()) == request
    request.DiscardUnknownFields()
    assert b"\xfa\x3f" not in request.SerializeToString()


@BOTH
def test_map_is_used_as_protobufs(pb2: Any) -> None:
    """Reading a key that is not there puts the default there; `get` does not."""
    headers = pb2.MCP().extra_headers
    assert headers.get("a") is None
    assert (headers["a"], len(headers)) == ("", 1)
    headers.update({"b": "c"})
    assert (headers.setdefault("b", "d"), "z" in headers, sorted(headers)) == (
        "c",
        False,
        ["a", "b"],
    )
    del headers["a"]
    assert headers == {"b": "c"}


def test_view_and_generated_message_are_one() -> None:
    """Nothing is copied: what is changed in one is seen in the other."""
    raw = xai_api.Message(content=[xai_api.Content(text="a")])
    view: Any = messages.wrap(raw)
    assert messages.unwrap(view) is raw
    assert messages.wrap(raw) is view
    view.content[0].text = "b"
    view.content.add(text="c")
    raw.name = "n"
    assert [part.text for part in raw.content] == ["b", "c"]
    assert messages.unwrap(view.content[0]) is raw.content[0]
    assert view.name == "n"
    assert isinstance(view, chat_pb2.Message)
    with pytest.raises(TypeError, match="a message of xai_sdk is expected, not Message"):
        messages.unwrap(raw)


def test_what_reading_left_in_a_generated_message_is_not_set() -> None:
    """This library's messages keep defaults that somebody has read."""
    raw = xai_api.GetChatCompletionResponse()
    assert (raw.usage.prompt_tokens, raw.created.year) == (0, 1970)
    view = messages.wrap(raw)
    assert not view.HasField("usage")
    assert not view.HasField("created")
    view.usage.prompt_tokens = 3
    view.created.seconds = 5
    assert (raw.usage.prompt_tokens, raw.created.second) == (3, 5)


@pytest.mark.parametrize("pb2", [reference.chat_pb2, chat_pb2], ids=["theirs", "ours"])
def test_messages_of_the_real_package_are_accepted(pb2: Any) -> None:
    """By their bytes, wherever one of ours is."""
    content = pb2.Content(text="a")
    made = chat_pb2.Message(content=[content])
    made.content.append(content)
    made.content.extend([content])
    made.MergeFrom(pb2.Message(role=1))
    other = chat_pb2.Message()
    other.CopyFrom(pb2.Message(content=[content] * 3, role=1))
    assert made == other == pb2.Message(content=[content] * 3, role=1)
    assert messages.accept(chat_pb2.Content, content) == content
    assert messages.accept(chat_pb2.Content, {"text": "a"}) == content
    assert messages.accept(chat_pb2.Content, xai_api.Content(text="a")) == content
    with pytest.raises(TypeError, match=r"a message xai_api\.Content is expected, not xai_api\.Me"):
        messages.accept(chat_pb2.Content, pb2.Message())


def test_secrets_are_sent_and_compared_and_never_shown() -> None:
    """The text form of the real package has them."""
    tool = chat_pb2.Tool(mcp={"authorization": "hush", "extra_headers": {"x": "hush"}})
    for shown in (str(tool), repr(tool), repr(tool.mcp.extra_headers)):
        assert "hush" not in shown
        assert "[REDACTED]" in shown
    assert tool.mcp.extra_headers == {"x": "hush"}
    assert chat_pb2.Tool.FromString(tool.SerializeToString()).mcp.authorization == "hush"


@pytest.mark.parametrize("ours", [True, False])
def test_times_are_protobufs(ours: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """In a response, where they are parts, and with all their conversions."""
    pb2 = chat_pb2 if ours else reference.chat_pb2
    moment = datetime(2026, 5, 4, 3, 2, 1, 123456, timezone.utc)
    response = pb2.GetChatCompletionResponse(created=moment)
    created = response.created
    assert created.ToDatetime() == moment.replace(tzinfo=None)
    assert created.ToDatetime(timezone(timedelta(hours=2))) == moment
    assert created.ToJsonString() == "2026-05-04T03:02:01.123456Z"
    assert (created.ToMilliseconds(), created.ToNanoseconds() % 10**9) == (1777863721123, 123456000)
    created.FromJsonString("1969-12-31T23:59:59.5+00:00")
    assert (created.seconds, created.nanos, created.ToMicroseconds()) == (-1, 500000000, -500000)
    assert response.created == created
    created.FromDatetime(datetime(1970, 1, 2))  # noqa: DTZ001  # which is UTC there
    assert (created.ToSeconds(), created - timedelta(1)) == (86400, datetime(1970, 1, 1))  # noqa: DTZ001
    created.GetCurrentTime()
    assert created - timestamp_pb2.Timestamp().ToDatetime() > timedelta(days=20000)
    created.seconds = 10**12
    response = type(response).FromString(response.SerializeToString())
    assert response.created.seconds == 10**12
    with pytest.raises(ValueError, match="Seconds 1000000000000 must be in range"):
        response.created.ToDatetime()
    with pytest.raises(TypeError, match="Expected a datetime object got int"):
        created.FromDatetime(5)
    with pytest.raises(ValueError, match=r"."):
        created.FromJsonString("yesterday")


def test_durations_are_protobufs() -> None:
    """As the times."""
    span: Any = messages.class_named("google.protobuf.Duration")()
    span.FromTimedelta(timedelta(seconds=-1, milliseconds=-500))
    assert (span.seconds, span.nanos, span.ToJsonString()) == (-1, -500000000, "-1.500s")
    assert span.ToTimedelta() == timedelta(seconds=-1.5)
    span.FromMilliseconds(-1)
    assert (span.seconds, span.nanos, span.ToMicroseconds()) == (0, -1000000, -1000)
    span.FromJsonString("3.5s")
    assert (span.ToSeconds(), span.ToNanoseconds()) == (3, 3500000000)
    span.nanos = -1
    with pytest.raises(ValueError, match="Duration is not valid"):
        span.ToJsonString()


def test_details_of_an_error_are_packed_and_unpacked() -> None:
    """With messages of both."""
    status: Any = messages.class_named("google.rpc.Status")(code=3)
    packed = status.details.add()
    packed.Pack(chat_pb2.Content(text="a"))
    assert (packed.TypeName(), packed.Is(chat_pb2.Content.DESCRIPTOR)) == ("xai_api.Content", True)
    theirs, wrong = reference.chat_pb2.Content(), chat_pb2.Message()
    assert packed.Unpack(theirs)
    assert not packed.Unpack(wrong)
    assert theirs.text == "a"
    assert type(status).FromString(status.SerializeToString()) == status


def test_protobufs_own_tools_work() -> None:
    """They read the descriptors, which are ours."""
    made = chat_pb2.Message(role=1, content=[{"text": "a"}, {"image_url": {"detail": 99}}])
    theirs = reference.chat_pb2.Message.FromString(made.SerializeToString())
    assert json_format.MessageToJson(made) == json_format.MessageToJson(theirs)
    shown = [
        json_format.MessageToDict(m, always_print_fields_with_no_presence=True)
        for m in (made, theirs)
    ]
    assert shown[0] == shown[1]
    assert json_format.Parse(json_format.MessageToJson(made), chat_pb2.Message()) == made
    assert text_format.MessageToString(made) == text_format.MessageToString(theirs)
    assert text_format.Parse(str(made), chat_pb2.Message()) == made
    with pytest.raises(json_format.ParseError, match="roll"):
        json_format.ParseDict({"roll": 1}, chat_pb2.Message())


def test_copies_and_pickles_are_deep() -> None:
    """Containers give lists, as protobuf's do."""
    made = chat_pb2.Message(content=[{"text": "a"}])
    made.MergeFromString(b"\xfa\x3f\x01x")
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert again == made
        again.content[0].text = "b"
        assert made.content[0].text == "a"
    assert pickle.loads(pickle.dumps(chat_pb2.MessageRole)) is chat_pb2.MessageRole
    assert copy.deepcopy(made.content) == list(made.content)


def test_modules_are_the_same_under_all_their_names() -> None:
    """As attributes of the package and in those for versions of protobuf."""
    package: Any = modules.load("")
    assert package.chat_pb2 is package.v6.chat_pb2 is modules.load("v5.chat_pb2") is chat_pb2
    assert chat_pb2.Message is messages.class_of(xai_api.Message) is chat_pb2.Message
    assert "ROLE_USER" in dir(chat_pb2)
    assert modules.load("types_pb2").HNSWMetric.Name(1) == "HNSW_METRIC_COSINE"
    assert not hasattr(chat_pb2, "Mcp")
    assert not hasattr(chat_pb2, "Final")
    assert not hasattr(package, "nothing_pb2")
    with pytest.raises(KeyError):
        modules.load("nothing_pb2")


class _Channel:
    """Records what a stub asks for."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[str, Any, Any]] = {}

    def __getattr__(self, kind: str) -> Any:
        def method(path: str, request_serializer: Any, response_deserializer: Any) -> str:
            self.asked[path] = kind, request_serializer, response_deserializer
            return path

        return method


def test_stub_asks_a_channel_for_what_the_real_one_does() -> None:
    """Each method by its path and cardinality, with messages of both."""
    for stem in ("auth", "batch", "chat", "collections", "files", "image", "models", "video"):
        ours: Any = modules.load(f"{stem}_pb2_grpc")
        theirs = getattr(reference.proto, f"{stem}_pb2_grpc")
        for name in (n for n in dir(theirs) if n.endswith("Stub")):
            mine, other = _Channel(), _Other()
            assert vars(getattr(ours, name)(mine)) == vars(getattr(theirs, name)(other))
            assert {p: kind for p, (kind, *_) in mine.asked.items()} == other.asked
    channel = _Channel()
    ours = modules.load("chat_pb2_grpc")
    ours.ChatStub(channel)
    _, send, read = channel.asked["/xai_api.Chat/GetCompletion"]
    request = reference.chat_pb2.GetCompletionsRequest(model="m")
    assert send(request) == request.SerializeToString()
    assert isinstance(read(b""), chat_pb2.GetChatCompletionResponse)
    with pytest.raises(TypeError, match=r"xai_api\.GetCompletionsRequest is expected"):
        send(chat_pb2.Message())


class _Other:
    """The same for the real stubs."""

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}

    def __getattr__(self, kind: str) -> Any:
        def method(path: str, **_: object) -> str:
            self.asked[path] = kind
            return path

        return method


_LAZY = """
import sys
import xai
assert not [name for name in sys.modules if name.startswith("xai.xai_sdk.v1")]
from xai.xai_sdk.v1.proto import modules
package = modules.load("")
chat_pb2 = package.chat_pb2
print(*(name for name in sys.modules if name.startswith("xai.proto")))
chat_pb2.Message(role="ROLE_USER").SerializeToString()
print("google" in sys.modules, "grpc" in sys.modules, "xai.proto.xai_api.files" in sys.modules)
"""


def test_nothing_is_loaded_before_it_is_used() -> None:
    """Neither protobuf nor messages of another file."""
    shown = run_child(_LAZY).stdout.splitlines()
    assert shown == ["", "False False False"]


def test_error_of_parsing_needs_no_protobuf(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is protobuf's as well when the program has that, which it catches by then."""
    monkeypatch.delitem(sys.modules, "google.protobuf.message")
    with pytest.raises(messages.DecodeError) as caught:
        chat_pb2.Message.FromString(b"\xff")
    assert not isinstance(caught.value, message.DecodeError)
    assert "xai_api.Message" in str(caught.value)

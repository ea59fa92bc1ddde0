"""What our bases of messages, enums and services change about betterproto's, and the codec."""

import copy
import dataclasses
import inspect
import io
import math
import pickle
import pydoc
import struct
import typing
import warnings
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import betterproto
import pytest
from betterproto.lib.google.protobuf import Any as Packed
from betterproto.lib.google.protobuf import Empty
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.pretty import Pretty

from tests.support import SECRET_KEY, run_child
from tests.unit.runtime.codec.kitchen_sink import Scalars, WellKnown
from xai.proto import base, collections, prompt_ide, rag, shared, xai_api
from xai.proto.compat import chat as compat_chat
from xai.proto.google import rpc
from xai.proto.prompt_ide import (
    AddResponseRequest,
    Conversation,
    Embedding,
    InputToken,
    ListConversationsRequest,
    Logit,
    PromptInput,
    SampleTokensRequest,
    SampleTokensResponse,
    StatelessConversation,
    Token,
    TokenBudget,
    TokenizeResponse,
    TokenTokenType,
    TokenTransaction,
)
from xai.proto.prompt_ide.sampler_public import SAMPLER_TOKENIZE
from xai.runtime.codec import api as codec

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
#: Field 100, which no message has, with the number 1.
UNKNOWN = b"\xa0\x06\x01"

CLASSES = [
    getattr(package, name)
    for package in (prompt_ide, compat_chat, rpc, collections, rag, shared, xai_api)
    for name in package.__all__
]
MESSAGES: list[type[base.Message]] = [cls for cls in CLASSES if issubclass(cls, base.Message)]
ENUMS: list[type[base.Enum]] = [cls for cls in CLASSES if issubclass(cls, base.Enum)]


def full_message() -> TokenizeResponse:
    """Return a message with nested ones, enums, numbers and unknown fields."""
    token = Token(
        final_logit=Logit(token_id=7, string_token="▁a", prob=0.5),  # a token of a text
        top_k=[Logit(token_id=8), Logit(prob=0.25)],
        attention=[0.5, 0.25],
        token_type=TokenTokenType.MODEL,
    )
    return TokenizeResponse().parse(bytes(TokenizeResponse(tokens=[token, Token()])) + UNKNOWN)


def read_everything(message: base.Message) -> None:
    """Read every field of a message, and of the messages in it that are made by reading."""
    for name in message._betterproto.meta_by_field_name:  # type: ignore[arg-type]  # typed as a property of no class at all
        getattr(message, name, None)


# --- warnings ------------------------------------------------------------------------------------


def test_reading_what_is_not_set_keeps_only_what_can_be_changed() -> None:
    """Or many messages that are read once would take more memory than before."""
    model = xai_api.LanguageModel.FromString(b"")
    assert (model.name, model.search_price) == ("", 0)
    assert not base.fields_of(model)
    model.aliases.append("latest")
    assert model.aliases == ["latest"]


@pytest.mark.parametrize("cls", MESSAGES)
def test_reading_defaults_leaves_the_warning_filters_alone(
    cls: type[base.Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No attribute, comparison, copy, repr or truth test of a message enters catch_warnings."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the filters of the process were touched")

    with monkeypatch.context() as patch:
        patch.setattr(warnings.catch_warnings, "__enter__", refuse)
        message = cls()
        read_everything(message)
        same = message == cls() and copy.deepcopy(message) == message
        assert not message
        assert repr(message)
        again = cls.FromString(bytes(message))
    assert same
    assert again == message


@pytest.mark.parametrize(
    "message",
    [
        TokenTransaction(create_time=datetime(2024, 1, 2, 3, 4, 5, 6000, tzinfo=timezone.utc)),
        TokenTransaction(create_time=datetime(2024, 1, 2, tzinfo=timezone.utc)),
        rpc.RetryInfo(retry_delay=timedelta(seconds=1.5)),
        rpc.ErrorInfo(metadata={"a": "b", "c": ""}),
        compat_chat.GetCompletionsRequest(logit_bias={-1: 0.5, 7: 0.0}),
        rpc.Status(details=[Packed(value=b"a"), Packed(type_url="b"), Packed()]),
    ],
)
def test_parsing_foreign_types_leaves_the_warning_filters_alone(
    message: base.Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times, maps and well-known messages within ours are parsed without catch_warnings."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the filters of the process were touched")

    data = bytes(message)
    with monkeypatch.context() as patch:
        patch.setattr(warnings.catch_warnings, "__enter__", refuse)
        again = type(message).FromString(data)
    assert again == message
    assert bytes(again) == data


_THREADS_SCRIPT = """
import sys, threading, warnings
from xai.proto.prompt_ide import SampleTokensRequest, Token, TokenTransaction, TokenizeResponse

sys.setswitchinterval(1e-6)
warnings.resetwarnings()
warnings.simplefilter("always")
seen = []
warnings.showwarning = lambda *arguments: seen.append(arguments)
before = warnings.filters, list(warnings.filters)
start = threading.Barrier(9)

def work():
    start.wait()
    for _ in range(300):
        request = SampleTokensRequest()
        request.settings.temperature, request.model_name, request.inputs
        data = bytes(TokenizeResponse(tokens=[Token()]))
        TokenizeResponse().parse(data).tokens[0].final_logit.prob
        TokenTransaction().parse(b"\\x22\\x02\\x08\\x01").create_time

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
start.wait()
sent = 0
while any(thread.is_alive() for thread in threads):
    warnings.warn("the user's own", DeprecationWarning)
    sent += 1
for thread in threads:
    thread.join()
assert warnings.filters is before[0] and warnings.filters == before[1], warnings.filters
print(sent > 0, len(seen) - sent)
"""


def test_threads_that_use_messages_lose_nobody_a_warning() -> None:
    """With eight threads at it the filters stay, and every warning of the user is seen."""
    assert run_child(_THREADS_SCRIPT, python_args=()).stdout.split() == ["True", "0"]


def test_no_message_warns_of_deprecated_fields() -> None:
    """Neither making, reading nor parsing a message with a deprecated field warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        request = SampleTokensRequest(prompt=[1, 2])
        assert SampleTokensRequest.FromString(bytes(request)).prompt == [1, 2]
        assert compat_chat.Message().parse(b"\x0a\x01x").content_legacy == "x"
    assert caught == []


# --- enums ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("cls", ENUMS)
def test_enum_members_pickle(cls: type[base.Enum], protocol: int) -> None:
    """A member comes back as the same object, under every protocol."""
    for member in cls:
        assert pickle.loads(pickle.dumps(member, protocol)) is member  # noqa: S301  # our own bytes


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_unknown_enum_number_pickles(protocol: int) -> None:
    """A number without a name keeps its class and its value, under every protocol."""
    unknown = TokenTokenType.try_value(99)
    again: Any = pickle.loads(pickle.dumps(unknown, protocol))  # noqa: S301  # our own bytes
    assert (again, again.value, again.name) == (99, 99, None)
    assert type(again) is TokenTokenType


def test_enum_is_equal_to_its_number() -> None:
    """Members compare and hash as the numbers on the wire, and copies are the member itself."""
    assert int(TokenTokenType.MODEL) == TokenTokenType.MODEL
    assert list(TokenTokenType) == [0, 1, 2]
    assert {2: "model"}[TokenTokenType.MODEL] == "model"
    assert copy.deepcopy(TokenTokenType.MODEL) is TokenTokenType.MODEL


def test_unknown_enum_number_survives_the_wire() -> None:
    """A number that a newer server made up is kept and sent on."""
    token = Token().parse(b"\x18\x63")
    assert token.token_type == 99
    assert bytes(token) == b"\x18\x63"


# --- copies and pickles --------------------------------------------------------------------------


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copy_keeps_unknown_fields_and_values(copied: Any) -> None:  # noqa: ANN401  # a generic function
    """A copy is equal, has the same bytes, and is another object."""
    message = full_message()
    again = copied(message)
    assert again is not message
    assert again == message
    assert bytes(again) == bytes(message)
    assert bytes(again).endswith(UNKNOWN)


def test_deep_copy_shares_nothing_and_shallow_copy_shares_the_values() -> None:
    """A change of a deep copy is not seen in the message, one below a shallow copy is."""
    message = full_message()
    deep, shallow = copy.deepcopy(message), copy.copy(message)
    deep.tokens[0].final_logit.token_id = 99
    deep.tokens.append(Token())
    assert message == full_message()
    shallow.tokens[0].final_logit.token_id = 99
    assert message.tokens[0].final_logit.token_id == 99


def test_copies_choose_their_oneof_member_by_themselves() -> None:
    """Setting another member of a oneof in a copy leaves the message with its own."""
    message = SampleTokensResponse(budget=TokenBudget(token_limit=1))
    for again in (copy.copy(message), copy.deepcopy(message)):
        again.token = Token()
        assert betterproto.which_one_of(again, "response")[0] == "token"
    assert betterproto.which_one_of(message, "response")[0] == "budget"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copy_keeps_presence(copied: Any) -> None:  # noqa: ANN401  # a generic function
    """What is set and empty stays set, what is not set stays so."""
    message = AddResponseRequest().parse(b"\x7a\x00")
    again = copied(message)
    assert bytes(again) == b"\x7a\x00"
    assert not copied(AddResponseRequest()).is_set("additional_options")
    assert copied(ListConversationsRequest(page_size=0)).page_size == 0
    assert copied(ListConversationsRequest()).page_size is None


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_messages_pickle(protocol: int) -> None:
    """A message comes back with everything in it, unknown fields too."""
    message = full_message()
    again = pickle.loads(pickle.dumps(message, protocol))  # noqa: S301  # our own bytes
    assert again == message
    assert bytes(again) == bytes(message)


# --- what is shown -------------------------------------------------------------------------------


def test_secrets_of_a_message_are_not_shown() -> None:
    """The key for another server stays out of the repr of a request, at any depth."""
    mcp = xai_api.Mcp(
        server_url="https://a", authorization=SECRET_KEY, extra_headers={"x-key": SECRET_KEY}
    )
    request = xai_api.GetCompletionsRequest(tools=[xai_api.Tool(mcp=mcp)])
    shown = "Mcp(server_url='https://a', authorization=<redacted>, extra_headers=<redacted>)"
    assert repr(mcp) == shown
    assert shown in repr(request)
    assert SECRET_KEY not in repr(request)
    assert repr(xai_api.Mcp()) == "Mcp(authorization=None)"
    assert xai_api.Mcp.FromString(bytes(mcp)).authorization == SECRET_KEY


@pytest.mark.parametrize("cls", MESSAGES)
def test_message_is_shown_as_betterproto_shows_it(cls: type[base.Message]) -> None:
    """But for secrets, our repr says what betterproto's does, of what is set and what is not."""
    message = cls()
    assert repr(message) == betterproto.Message.__repr__(message)
    read_everything(message)
    assert repr(message) == betterproto.Message.__repr__(message)


# --- the codec -----------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", MESSAGES)
def test_empty_message_of_every_class_goes_both_ways(cls: type[base.Message]) -> None:
    """Every generated class resolves its types, and is empty when nothing is set."""
    assert bytes(cls()) == b""
    assert codec.decode(cls, b"") == cls()
    assert len(cls()) == 0


@given(
    st.builds(
        Token,
        final_logit=st.builds(Logit, token_id=st.integers(0, 2**32 - 1), string_token=st.text()),
        top_k=st.lists(st.builds(Logit, prob=st.floats(0, 1, width=32)), max_size=3),
        attention=st.lists(st.floats(width=32, allow_nan=False), max_size=5),
        token_type=st.sampled_from(list(TokenTokenType)),
    )
)
def test_message_comes_back_from_its_bytes(token: Token) -> None:
    """Decoding what was encoded gives an equal message and the same bytes, however it is done."""
    data = codec.encode(token)
    assert data == bytes(token) == token.SerializeToString()
    for again in (codec.decode(Token, data), Token().parse(data), Token.FromString(data)):
        assert again == token
        assert bytes(again) == data


def test_messages_with_every_kind_of_field_come_back() -> None:
    """Maps, timestamps, optional fields, oneofs, packed numbers and foreign types are kept."""
    now = datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=timezone.utc)
    for message in (
        compat_chat.GetCompletionsRequest(logit_bias={-1: 0.5, 7: 0.0}, n=2, stop=["a", ""]),
        TokenTransaction(create_time=now, confirmed=True, num_prompt_tokens=-3),
        Conversation(system_prompt_name=""),
        PromptInput(text=""),
        InputToken(token_id=0),
        Embedding(values=[0.5, -0.25], shape=[2]),
        StatelessConversation(responses=[]),
        rpc.Status(code=5, details=[Packed(type_url="x/some.Thing", value=b"\x01")]),
        compat_chat.LogProb(bytes=b"\xff\x00"),
    ):
        again = type(message).FromString(bytes(message))
        assert again == message
        assert bytes(again) == bytes(message)
        assert len(message) == len(bytes(message))


def betterprotos(cls: type[base.Message]) -> type[betterproto.Message]:
    """Return a class with the same fields and nothing but betterproto's own base."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # the generated ones are dataclasses
    names = {
        "__module__": cls.__module__,
        "__annotations__": {field.name: field.type for field in fields},
        **{
            field.name: dataclasses.field(default=field.default, metadata=field.metadata)
            for field in fields
        },
    }
    made = type(cls.__name__, (betterproto.Message,), names)
    return dataclasses.dataclass(eq=False, repr=False)(made)


_WORD = st.text(max_size=3)
#: Classes with oneofs, with optional fields, and with nothing but texts; values of some fields.
SETTABLE: dict[type[base.Message], dict[str, st.SearchStrategy[object]]] = {
    xai_api.Content: {
        "text": _WORD,
        "image_url": st.builds(xai_api.ImageUrlContent, image_url=_WORD),
        "file": st.builds(xai_api.FileContent),
    },
    xai_api.Tool: {
        "function": st.builds(xai_api.Function, name=_WORD),
        "web_search": st.builds(xai_api.WebSearch),
    },
    xai_api.GetCompletionsRequest: {
        "seed": st.none() | st.integers(0, 9),
        "model": _WORD,
        "logprobs": st.booleans(),
        "temperature": st.none() | st.floats(0, 1, width=32),
        "stop": st.lists(_WORD, max_size=2),
        "reasoning_effort": st.none() | st.sampled_from(list(xai_api.ReasoningEffort)),
        "response_format": st.builds(xai_api.ResponseFormat),
    },
    xai_api.WebSearchUserLocation: {"city": st.none() | _WORD, "country": st.none() | _WORD},
}


@pytest.mark.parametrize("cls", SETTABLE)
@settings(max_examples=40)
@given(data=st.data())
def test_fields_are_set_as_betterproto_sets_them(
    cls: type[base.Message], data: st.DataObject
) -> None:
    """Constructor and assignments, in any order: the same values, presence and oneofs."""
    pairs = st.sampled_from(sorted(SETTABLE[cls])).flatmap(
        lambda name: st.tuples(st.just(name), SETTABLE[cls][name])
    )
    start, later = data.draw(st.lists(pairs, max_size=3)), data.draw(st.lists(pairs, max_size=4))
    ours, theirs = cls(**dict(start)), betterprotos(cls)(**dict(start))
    for name, value in later:
        setattr(ours, name, value)
        setattr(theirs, name, value)
    assert bytes(ours) == codec.encode(theirs)
    for hidden in ("_serialized_on_wire", "_group_current", "_unknown_fields"):
        assert getattr(ours, hidden) == getattr(theirs, hidden)
    for name in SETTABLE[cls]:
        # Of two members that the constructor is given, betterproto keeps the value of both.
        if ours.is_set(name) or len(start) < 2:
            raw = object.__getattribute__
            assert raw(ours, name) == raw(theirs, name)


def test_parsing_adds_to_the_message() -> None:
    """Parsing reads into the message and returns it, as the method of betterproto does."""
    message = Logit(token_id=7)
    assert message.parse(b"\x12\x01a") is message
    assert message == Logit(token_id=7, string_token="a")  # a token of a text


@pytest.mark.parametrize(
    ("cls", "data"),
    [
        (Logit, b"\xff"),
        (Logit, b"\x08"),
        (Logit, b"\x08" + b"\xff" * 10 + b"\x01"),
        (Logit, b"\x12\x05abc"),
        (Logit, b"\x12\x02\xff\xfe"),
        (Logit, b"\x1d\x00\x00"),
        (Logit, b"\x00\x01"),
        (Logit, b"\x0e"),
        (TokenizeResponse, b"\x0a\x02\x0a\xff"),
        (Embedding, b"\x0a\x03\x00\x00\x00"),
        (TokenTransaction, b"\x22\x01\xff"),
        (rpc.Status, b"\x1a\x02\x12\x05"),
        (compat_chat.GetCompletionsRequest, b"\x22\x02\x08"),
    ],
)
def test_malformed_bytes_are_one_error(cls: type[base.Message], data: bytes) -> None:
    """Whatever is wrong with the bytes, it is a DecodeError that names the message."""
    message = r"^malformed \w+ \("
    with pytest.raises(codec.DecodeError, match=message):
        codec.decode(cls, data)
    with pytest.raises(codec.DecodeError, match=message):
        cls().parse(data)


@pytest.mark.parametrize(
    ("cls", "data"),
    [
        (Logit, b"\x0b\x0c"),
        (Logit, b"\x0a\x01a"),
        (Logit, b"\x10\x01"),
        (TokenizeResponse, b"\x08\x01"),
        (Token, b"\x1a\x01\x01"),
    ],
)
def test_field_of_another_wire_type_is_kept(cls: type[base.Message], data: bytes) -> None:
    """What does not fit its field is unknown, as to google's protobuf, and is sent again."""
    message = codec.decode(cls, data)
    assert message == cls()
    assert bytes(message) == data


@given(st.sampled_from(MESSAGES), st.binary(max_size=40))
def test_random_bytes_give_a_message_or_the_one_error(cls: type[base.Message], data: bytes) -> None:
    """Nothing but a DecodeError comes out of the decoder, whatever goes in."""
    try:
        message = codec.decode(cls, data)
    except codec.DecodeError:
        return
    assert type(message) is cls


def test_deep_nesting_is_the_one_error() -> None:
    """A message that is nested deeper than the stack is refused like any other bad one."""
    data = b""
    for _ in range(2000):
        size = len(data)
        length = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
        data = b"\x4a" + length + data
    with pytest.raises(codec.DecodeError):
        codec.decode(prompt_ide.XPost, data)


def test_both_directions_are_ours_whatever_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods put on betterproto's base class, as its Rust codec does, change nothing."""

    def refuse(*_: object) -> None:
        raise AssertionError("a codec of someone else was called")

    before = full_message()
    data = bytes(before)
    monkeypatch.setattr(betterproto.Message, "parse", refuse)
    monkeypatch.setattr(betterproto.Message, "__bytes__", refuse)
    assert bytes(TokenizeResponse.FromString(data)) == data
    assert codec.encode(codec.decode(TokenizeResponse, data)) == data
    assert pickle.loads(pickle.dumps(before)) == before  # noqa: S301  # our own bytes


_RUST_SCRIPT = """
import sys, types

def refuse(*_):
    raise AssertionError("a codec of someone else was called")

fake = types.ModuleType("betterproto_rust_codec")
fake.serialize = fake.deserialize = refuse
sys.modules["betterproto_rust_codec"] = fake
import betterproto
from xai.proto.prompt_ide import Logit, Token

assert betterproto.Message.parse.__name__ == "__parse_patch"
token = Token(final_logit=Logit(token_id=7))
assert Token.FromString(bytes(token)) == token
print("ours")
"""


def test_installed_rust_codec_is_not_used() -> None:
    """With a package of that name at import time messages are still coded by us."""
    assert run_child(_RUST_SCRIPT).stdout == "ours\n"


@pytest.mark.parametrize("delimit", [False, True])
def test_messages_are_written_to_and_read_from_files(delimit: bool) -> None:  # noqa: FBT001  # a parameter
    """Dump and load go through the codec too, with and without a length in front."""
    message = full_message()
    with io.BytesIO() as stream:
        message.dump(stream, delimit)
        message.dump(stream, delimit)
        stream.seek(0)
        if delimit:
            again = TokenizeResponse().load(stream, betterproto.SIZE_DELIMITED)
            assert TokenizeResponse().load(stream, betterproto.SIZE_DELIMITED) == message
        else:
            again = TokenizeResponse().load(stream, len(bytes(message)))
            assert TokenizeResponse().load(stream) == message
        assert again == message
        assert not stream.read()


def test_file_that_ends_too_early_is_an_error() -> None:
    """Fewer bytes than announced are refused."""
    with pytest.raises(codec.DecodeError, match="3 bytes were expected, 2 are there"):
        Logit().load(io.BytesIO(b"\x08\x01"), 3)


# --- methods and stubs ---------------------------------------------------------------------------


def test_method_is_a_value() -> None:
    """A method can't be changed, has no room for more, and is known by what it says."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        SAMPLER_TOKENIZE.path = "/"  # type: ignore[misc]  # it is frozen
    assert not hasattr(SAMPLER_TOKENIZE, "__dict__")
    again = base.Method(
        SAMPLER_TOKENIZE.path,
        SAMPLER_TOKENIZE.request,
        SAMPLER_TOKENIZE.reply,
        client_streaming=False,
        server_streaming=False,
        idempotent=True,
    )
    assert {again: 1}[SAMPLER_TOKENIZE] == 1


def test_asynchronous_stub_is_a_service_of_betterproto() -> None:
    """The asynchronous services are betterproto's, on our transport."""
    assert issubclass(base.AsyncServiceStub, betterproto.ServiceStub)


def test_library_messages_are_coded_as_ours() -> None:
    """The well-known messages, which have another base, go through the codec as well."""
    assert codec.encode(Empty()) == b""
    assert codec.decode(Empty, UNKNOWN) == Empty()
    with pytest.raises(codec.DecodeError):
        codec.decode(Empty, b"\xff")


# --- values that Python and the wire see differently ---------------------------------------------


@pytest.mark.parametrize("number", [0.9, 0.1, -1 / 3, math.nan, -0.0, math.inf])
def test_numbers_of_32_bits_equal_themselves_from_the_wire(number: float) -> None:
    """Single, in oneofs, lists, maps and in messages in messages, on either side of the ==."""
    settings = xai_api.RequestSettings(top_p=number, temperature=number)
    for message in (
        settings,
        xai_api.GetChatCompletionResponse(settings=settings),
        xai_api.FeatureVector(float_array=[number, 0.25]),
        xai_api.Embedding(embeddings=[xai_api.FeatureVector(float_array=[number])] * 2),
        compat_chat.GetCompletionsRequest(logit_bias={1: number}),
        Logit(prob=number),
        xai_api.KeywordRetrieval(),
    ):
        again = type(message).FromString(bytes(message))
        assert message == again
        assert again == message
        assert not message != again  # noqa: SIM202  # Python derives one from the other


def test_numbers_of_32_bits_that_differ_on_the_wire_are_unequal() -> None:
    """Only what the wire can't tell apart is equal; a number of 64 bits is compared as it is."""
    assert Logit(prob=0.9) != Logit(prob=0.9000001)
    assert Logit(prob=0.9) != Logit()
    assert xai_api.FeatureVector(float_array=[0.9]) != xai_api.FeatureVector(float_array=[0.9, 0.9])
    assert xai_api.FeatureVector(float_array=[0.9]) != xai_api.FeatureVector(float_array=[0.8])
    assert Logit(prob=1e300) == Logit(prob=1e300)
    assert Logit(prob=1e300) != Logit(prob=0.5)
    assert Logit(prob=0.0) == Logit()
    assert Scalars(f_double=0.1) != Scalars(f_double=float(numbers_of_32_bits(0.1)))


def numbers_of_32_bits(number: float) -> float:
    """Return a number as it is after the wire."""
    found: float = struct.unpack("f", struct.pack("f", number))[0]
    return found


NAIVE = datetime(2025, 1, 2)  # noqa: DTZ001  # what the test is about
AWARE = NAIVE.replace(tzinfo=timezone.utc)


def test_naive_datetime_is_refused_when_it_is_set() -> None:
    """By the constructor and the attribute, in a list and a map; the error names the field."""
    with pytest.raises(
        ValueError, match=r"^TokenTransaction\.create_time: a datetime needs a time"
    ):
        TokenTransaction(create_time=NAIVE)
    message = TokenTransaction(create_time=AWARE)
    with pytest.raises(ValueError, match=r"^TokenTransaction\.create_time: .* zone"):
        message.create_time = NAIVE
    assert message.create_time == AWARE
    with pytest.raises(ValueError, match=r"^SearchParameters\.from_date: "):
        xai_api.SearchParameters(from_date=NAIVE)
    for name, value in {
        "times": [AWARE, NAIVE],
        "time_by_name": {"a": NAIVE},
        "one_time": NAIVE,
    }.items():
        with pytest.raises(ValueError, match=rf"^WellKnown\.{name}: "):
            WellKnown(**{name: value})  # type: ignore[arg-type]  # of several types


def test_naive_datetime_in_a_list_is_refused_when_it_is_sent() -> None:
    """What was put into a list later is found when the message is encoded."""
    message = WellKnown(times=[AWARE])
    message.times.append(NAIVE)
    with pytest.raises(ValueError, match=r"^WellKnown\.times: a datetime needs a time zone"):
        bytes(message)
    assert message == message  # noqa: PLR0124  # comparing does not fail


_FROZEN_SCRIPT = """
import sys
from datetime import datetime, timezone
{imports}
from freezegun import freeze_time

with freeze_time("2020-01-01"):
    from xai.proto import xai_api
    from xai.proto.google import rpc
    file = xai_api.File(created_at=datetime.now(timezone.utc))
    {use}

moment = datetime(2024, 1, 2, tzinfo=timezone.utc)
file = xai_api.File(created_at=moment)
again = xai_api.File.FromString(bytes(file))
assert again == file and type(again.created_at) is datetime, again
assert type(xai_api.File().created_at) is datetime
assert again.to_dict() == {{"createdAt": "2024-01-02T00:00:00Z"}}, again.to_dict()
assert rpc.RetryInfo.FromString(bytes(rpc.RetryInfo())).retry_delay.total_seconds() == 0
with freeze_time("2020-01-01"):
    assert xai_api.File.FromString(bytes(file)) == file
    assert bytes(xai_api.File(created_at=datetime.now(timezone.utc)))
print("ours")
"""


@pytest.mark.parametrize(
    ("imports", "use"),
    [
        ("", "pass"),
        ("", "file.to_dict()"),
        ("import xai.proto.base", "file.created_at"),
        ("import xai.proto.base", "bytes(file)"),
        ("import xai.proto.xai_api.files", "pass"),
        ("import xai.proto.xai_api.files", "bytes(file)"),
    ],
)
def test_class_first_used_while_time_is_frozen_works_later(imports: str, use: str) -> None:
    """However far its tables had come when another `datetime` stood in for Python's."""
    script = _FROZEN_SCRIPT.format(imports=imports, use=use)
    assert run_child(script).stdout == "ours\n"


# --- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [base.Message, base.Enum, *CLASSES])
def test_help_of_every_message_and_enum_works(cls: type) -> None:
    """Pydoc and inspect look at all attributes, also at those of betterproto's base."""
    assert f"class {cls.__name__}" in pydoc.plain(pydoc.render_doc(cls))
    assert inspect.getmembers(cls)


@pytest.mark.parametrize("cls", MESSAGES)
def test_fields_of_every_message_have_types_that_resolve(cls: type[base.Message]) -> None:
    """As tools that read annotations ask for them."""
    assert typing.get_type_hints(cls) or not cls._betterproto.meta_by_field_name  # type: ignore[arg-type]  # typed as a property of no class at all


def test_rich_shows_no_secrets() -> None:
    """Neither in what it prints nor in the locals of its tracebacks, at any depth."""
    mcp = xai_api.Mcp(server_url="https://a", authorization=SECRET_KEY)
    request = xai_api.GetCompletionsRequest(tools=[xai_api.Tool(mcp=mcp)])
    console = Console(file=io.StringIO(), width=200)
    console.print(mcp, request, Pretty(request, expand_all=True))
    try:
        raise ValueError("a bug")  # noqa: TRY301  # the traceback is what is looked at
    except ValueError:
        console.print_exception(show_locals=True)
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    assert SECRET_KEY not in shown
    assert shown.count("authorization=<redacted>") >= 4

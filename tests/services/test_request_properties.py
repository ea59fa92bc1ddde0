"""Requests built from any arguments, as Google's protobuf reads them."""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import betterproto
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.interop.protos import AnyMessage, Protos
from xai.proto.base import Method
from xai.runtime.codec import api as codec
from xai.sync.prompt_ide.chat import Chat
from xai.sync.prompt_ide.compat import Completions

if TYPE_CHECKING:
    from xai.sync.rpc.caller import Caller

# What a Python str may hold and UTF-8 may not is refused by the codec, which has its own tests.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INT32 = st.integers(-(2**31), 2**31 - 1)
COUNT = st.integers(0, 2**31 - 1)
FLOAT32 = st.floats(width=32, allow_nan=False, allow_infinity=False)

PART = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["text", "text_file"]), "text": TEXT}),
    st.fixed_dictionaries(
        {
            "type": st.just("image_url"),
            "image_url": st.fixed_dictionaries({"url": TEXT}, optional={"detail": TEXT}),
        }
    ),
)
MESSAGE = st.fixed_dictionaries(
    {"role": TEXT, "content": st.one_of(TEXT, st.lists(PART, max_size=4))},
    optional={"name": st.one_of(st.none(), TEXT)},
)
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "model": TEXT,
    "frequency_penalty": FLOAT32,
    "logit_bias": st.one_of(
        st.dictionaries(COUNT, FLOAT32, max_size=4),
        st.dictionaries(COUNT.map(str), FLOAT32, max_size=4),
    ),
    "logprobs": st.booleans(),
    "top_logprobs": COUNT,
    "max_tokens": COUNT,
    "n": COUNT,
    "presence_penalty": FLOAT32,
    "response_format": st.fixed_dictionaries({"type": TEXT}),
    "seed": INT32,
    "stop": st.one_of(TEXT, st.lists(TEXT, max_size=3)),
    "temperature": FLOAT32,
    "top_p": FLOAT32,
    "user": TEXT,
}
COMPLETION = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGE, max_size=4)},
    optional={name: st.one_of(st.none(), values) for name, values in OPTIONS.items()},
)
#: What stands for None; the seed is random then.
DEFAULTS = {"max_tokens": 128, "n": 1, "temperature": 0.7, "top_p": 0.95}


class Sent(Exception):  # noqa: N818  # not an error, a way out
    """The request was built."""


class Nothing:
    """A stream without items."""

    def __enter__(self) -> Iterator[object]:
        """Return no items."""
        return iter(())

    def __exit__(self, *_: object) -> None:
        """Do nothing."""


class Recorder:
    """Keeps the request instead of sending it."""

    def __init__(self) -> None:
        self.data = b""
        self.context = self.transport = self

    def unary(self, _: Method[Any, Any], request: betterproto.Message, **__: object) -> object:
        """Keep the request, and go no further."""
        self.data = codec.encode(request)
        raise Sent

    def stream_of(
        self,
        _: Method[Any, Any],
        request: betterproto.Message,
        __: Callable[[Any], object],
        **___: object,
    ) -> "Nothing":
        """Keep the request, and return no items."""
        self.data = codec.encode(request)
        return Nothing()

    def check_open(self) -> None:
        """Do nothing: it always is."""


def float32(value: float) -> float:
    """Return the nearest number that four bytes can hold."""
    return cast("float", struct.unpack("<f", struct.pack("<f", value))[0])


def expected_part(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a part is to be on the wire."""
    if "image_url" not in part:
        return {"type": part["type"], "text": part["text"], "image": None}
    image = part["image_url"]
    return {"type": "image_url", "text": "", "image": (image["url"], image.get("detail", ""))}


def found_part(part: AnyMessage) -> dict[str, Any]:
    """Return what a part is on the wire."""
    image = (part.image_url.url, part.image_url.detail) if part.HasField("image_url") else None
    return {"type": part.type, "text": part.text, "image": image}


def check_messages(found: Sequence[AnyMessage], messages: Sequence[Mapping[str, Any]]) -> None:
    """Assert that messages arrived as they were given."""
    assert len(found) == len(messages)
    for one, message in zip(found, messages, strict=True):
        content = message["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        assert (one.role, one.name) == (message["role"], message.get("name") or "")
        assert [found_part(part) for part in one.content] == [expected_part(part) for part in parts]
        assert one.content_legacy == ""


@pytest.mark.parametrize("stream", [True, False])
@given(options=COMPLETION)
@settings(max_examples=60)
def test_completion_request(protos: Protos, stream: bool, options: dict[str, Any]) -> None:  # noqa: FBT001  # a parameter
    """Any mix of messages, parts and arguments arrives as it was given, in its own field."""
    recorder = Recorder()
    create: Any = Completions(cast("Caller", recorder)).create
    if stream:
        assert isinstance(create(**options, stream=True), Nothing)
    else:
        with pytest.raises(Sent):
            create(**options)
    found: AnyMessage = protos.message("compat.chat.GetCompletionsRequest").FromString(
        recorder.data
    )
    check_messages(found.messages, options["messages"])
    given_values = {name: value for name, value in options.items() if value is not None}
    for name in ("model", "user", "logprobs", "top_logprobs", "max_tokens", "n"):
        default = DEFAULTS.get(name, type(getattr(found, name))())
        assert getattr(found, name) == given_values.get(name, default)
    for name in ("frequency_penalty", "presence_penalty", "temperature", "top_p"):
        assert getattr(found, name) == float32(given_values.get(name, DEFAULTS.get(name, 0.0)))
    stop = given_values.get("stop", [])
    assert list(found.stop) == ([stop] if isinstance(stop, str) else stop)
    bias = {int(key): value for key, value in given_values.get("logit_bias", {}).items()}
    assert dict(found.logit_bias) == bias
    assert found.HasField("response_format") == ("response_format" in given_values)
    assert found.response_format.type == given_values.get("response_format", {"type": ""})["type"]
    if "seed" in given_values:
        assert found.seed == given_values["seed"]
    else:
        assert 1 <= found.seed <= 10_000


TALK = st.lists(st.tuples(TEXT, st.lists(TEXT, max_size=3)), max_size=4)


@given(
    talk=TALK,
    fun_mode=st.booleans(),
    disable_search=st.booleans(),
    model_name=TEXT,
)
@settings(max_examples=60)
def test_conversation_request(
    protos: Protos,
    talk: list[tuple[str, list[str]]],
    fun_mode: bool,  # noqa: FBT001  # a parameter
    disable_search: bool,  # noqa: FBT001  # a parameter
    model_name: str,
) -> None:
    """Any talk is sent whole: every message and its images, with the empty replies between."""
    recorder = Recorder()
    conversation = Chat(cast("Caller", recorder)).create_conversation(
        fun_mode, disable_search, model_name
    )
    for message, images in talk:
        conversation.add_response_no_stream(message, image_inputs=images)
    cls = protos.message("prompt_ide.StatelessConversation")
    found: AnyMessage = cls.FromString(codec.encode(conversation.to_request()))
    assert found.stateless_conversation_id == conversation.conversation_id
    assert found.system_prompt_name == ("fun" if fun_mode else "")
    assert (found.disable_search, found.model_name) == (disable_search, model_name)
    assert (found.include_x_posts, found.x_posts_as_field) == (True, True)
    assert [item.sender for item in found.responses] == [1, 2] * len(talk)
    said = [(item.message, list(item.image_inputs)) for item in found.responses[::2]]
    assert said == talk
    if talk:
        sent: AnyMessage = cls.FromString(recorder.data)
        assert list(sent.responses) == list(found.responses)[:-1]

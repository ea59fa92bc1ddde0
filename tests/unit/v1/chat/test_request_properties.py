import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests import reference
from xai import v1
from xai.proto import xai_api as pb
from xai.v1.chat.request import make_request

pb2 = reference.chat_pb2
INT32 = 2**31

TEXT = st.text(min_size=1)
#: Settings that are sent as they are, with presence: zero is something else than nothing.
PRESENT: dict[str, st.SearchStrategy[object]] = {
    "safety_identifier": TEXT,
    "max_tokens": st.integers(0, INT32 - 1),
    "seed": st.integers(-INT32, INT32 - 1),
    "temperature": st.floats(0, 2),
    "top_p": st.floats(0, 1),
    "top_logprobs": st.integers(0, 8),
    "parallel_tool_calls": st.booleans(),
    "frequency_penalty": st.floats(-2, 2),
    "presence_penalty": st.floats(-2, 2),
    "previous_response_id": TEXT,
    "max_turns": st.integers(1, INT32 - 1),
}
#: Settings that are sent as they are, of which false and the empty text mean nothing.
PLAIN: dict[str, st.SearchStrategy[object]] = {
    "user": TEXT,
    "logprobs": st.booleans(),
    "store_messages": st.booleans(),
    "use_encrypted_content": st.booleans(),
    "stop": st.lists(TEXT, max_size=8),
}
#: Settings that have other names on the wire.
NAMED: dict[str, dict[object, int]] = {
    "reasoning_effort": {
        effort: pb2.ReasoningEffort.Value(f"EFFORT_{effort.upper()}")
        for effort in ("none", "low", "medium", "high", "xhigh")
    },
    "service_tier": {
        tier: reference.usage_pb2.ServiceTier.Value(f"SERVICE_TIER_{tier.upper()}")
        for tier in ("default", "priority")
    },
    "agent_count": {4: pb2.AGENT_COUNT_4, 16: pb2.AGENT_COUNT_16},
}
INCLUDES = [
    name.removeprefix("INCLUDE_OPTION_").lower()
    for name in pb2.IncludeOption.keys()  # noqa: SIM118  # not a dict
    if not name.endswith("INVALID")
]


def strategies() -> st.SearchStrategy[dict[str, Any]]:
    """Return what draws any number of settings."""
    named = {name: st.sampled_from(list(table)) for name, table in NAMED.items()}
    includes = {"include": st.lists(st.sampled_from(INCLUDES), max_size=12)}
    return st.fixed_dictionaries({}, optional={**PRESENT, **PLAIN, **named, **includes}).map(
        lambda drawn: {**drawn, "logprobs": True} if "top_logprobs" in drawn else drawn
    )


def single(value: object) -> object:
    """Return a value as the wire keeps it: floats in 32 bits."""
    return struct.unpack("<f", struct.pack("<f", value))[0] if isinstance(value, float) else value


@given(TEXT, strategies())
def test_any_settings_are_read_back_by_the_reference_classes(
    model: str, drawn: dict[str, Any]
) -> None:
    """Google's protobuf reads each setting that was given, and no other, with the same value."""
    read = pb2.GetCompletionsRequest.FromString(bytes(make_request(model, **drawn)))
    assert read.model == model
    for name in PRESENT:
        assert read.HasField(name) == (name in drawn), name
        if name in drawn:
            assert getattr(read, name) == single(drawn[name]), name
    for name in PLAIN:
        if name == "stop":
            assert list(read.stop) == drawn.get("stop", [])
        else:
            assert getattr(read, name) == drawn.get(name, type(getattr(read, name))()), name
    for name, table in NAMED.items():
        assert getattr(read, name) == (table[drawn[name]] if name in drawn else 0), name
    wanted = [
        pb2.IncludeOption.Value(f"INCLUDE_OPTION_{i.upper()}") for i in drawn.get("include", [])
    ]
    assert list(read.include) == wanted
    expected = {"model", *(name for name, value in drawn.items() if value or name in PRESENT)}
    assert {field.name for field, _ in read.ListFields()} == expected


@given(strategies())
def test_any_settings_have_the_reference_bytes(drawn: dict[str, Any]) -> None:
    """xai_sdk makes the same bytes of the same settings."""
    theirs = dict(drawn)
    if "include" in drawn:
        # One of the names is not known there, but its number works.
        theirs["include"] = [
            pb2.IncludeOption.Value(f"INCLUDE_OPTION_{name.upper()}") for name in drawn["include"]
        ]
    assert bytes(make_request("grok", **drawn)) == reference.wire(
        reference.request("grok", **theirs)
    )


ROLES = {
    v1.user: pb2.ROLE_USER,
    v1.system: pb2.ROLE_SYSTEM,
    v1.developer: pb2.ROLE_DEVELOPER,
    v1.assistant: pb2.ROLE_ASSISTANT,
}


@given(st.lists(st.tuples(st.sampled_from(list(ROLES)), st.lists(st.text(), max_size=3))))
def test_any_conversation_is_read_back_by_the_reference_classes(
    said: list[tuple[Any, list[str]]],
) -> None:
    """Google's protobuf reads the same messages in the same order."""
    made = make_request("grok", messages=[make(*texts) for make, texts in said])
    read = pb2.GetCompletionsRequest.FromString(bytes(made)).messages
    assert [(message.role, [part.text for part in message.content]) for message in read] == [
        (ROLES[make], texts) for make, texts in said
    ]


def test_requests_survive_the_way_back() -> None:
    """What xai_sdk makes is read here as the request that was made here."""
    theirs = reference.request("grok", temperature=0.5, stop=["a"], reasoning_effort="low")
    ours = make_request("grok", temperature=0.5, stop=["a"], reasoning_effort="low")
    assert pb.GetCompletionsRequest.FromString(reference.wire(theirs)) == ours

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.v1.chat.xai_sdk_chunks import ASSISTANT, ReferenceChunk, Wire, chunks
from xai.proto import xai_api as pb
from xai.v1.chat.chunks import Chunk
from xai.v1.chat.enums import FinishReason, Role


def ours(chunk: Wire) -> pb.GetChatCompletionChunk:
    """Return a chunk as it comes from the network."""
    return pb.GetChatCompletionChunk.FromString(chunk.SerializeToString())


def piece(**fields: object) -> pb.GetChatCompletionChunk:
    """Return a chunk with one piece."""
    return pb.GetChatCompletionChunk(outputs=[pb.CompletionOutputChunk(**fields)])  # type: ignore[arg-type]  # by name


@given(chunks(2), st.none() | st.integers(0, 2))
def test_a_chunk_reads_as_in_the_reference_package(chunk: Wire, index: int | None) -> None:
    """Where every piece says who speaks, all properties are the same."""
    for output in chunk.outputs:
        output.delta.role = output.delta.role or ASSISTANT
    reference, found = ReferenceChunk(chunk, index), Chunk(ours(chunk), index)
    assert found.content == reference.content
    assert found.reasoning_content == reference.reasoning_content
    assert found.output == str(found) == str(reference) == reference.output
    assert list(map(bytes, found.tool_calls)) == serialized(reference.tool_calls)
    assert list(map(bytes, found.inline_citations)) == serialized(reference.inline_citations)
    assert found.citations == list(reference.citations)
    assert found.created.replace(tzinfo=None) == reference.created
    for mine, theirs in (
        (found.choices, reference.choices),
        (found.tool_outputs, reference.tool_outputs),
    ):
        assert [(item.index, item.content) for item in mine] == [
            (item.proto.index, item.content) for item in theirs
        ]
        assert [(int(item.role), int(item.finish_reason)) for item in mine] == [
            (item.proto.delta.role, item.finish_reason) for item in theirs
        ]


def serialized(messages: Wire) -> list[bytes]:
    """Return the bytes of messages of xai_sdk."""
    return [message.SerializeToString() for message in messages]


@given(chunks(2), st.none() | st.integers(0, 2))
def test_reading_raises_nothing_and_changes_nothing(chunk: Wire, index: int | None) -> None:
    """Every property can be read, whatever the numbers, and the chunk stays as it came."""
    proto = ours(chunk)
    found = Chunk(proto, index)
    names = [name for name in dir(Chunk) if not name.startswith("_")]
    assert len(names) == 12
    for name in names:
        getattr(found, name)
    for output in found.choices:
        for name in ("role", "finish_reason", "tool_calls", "logprobs", "index"):
            getattr(output, name)
        assert repr(output)
    assert repr(found)
    assert bytes(proto) == bytes(ours(chunk))


def test_a_piece_that_names_nobody_is_the_models() -> None:
    """Differs from xai_sdk, where a delta without a role is invisible."""
    found = Chunk(piece(delta=pb.Delta(content="Hal")))
    assert (found.content, found.choices[0].role) == ("Hal", Role.INVALID)
    assert ReferenceChunk(found.proto, 0).choices == []


def test_a_finish_reason_is_a_name_as_in_the_whole_answer() -> None:
    """Differs from xai_sdk, which has a number here and a name there."""
    found = Chunk(piece(finish_reason=pb.FinishReason.REASON_STOP)).choices[0]
    assert found.finish_reason is FinishReason.STOP
    found = Chunk(piece(finish_reason=pb.FinishReason.try_value(99))).choices[0]
    assert (found.finish_reason, found.finish_reason.wire_name) == (99, "REASON_99")


def test_times_have_a_zone() -> None:
    """Differs from xai_sdk: the time is in UTC, and 1970 when there is none."""
    created = datetime(2026, 5, 1, tzinfo=timezone.utc)
    assert Chunk(pb.GetChatCompletionChunk(created=created)).created == created
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert Chunk(pb.GetChatCompletionChunk()).created == epoch


def test_logprobs_of_all_outputs_are_together() -> None:
    """None without any; those of several outputs come one after the other."""
    found = [pb.LogProbs(content=[pb.LogProb(token=token)]) for token in "ab"]
    outputs = [pb.CompletionOutputChunk(index=i, logprobs=item) for i, item in enumerate(found)]
    proto = pb.GetChatCompletionChunk(outputs=outputs)
    assert Chunk(pb.GetChatCompletionChunk()).logprobs is None
    assert Chunk(proto, 1).logprobs is found[1]
    both = Chunk(proto, None).logprobs
    assert both is not None
    assert [item.token for item in both.content] == ["a", "b"]


def test_tools_on_the_server_and_debug_output_are_those_of_the_chunk() -> None:
    """Both are empty when the chunk has none."""
    tool = pb.ServerSideTool.SERVER_SIDE_TOOL_MCP
    usage = pb.SamplingUsage(server_side_tools_used=[tool])
    debug = pb.DebugOutput(attempts=2)
    found = Chunk(pb.GetChatCompletionChunk(usage=usage, debug_output=debug))
    assert found.server_side_tool_usage == {"SERVER_SIDE_TOOL_MCP": 1}
    assert found.debug_output is debug
    nothing = Chunk(pb.GetChatCompletionChunk())
    assert (nothing.server_side_tool_usage, nothing.debug_output) == ({}, None)


def test_a_repr_repeats_nothing_of_what_was_said() -> None:
    """Texts are shown by their length only."""
    proto = piece(delta=pb.Delta(content="private", role=pb.MessageRole.ROLE_ASSISTANT), index=1)
    proto.id = "i"
    found = Chunk(proto, None)
    assert repr(found) == "<Chunk 'i': 7 characters>"
    assert repr(found.choices[0]) == "<ChunkOutput 1: ASSISTANT, 7 characters>"


@pytest.mark.parametrize(
    ("proto", "index", "message"),
    [
        ({}, 0, "proto must be a GetChatCompletionChunk, not dict"),
        (pb.GetChatCompletionChunk(), "0", "index must be an int or None, not str"),
        (pb.GetChatCompletionChunk(), True, "index must be an int or None, not bool"),
    ],
)
def test_wrong_arguments_are_named(
    proto: pb.GetChatCompletionChunk, index: int, message: str
) -> None:
    """The error says which argument was expected to be what."""
    with pytest.raises(TypeError, match=message):
        Chunk(proto, index)

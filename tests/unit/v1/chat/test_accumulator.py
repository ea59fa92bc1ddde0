import gc
import sys
import tracemalloc
from datetime import datetime, timezone
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.v1.chat.xai_sdk_chunks import (
    BaseChat,
    ReferenceResponse,
    ReferenceStream,
    Wire,
    chat_pb2,
    chunks,
    tools,
    without_empty_messages,
)
from xai.proto import xai_api as pb
from xai.v1.chat.accumulator import MAX_INDEX, Accumulator
from xai.v1.chat.enums import FinishReason, Role
from xai.v1.chat.response import Response


def ours(chunk: Wire) -> pb.GetChatCompletionChunk:
    """Return a chunk as it comes from the network."""
    return pb.GetChatCompletionChunk.FromString(chunk.SerializeToString())


def theirs(answer: pb.GetChatCompletionResponse) -> Wire:
    """Return an answer as xai_sdk reads it."""
    read = chat_pb2.GetChatCompletionResponse.FromString(bytes(answer))
    return without_empty_messages(read)


def chunk(*, index: int = 0, **delta: object) -> pb.GetChatCompletionChunk:
    """Return a chunk with a piece for one output."""
    piece = pb.CompletionOutputChunk(index=index, delta=pb.Delta(**delta))  # type: ignore[arg-type]  # by name
    return pb.GetChatCompletionChunk(outputs=[piece])


def texts_of(response: Wire | Response) -> tuple[str, str, str, int]:
    """Return what was said, and by whom."""
    role = response.role if isinstance(response, Response) else response._get_output().message.role
    return (
        response.content,
        response.reasoning_content,
        response.encrypted_content,
        int(role),
    )


@given(st.lists(chunks(3), max_size=6), tools)
def test_one_answer_is_that_of_the_reference_accumulator(stream: list[Wire], given: Wire) -> None:
    """After each chunk, both have the same message and read it in the same way."""
    reference, chat = ReferenceStream(1), BaseChat(None, None, None, model="m", tools=given)
    accumulator = Accumulator([pb.Tool.FromString(tool.SerializeToString()) for tool in given])
    response = Response._of(accumulator)
    index = None if chat._uses_server_side_tools() else 0
    assert response.index == index
    for item in stream:
        index = chat._auto_detect_multi_output_mode(index, item.outputs)
        reference.add(item)
        accumulator.add(ours(item))
        answer = reference.answer
        assert theirs(accumulator.proto) == answer
        assert response.index == accumulator.index == index
        assert texts_of(response) == texts_of(ReferenceResponse(answer, index))
    assert accumulator.chunks == len(stream)


@given(st.lists(chunks(3), max_size=6), st.integers(2, 4))
def test_alternatives_are_those_of_the_reference_accumulator(stream: list[Wire], n: int) -> None:
    """After each chunk, both have the same message, and each alternative reads the same."""
    reference, accumulator = ReferenceStream(n), Accumulator(n=n)
    views = [Response._of(accumulator, index) for index in range(n)]
    for item in stream:
        reference.add(item)
        accumulator.add(ours(item))
        answer = reference.answer
        found = [texts_of(view) for view in views]
        assert found == [texts_of(ReferenceResponse(answer, index)) for index in range(n)]
        assert theirs(accumulator.proto) == answer
    assert [view.index for view in views] == list(range(n))


@given(st.lists(chunks(2), max_size=6), st.integers(1, 3))
def test_when_the_answer_is_read_makes_no_difference(stream: list[Wire], n: int) -> None:
    """The answer is the same whether it was read after each chunk or only at the end."""
    often, once = Accumulator(n=n), Accumulator(n=n)
    for item in stream:
        once.add(ours(item))
        often.add(ours(item))
        assert often.text(0) == often.proto.outputs[0].message.content
    assert bytes(often.proto) == bytes(once.proto)


@given(st.lists(chunks(2), max_size=6))
def test_chunks_stay_as_they_came(stream: list[Wire]) -> None:
    """Adding a chunk and reading the answer changes no chunk."""
    accumulator = Accumulator()
    added = [ours(item) for item in stream]
    for item in added:
        accumulator.add(item)
        assert Response._of(accumulator).to_dict()["id"] == accumulator.proto.id
    assert [bytes(item) for item in added] == [bytes(ours(item)) for item in stream]


def test_empty_values_erase_nothing() -> None:
    """Differs from xai_sdk: a last chunk without facts leaves those there are."""
    created = datetime(2026, 1, 2, tzinfo=timezone.utc)
    accumulator = Accumulator()
    accumulator.add(
        pb.GetChatCompletionChunk(
            id="i",
            model="m",
            system_fingerprint="f",
            created=created,
            usage=pb.SamplingUsage(total_tokens=3),
            service_tier=pb.ServiceTier.SERVICE_TIER_PRIORITY,
        )
    )
    accumulator.add(pb.GetChatCompletionChunk())
    answer = accumulator.proto
    assert (answer.id, answer.model, answer.system_fingerprint) == ("i", "m", "f")
    assert answer.created == created
    assert answer.usage.total_tokens == 3
    assert answer.service_tier == pb.ServiceTier.SERVICE_TIER_PRIORITY

    reference = ReferenceResponse(chat_pb2.GetChatCompletionResponse(), 0)
    reference.process_chunk(chat_pb2.GetChatCompletionChunk(id="i", usage={"total_tokens": 3}))
    reference.process_chunk(chat_pb2.GetChatCompletionChunk())
    assert (reference.id, reference.usage.total_tokens) == ("", 0)


def test_a_role_and_a_finish_reason_stay() -> None:
    """Differs from xai_sdk: a delta without a role leaves the text readable."""
    accumulator = Accumulator()
    response = Response._of(accumulator)
    first = chunk(role=pb.MessageRole.ROLE_ASSISTANT, content="Hal")
    first.outputs[0].finish_reason = pb.FinishReason.REASON_STOP
    accumulator.add(first)
    accumulator.add(chunk(content="lo"))
    assert response.content == "Hallo"
    assert response.role == Role.ASSISTANT
    assert response.finish_reason == FinishReason.STOP


def test_logprobs_files_and_debug_output_are_kept() -> None:
    """Differs from xai_sdk, which leaves them out of a streamed answer."""
    accumulator = Accumulator()
    for token in ("a", "b"):
        accumulator.add(
            pb.GetChatCompletionChunk(
                outputs=[
                    pb.CompletionOutputChunk(
                        delta=pb.Delta(role=pb.MessageRole.ROLE_ASSISTANT, content=token),
                        logprobs=pb.LogProbs(content=[pb.LogProb(token=token)]),
                    )
                ],
                debug_output=pb.DebugOutput(prompt=token),
                output_files=[pb.OutputFile(name=token)],
            )
        )
    response = Response._of(accumulator)
    assert response.logprobs is not None
    assert [item.token for item in response.logprobs.content] == ["a", "b"]
    assert [file.name for file in response.output_files] == ["a", "b"]
    assert response.debug_output is not None
    assert response.debug_output.prompt == "b"


def test_outputs_that_nothing_came_for_have_their_own_index() -> None:
    """Differs from xai_sdk, where they all have the index 0."""
    accumulator = Accumulator()
    accumulator.add(chunk(index=3, role=pb.MessageRole.ROLE_ASSISTANT, content="x"))
    assert [output.index for output in accumulator.proto.outputs] == [0, 1, 2, 3]
    assert [output.is_set("message") for output in accumulator.proto.outputs] == [
        False,
        False,
        False,
        True,
    ]


def test_a_call_is_replaced_when_its_status_changes() -> None:
    """Differs from xai_sdk, where the call is there twice."""
    accumulator = Accumulator()
    running = pb.ToolCall(id="1", status=pb.ToolCallStatus.TOOL_CALL_STATUS_IN_PROGRESS)
    done = pb.ToolCall(id="1", status=pb.ToolCallStatus.TOOL_CALL_STATUS_COMPLETED)
    accumulator.add(chunk(role=pb.MessageRole.ROLE_ASSISTANT, tool_calls=[running]))
    accumulator.add(chunk(tool_calls=[pb.ToolCall(id="2"), pb.ToolCall(), pb.ToolCall()]))
    accumulator.add(chunk(tool_calls=[done]))
    accumulator.add(chunk(index=1, role=pb.MessageRole.ROLE_TOOL, tool_calls=[done]))
    first, second = accumulator.proto.outputs
    assert [call.id for call in first.message.tool_calls] == ["1", "2", "", ""]
    assert first.message.tool_calls[0].status == pb.ToolCallStatus.TOOL_CALL_STATUS_COMPLETED
    assert [call.id for call in second.message.tool_calls] == ["1"]


def test_no_alternative_is_behind() -> None:
    """Differs from xai_sdk, where only the first one reads the newest text."""
    accumulator = Accumulator(n=2)
    second = Response._of(accumulator, 1)
    for text in ("a", "b"):
        accumulator.add(chunk(index=1, role=pb.MessageRole.ROLE_ASSISTANT, content=text))
    assert second.content == "ab"


def test_an_answer_becomes_one_in_steps_for_good() -> None:
    """The first output above 0 shows that the server added tools, also to views made before."""
    accumulator = Accumulator()
    response = Response._of(accumulator)
    accumulator.add(chunk(role=pb.MessageRole.ROLE_ASSISTANT, content="Looking."))
    assert (response.index, response.content) == (0, "Looking.")
    accumulator.add(chunk(index=2, role=pb.MessageRole.ROLE_ASSISTANT, content="Found."))
    accumulator.add(chunk(role=pb.MessageRole.ROLE_ASSISTANT))
    assert (response.index, response.content) == (None, "Found.")


def test_alternatives_never_become_steps() -> None:
    """With many alternatives, an index above 0 and tools on the server say nothing."""
    accumulator = Accumulator([pb.Tool(code_execution=pb.CodeExecution())], n=2)
    accumulator.add(chunk(index=1, role=pb.MessageRole.ROLE_ASSISTANT, content="x"))
    assert accumulator.index == 0
    assert Response._of(accumulator, 0).content == ""


@pytest.mark.parametrize("index", [-1, MAX_INDEX + 1, -(2**31), 2**31 - 1])
def test_an_index_that_makes_no_sense_is_refused_whole(index: int) -> None:
    """The error names the place and the value, and nothing of the chunk was added."""
    accumulator = Accumulator()
    wrong = chunk(role=pb.MessageRole.ROLE_ASSISTANT, content="x")
    wrong.outputs.append(pb.CompletionOutputChunk(index=index))
    wrong.id = "wrong"
    message = rf"outputs\[1\]\.index must be from 0 to 10000, not {index}"
    with pytest.raises(ValueError, match=message):
        accumulator.add(wrong)
    assert (accumulator.chunks, accumulator.index, accumulator.text(0)) == (0, 0, "")
    assert bytes(accumulator.proto) == bytes(Accumulator().proto)


def test_the_largest_index_is_accepted() -> None:
    """The limit itself is an index."""
    accumulator = Accumulator()
    accumulator.add(chunk(index=MAX_INDEX, content="x"))
    assert accumulator.text(MAX_INDEX) == "x"
    assert len(accumulator.proto.outputs) == MAX_INDEX + 1


@pytest.mark.parametrize("index", [-1, 1, 99])
def test_an_output_that_is_not_there_has_no_text(index: int) -> None:
    """Asking for the text of an output before it began gives an empty text."""
    accumulator = Accumulator()
    accumulator.add(chunk(content="x"))
    assert accumulator.text(index) == ""


@pytest.mark.parametrize(("n", "error"), [(0, ValueError), (True, TypeError), ("1", TypeError)])
def test_a_number_of_alternatives_is_checked(n: int, error: type[Exception]) -> None:
    """The error names n."""
    with pytest.raises(error, match=r"^n must be"):
        Accumulator(n=n)


def test_the_answer_is_one_object() -> None:
    """The message is updated in place, and a text that did not change is not joined again."""
    accumulator = Accumulator()
    accumulator.add(chunk(role=pb.MessageRole.ROLE_ASSISTANT, content="a" * 10))
    answer = accumulator.proto
    accumulator.add(chunk(content="b" * 10))
    assert accumulator.proto is answer
    assert answer.outputs[0].message.content == "a" * 10 + "b" * 10
    assert accumulator.text(0) is accumulator.text(0)


def calls_made_by(accumulator: Accumulator, added: list[pb.GetChatCompletionChunk]) -> int:
    """Return how many functions are called, Python's own included, to add some chunks."""
    count = 0

    def profile(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.disable()  # its hooks would be counted
    sys.setprofile(profile)
    try:
        for item in added:
            accumulator.add(item)
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def test_ten_thousand_chunks_take_ten_times_the_work_of_a_thousand() -> None:
    """The tenth thousand of chunks calls exactly as many functions as the second."""
    accumulator = Accumulator()
    data = bytes(
        pb.GetChatCompletionChunk(
            id="i",
            usage=pb.SamplingUsage(total_tokens=1),
            citations=["c"],
            outputs=[
                pb.CompletionOutputChunk(
                    delta=pb.Delta(role=pb.MessageRole.ROLE_ASSISTANT, content="x"),
                    logprobs=pb.LogProbs(content=[pb.LogProb(token="x")]),
                )
            ],
        )
    )
    work = [
        calls_made_by(
            accumulator, [pb.GetChatCompletionChunk.FromString(data) for _ in range(1000)]
        )
        for _ in range(10)
    ]
    assert work[1] > 0
    assert len(set(work[1:])) == 1
    assert accumulator.text(0) == "x" * 10_000


def test_ten_thousand_chunks_copy_no_text() -> None:
    """Ten million characters are added in far less memory: joining any of it would show."""
    text = "x" * 1000
    added = [chunk(role=pb.MessageRole.ROLE_ASSISTANT, content=text) for _ in range(10_000)]
    accumulator = Accumulator()
    tracemalloc.start()
    try:
        for item in added:
            accumulator.add(item)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # One reference for each piece, and what reading fields leaves in the chunks.
    assert peak < 8_000_000
    assert len(accumulator.text(0)) == 10_000_000

"""Random streams of the v1 API, as messages of xai_sdk, and what it makes of them."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from tests.reference import chat, chat_pb2, usage_pb2

__all__ = [
    "BaseChat",
    "CompactContextResponse",
    "ReferenceChunk",
    "ReferenceResponse",
    "chat_pb2",
    "cost_usd_from_usage",
]

BaseChat: Final = chat.BaseChat
CompactContextResponse: Final = chat.CompactContextResponse
ReferenceChunk: Final = chat.Chunk
ReferenceResponse: Final = chat.Response
cost_usd_from_usage: Final = chat.cost_usd_from_usage

#: A message of xai_sdk.
Wire: TypeAlias = Any

ASSISTANT = 2
TOOL = 5

texts = st.sampled_from(["", "", "a", "Hallo ", "żółw", "\N{PARROT}", "line\nline"])
ids = st.sampled_from(["", "call-1", "call-2", "call-3"])
#: The last has no name anywhere.
roles = st.sampled_from([0, 1, ASSISTANT, ASSISTANT, ASSISTANT, TOOL, TOOL, 77])
finish_reasons = st.sampled_from([0, 0, 1, 3, 4, 99])
small = st.integers(0, 2**31 - 1)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for a value or none."""
    return st.none() | values


calls = st.builds(
    chat_pb2.ToolCall,
    id=ids,
    type=st.sampled_from([0, 1, 2, 6, 10, 55]),
    status=st.sampled_from([0, 1, 2, 3, 44]),
    error_message=maybe(texts),
    function=maybe(st.builds(chat_pb2.FunctionCall, name=texts, arguments=texts)),
)
inline_citations = st.builds(
    chat_pb2.InlineCitation,
    id=texts,
    start_index=small,
    end_index=small,
    web_citation=maybe(st.builds(chat_pb2.WebCitation, url=texts)),
)
logprobs = st.builds(
    chat_pb2.LogProbs,
    content=st.lists(
        st.builds(
            chat_pb2.LogProb,
            token=texts,
            logprob=st.floats(width=32, allow_nan=False, max_value=0),
            bytes=st.binary(max_size=3),
        ),
        max_size=2,
    ),
)
usages = st.builds(
    usage_pb2.SamplingUsage,
    completion_tokens=small,
    prompt_tokens=small,
    server_side_tools_used=st.lists(st.sampled_from([0, 1, 7, 66]), max_size=3),
    cost_in_usd_ticks=maybe(st.integers(0, 2**50)),
)
deltas = st.builds(
    chat_pb2.Delta,
    content=texts,
    reasoning_content=texts,
    encrypted_content=texts,
    role=roles,
    tool_calls=st.lists(calls, max_size=3),
    citations=st.lists(inline_citations, max_size=2),
)


def pieces(largest: int) -> st.SearchStrategy[Wire]:
    """Return a strategy for what a chunk adds to one output."""
    return st.builds(
        chat_pb2.CompletionOutputChunk,
        delta=maybe(deltas),
        logprobs=maybe(logprobs),
        finish_reason=finish_reasons,
        index=st.integers(0, largest),
    )


def chunks(largest: int) -> st.SearchStrategy[Wire]:
    """Return a strategy for chunks whose outputs have indices up to the largest."""
    return st.builds(
        chat_pb2.GetChatCompletionChunk,
        id=texts,
        model=texts,
        system_fingerprint=texts,
        created=maybe(st.sampled_from([{"seconds": 1}, {"seconds": 1_700_000_000, "nanos": 5000}])),
        usage=maybe(usages),
        service_tier=st.sampled_from([0, 1, 2, 9]),
        citations=st.lists(texts, max_size=2),
        debug_output=maybe(st.builds(chat_pb2.DebugOutput, prompt=texts)),
        output_files=st.lists(st.builds(chat_pb2.OutputFile, file_id=texts), max_size=1),
        outputs=st.lists(pieces(largest), max_size=3),
    )


tools = st.sampled_from(
    [
        [],
        [chat_pb2.Tool(function=chat_pb2.Function(name="f"))],
        [chat_pb2.Tool(function=chat_pb2.Function(name="f")), chat_pb2.Tool(mcp={})],
        [chat_pb2.Tool(web_search=chat_pb2.WebSearch())],
        [chat_pb2.Tool()],
    ]
)
outputs = st.builds(
    chat_pb2.CompletionOutput,
    index=st.integers(0, 3),
    finish_reason=finish_reasons,
    logprobs=maybe(logprobs),
    message=maybe(
        st.builds(
            chat_pb2.CompletionMessage,
            content=texts,
            reasoning_content=texts,
            encrypted_content=texts,
            role=roles,
            tool_calls=st.lists(calls, max_size=2),
            citations=st.lists(inline_citations, max_size=2),
        )
    ),
)
answers = st.builds(
    chat_pb2.GetChatCompletionResponse,
    id=texts,
    model=texts,
    usage=maybe(usages),
    citations=st.lists(texts, max_size=2),
    service_tier=st.sampled_from([0, 1, 2, 9]),
    outputs=st.lists(outputs, max_size=4),
)


class ReferenceStream:
    """The reference accumulator, told again in each chunk what earlier ones said.

    That is how the real server talks, and it keeps from being erased what the chunk leaves out.
    What the reference accumulator leaves out by itself is added to the answer.
    """

    def __init__(self, n: int) -> None:
        empty = [chat_pb2.CompletionOutput(index=index) for index in range(n)]
        self._reference = ReferenceResponse(chat_pb2.GetChatCompletionResponse(outputs=empty), 0)
        self._said: dict[object, Any] = {}
        self._added = chat_pb2.GetChatCompletionResponse()
        self._logprobs: dict[int, Wire] = {}

    def add(self, chunk: Wire) -> None:
        """Add a chunk."""
        told = chat_pb2.GetChatCompletionChunk()
        told.CopyFrom(chunk)
        for name in ("id", "model", "system_fingerprint"):
            setattr(told, name, self._last(name, getattr(chunk, name)))
        for name in ("usage", "created"):
            message = self._last(name, getattr(chunk, name) if chunk.HasField(name) else None)
            if message is not None:
                getattr(told, name).CopyFrom(message)
        for piece in told.outputs:
            piece.delta.role = self._last((piece.index, "role"), piece.delta.role)
            piece.finish_reason = self._last((piece.index, "finish"), piece.finish_reason)
            if piece.HasField("logprobs"):
                self._logprobs.setdefault(piece.index, chat_pb2.LogProbs()).MergeFrom(
                    piece.logprobs
                )
        if chunk.HasField("debug_output"):
            self._added.debug_output.CopyFrom(chunk.debug_output)
        self._added.output_files.extend(chunk.output_files)
        self._reference.process_chunk(told)

    def _last(self, name: object, value: Any) -> Any:  # noqa: ANN401  # of any field
        said = value is not None if not isinstance(value, (int, str)) else bool(value)
        if said:
            self._said[name] = value
        return self._said.get(name, value)

    @property
    def answer(self) -> Wire:
        """The answer so far."""
        answer = chat_pb2.GetChatCompletionResponse()
        answer.CopyFrom(self._reference.proto)
        for name in ("usage", "created"):
            if name not in self._said:
                answer.ClearField(name)
        answer.MergeFrom(self._added)
        for place, output in enumerate(answer.outputs):
            output.index = place
            if place in self._logprobs:
                output.logprobs.CopyFrom(self._logprobs[place])
            merged = last_of_each_call(output.message.tool_calls)
            del output.message.tool_calls[:]
            output.message.tool_calls.extend(merged)
        return without_empty_messages(answer)


def last_of_each_call(found: Sequence[Wire]) -> list[Wire]:
    """Return the calls in order of their first appearance, as they were when they came last."""
    named: dict[object, Wire] = {}
    for place, call in enumerate(found):
        named[call.id or place] = call
    return list(named.values())


def without_empty_messages(answer: Wire) -> Wire:
    """Return an answer whose outputs have neither empty messages nor empty logprobs."""
    for output in answer.outputs:
        if output.message == chat_pb2.CompletionMessage():
            output.ClearField("message")
        if not output.logprobs.content:
            output.ClearField("logprobs")
    return answer

"""Accumulates the chunks of a stream into a response."""

from collections.abc import Iterable
from typing import Final

from xai._validation import check_int
from xai.proto import xai_api as pb
from xai.proto.base import UNSET, fields_of, which_one_of

#: The largest index of an output that is accepted. Space is made for all below it, so that a few
#: broken bytes could take any amount of memory.
MAX_INDEX: Final = 10_000
#: Fields that chunks share with the response, by how they are merged.
_FACTS: Final = ("id", "model", "system_fingerprint", "service_tier")
_MESSAGES: Final = ("created", "usage", "debug_output")
_LISTS: Final = ("citations", "output_files")
#: Fields of an output whose deltas are joined.
_TEXTS: Final = ("content", "reasoning_content", "encrypted_content")
#: The name of the oneof in ``xai_api.Tool``.
TOOL: Final = "tool"


class Accumulator:
    """The response accumulated from the chunks so far.

    Adding a chunk takes the same time whatever came before: texts are joined when they are read.

    A value replaces an earlier one only if it is set: a chunk without a role, an ID or usage
    leaves those of the chunks before it. A call of a tool replaces an earlier one with the
    same ID in the same output, since the server repeats a call when its status changes.

    Args:
        tools: The tools of the request.
        n: The number of choices that were requested.

    Raises:
        TypeError: n is not an int.
        ValueError: n is out of range.
    """

    def __init__(self, tools: Iterable[pb.Tool] = (), n: int = 1) -> None:
        check_int("n", n, 1, MAX_INDEX + 1)
        #: Which output is the response: 0, or None when each is a step of it. It becomes
        #: None at the first sign of tools that run on the server, and stays so. With many
        #: choices it is always 0.
        self.index = None if n == 1 and any(map(is_server_side, tools)) else 0
        #: How many chunks came.
        self.chunks = 0
        self._single = n == 1
        self._outputs = [_Output(index) for index in range(n)]
        self._stale = set[int]()
        # What is known of the whole and is not in the response yet, by the field.
        self._facts: dict[str, object] = {}
        self._response = pb.GetChatCompletionResponse(outputs=[o.proto for o in self._outputs])

    @property
    def proto(self) -> pb.GetChatCompletionResponse:
        """The response so far: always the same object, brought up to date when this is read."""
        response = self._response
        # One by one, since the stream may be read by another thread meanwhile.
        while self._facts:
            name, value = self._facts.popitem()
            setattr(response, name, value)
        while self._stale:
            self._outputs[self._stale.pop()].join()
        return response

    def text(self, index: int) -> str:
        """Return the text of an output so far.

        Args:
            index: Which output.

        Returns:
            Its text; empty when there is none yet, or no such output.
        """
        if not 0 <= index < len(self._outputs):
            return ""
        output = self._outputs[index]
        output.join()
        self._stale.discard(index)
        return output.message.content

    def add(self, chunk: pb.GetChatCompletionChunk) -> None:
        """Add the next chunk.

        Args:
            chunk: The chunk as received. The response shares the messages in it.

        Raises:
            ValueError: The index of an output makes no sense. Nothing was added then.
        """
        # Here and below, fields are not read one by one as attributes: of some thirty hardly five
        # are set, and all others would be made for nothing, chunk after chunk.
        fields = fields_of(chunk)
        placed = []
        if "outputs" in fields and fields["outputs"] is not UNSET:
            placed = [(_index(output), output) for output in fields["outputs"]]
        self._make_room(placed)
        self.chunks += 1
        for name in _FACTS:
            if name in fields:
                value = fields[name]
                if value is not UNSET and value:
                    self._facts[name] = value
        for name in _MESSAGES:
            # An empty message is a value, too.
            if name in fields and fields[name] is not UNSET:
                self._facts[name] = fields[name]
        for name in _LISTS:
            if name in fields and fields[name] is not UNSET:
                getattr(self._response, name).extend(fields[name])
        for index, output in placed:
            self._outputs[index].add(output)
            self._stale.add(index)

    def _make_room(self, placed: "list[tuple[int, pb.CompletionOutputChunk]]") -> None:
        count = len(self._outputs)
        for position, (index, _) in enumerate(placed):
            if not 0 <= index <= MAX_INDEX:
                raise ValueError(
                    f"outputs[{position}].index must be from 0 to {MAX_INDEX}, not {index}"
                )
        for largest, _ in placed:
            if largest > 0 and self._single:
                # Only steps have indices above 0 when one choice was asked for: the server has
                # added tools of its own.
                self.index = None
            for index in range(count, largest + 1):
                output = _Output(index)
                self._outputs.append(output)
                self._response.outputs.append(output.proto)
            if largest >= count:
                count = largest + 1


class _Output:
    """One output that is being put together."""

    __slots__ = ("_began", "_deltas", "_places", "_role", "message", "proto")

    def __init__(self, index: int) -> None:
        self.message = pb.CompletionMessage()
        self.proto = pb.CompletionOutput(index=index)
        self._began = False
        self._role: pb.MessageRole | None = None
        # Deltas of texts that are not in the message yet, by the field.
        self._deltas: dict[str, list[str]] = {name: [] for name in _TEXTS}
        # Where the call with an ID is in the list of calls.
        self._places: dict[str, int] = {}

    def add(self, output: pb.CompletionOutputChunk) -> None:
        """Add what a chunk has of this output; its texts are joined later."""
        fields = fields_of(output)
        if "finish_reason" in fields:
            reason = fields["finish_reason"]
            if reason is not UNSET and reason:
                self.proto.finish_reason = reason
        if "logprobs" in fields:
            logprobs = fields["logprobs"]
            if logprobs is not UNSET and logprobs is not None:
                if not self.proto.is_set("logprobs"):
                    self.proto.logprobs = pb.LogProbs()
                self.proto.logprobs.content.extend(logprobs.content)
        if "delta" in fields:
            delta = fields["delta"]
            if delta is not UNSET and delta is not None:
                self._add_delta(delta)

    def join(self) -> None:
        """Bring the texts in the message up to date."""
        for name, deltas in self._deltas.items():
            if deltas:
                # More may come meanwhile, when another thread reads the stream.
                taken = deltas[:]
                setattr(self.message, name, "".join([getattr(self.message, name), *taken]))
                del deltas[: len(taken)]

    def _add_delta(self, delta: pb.Delta) -> None:
        message = self.message
        if not self._began:
            # Not before: what nobody spoke of yet stays unset.
            self.proto.message = message
            self._began = True
        fields = fields_of(delta)
        if "role" in fields:
            role = fields["role"]
            # Writing takes longer than comparing, and it is the same in all chunks.
            if role is not UNSET and role and role != self._role:
                self._role = message.role = role
        for name in _TEXTS:
            if name in fields:
                text = fields[name]
                if text is not UNSET and text:
                    self._deltas[name].append(text)
        if "citations" in fields and fields["citations"] is not UNSET:
            message.citations.extend(fields["citations"])
        if "tool_calls" in fields and fields["tool_calls"] is not UNSET:
            for call in fields["tool_calls"]:
                self._add_call(call)

    def _add_call(self, call: pb.ToolCall) -> None:
        calls = self.message.tool_calls
        # A call without an ID is never noted here.
        place = self._places.get(call.id)
        if place is not None:
            calls[place] = call
            return
        if call.id:
            self._places[call.id] = len(calls)
        calls.append(call)


def _index(output: pb.CompletionOutputChunk) -> int:
    fields = fields_of(output)
    index: int = fields.get("index", UNSET)
    return 0 if index is UNSET else index


def is_server_side(tool: pb.Tool) -> bool:
    """Return whether the server runs a tool: every kind but functions."""
    return which_one_of(tool, TOOL)[0] != "function"

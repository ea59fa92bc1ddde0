"""One answer from the pieces of a stream."""

from collections.abc import Iterable
from typing import Final

from xai.proto import xai_api as pb
from xai.proto.base import which_one_of
from xai.runtime.checks import check_int

#: The largest index of an output that is believed. Space is made for all below it, so that a few
#: broken bytes could take any amount of memory.
MAX_INDEX: Final = 10_000
#: The name of the oneof in ``xai_api.Tool``.
TOOL: Final = "tool"


class Accumulator:
    """The whole answer made of its pieces so far.

    Adding a piece takes the same time whatever came before: texts are joined when they are read.

    A value replaces an earlier one only if it says something: a piece without a role, an ID or
    usage leaves those of the pieces before it. A call of a tool replaces an earlier one with the
    same ID in the same output, since the server repeats a call when its status changes.

    Args:
        tools: Those of the request.
        n: How many alternatives were asked for.

    Raises:
        TypeError: n is not an int.
        ValueError: n is out of range.
    """

    def __init__(self, tools: Iterable[pb.Tool] = (), n: int = 1) -> None:
        check_int("n", n, 1, MAX_INDEX + 1)
        #: Which output is the answer: 0, or None when each is a step of one answer. It becomes
        #: None at the first sign of tools that run on the server, and stays so. With many
        #: alternatives it is always 0.
        self.index = None if n == 1 and any(map(is_server_side, tools)) else 0
        #: How many pieces came.
        self.chunks = 0
        self._single = n == 1
        self._outputs = [_Output(index) for index in range(n)]
        self._stale = set[int]()
        self._answer = pb.GetChatCompletionResponse(outputs=[o.proto for o in self._outputs])

    @property
    def proto(self) -> pb.GetChatCompletionResponse:
        """The answer so far: always the same object, brought up to date when this is read."""
        while self._stale:
            self._outputs[self._stale.pop()].join()
        return self._answer

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
        """Add the next piece.

        Args:
            chunk: It, as it came. The answer shares the messages in it.

        Raises:
            ValueError: The index of an output makes no sense. Nothing was added then.
        """
        self._make_room(chunk.outputs)
        self.chunks += 1
        self._add_facts(chunk)
        for piece in chunk.outputs:
            if self._outputs[piece.index].add(piece):
                self._stale.add(piece.index)

    def _make_room(self, pieces: "list[pb.CompletionOutputChunk]") -> None:
        if not pieces:
            return
        for position, piece in enumerate(pieces):
            if not 0 <= piece.index <= MAX_INDEX:
                raise ValueError(
                    f"outputs[{position}].index must be from 0 to {MAX_INDEX}, not {piece.index}"
                )
        largest = max(piece.index for piece in pieces)
        if self._single and largest > 0:
            # Only steps have indices above 0 when one answer was asked for: the server has added
            # tools of its own.
            self.index = None
        for index in range(len(self._outputs), largest + 1):
            output = _Output(index)
            self._outputs.append(output)
            self._answer.outputs.append(output.proto)

    def _add_facts(self, chunk: pb.GetChatCompletionChunk) -> None:
        answer = self._answer
        for name in ("id", "model", "system_fingerprint"):
            value = getattr(chunk, name)
            # Writing takes longer than comparing, and they are the same in all pieces.
            if value and value != getattr(answer, name):
                setattr(answer, name, value)
        # Presence is asked for first: reading a message that is not there would put one there.
        if chunk.is_set("created"):
            answer.created = chunk.created
        if chunk.is_set("usage"):
            answer.usage = chunk.usage
        if chunk.is_set("debug_output"):
            answer.debug_output = chunk.debug_output
        if chunk.service_tier:
            answer.service_tier = chunk.service_tier
        if chunk.citations:
            answer.citations.extend(chunk.citations)
        if chunk.output_files:
            answer.output_files.extend(chunk.output_files)


class _Output:
    """One output that is being put together."""

    __slots__ = ("_began", "_pieces", "_places", "message", "proto")

    def __init__(self, index: int) -> None:
        self.message = pb.CompletionMessage()
        self.proto = pb.CompletionOutput(index=index)
        self._began = False
        # Pieces of texts that are not in the message yet, by the field.
        self._pieces: dict[str, list[str]] = {}
        # Where the call with an ID is in the list of calls.
        self._places: dict[str, int] = {}

    def add(self, piece: pb.CompletionOutputChunk) -> bool:
        """Add a piece; return whether texts wait for being joined."""
        if piece.finish_reason:
            self.proto.finish_reason = piece.finish_reason
        if piece.is_set("logprobs"):
            if not self.proto.is_set("logprobs"):
                self.proto.logprobs = pb.LogProbs()
            self.proto.logprobs.content.extend(piece.logprobs.content)
        if piece.is_set("delta"):
            self._add_delta(piece.delta)
        return bool(self._pieces)

    def join(self) -> None:
        """Bring the texts in the message up to date."""
        for name, pieces in self._pieces.items():
            setattr(self.message, name, "".join([getattr(self.message, name), *pieces]))
        self._pieces.clear()

    def _add_delta(self, delta: pb.Delta) -> None:
        message = self.message
        if not self._began:
            # Not before: what nobody spoke of yet stays unset.
            self.proto.message = message
            self._began = True
        role = delta.role
        if role and role != message.role:
            message.role = role
        for name in ("content", "reasoning_content", "encrypted_content"):
            text = getattr(delta, name)
            if text:
                self._pieces.setdefault(name, []).append(text)
        if delta.citations:
            message.citations.extend(delta.citations)
        for call in delta.tool_calls:
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


def is_server_side(tool: pb.Tool) -> bool:
    """Tell whether the server runs a tool: every kind but the caller's functions."""
    return which_one_of(tool, TOOL)[0] != "function"

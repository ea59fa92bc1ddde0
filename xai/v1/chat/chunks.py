"""The chunks of a streamed response."""

from datetime import datetime, timezone
from typing import Final

from xai.proto import xai_api as pb
from xai.proto.base import UNSET, fields_of
from xai.v1.chat.enums import FinishReason, Role
from xai.v1.chat.usage import read_usage

#: The roles of the outputs in `Chunk.choices`.
_SPEAKERS: Final = (pb.MessageRole.ROLE_ASSISTANT, pb.MessageRole.INVALID_ROLE)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


class ChunkOutput:
    """What a chunk adds to one output.

    Args:
        proto: The message.
    """

    def __init__(self, proto: pb.CompletionOutputChunk) -> None:
        #: The message of the server.
        self.proto = proto

    def __repr__(self) -> str:
        """Show which output it belongs to, and nothing of what was said."""
        length = len(self.content)
        return f"<ChunkOutput {self.index}: {self.role.name}, {length} characters>"

    @property
    def _delta(self) -> pb.Delta:
        # Reading a message that is not there would put one there.
        return self.proto.delta if self.proto.is_set("delta") else pb.Delta()

    @property
    def index(self) -> int:
        """The index of the output it belongs to."""
        return self.proto.index

    @property
    def content(self) -> str:
        """The new text."""
        return self._delta.content

    @property
    def reasoning_content(self) -> str:
        """The new reasoning."""
        return self._delta.reasoning_content

    @property
    def role(self) -> Role:
        """The role of the author; `Role.INVALID` when this chunk does not say."""
        return Role(int(self._delta.role))

    @property
    def tool_calls(self) -> list[pb.ToolCall]:
        """New tool calls, each of them complete."""
        return list(self._delta.tool_calls)

    @property
    def inline_citations(self) -> list[pb.InlineCitation]:
        """New inline citations."""
        return list(self._delta.citations)

    @property
    def finish_reason(self) -> FinishReason:
        """Why sampling finished; `FinishReason.INVALID` until it has."""
        return FinishReason(int(self.proto.finish_reason))

    @property
    def logprobs(self) -> pb.LogProbs | None:
        """The log probabilities of the tokens; None unless requested."""
        return self.proto.logprobs if self.proto.is_set("logprobs") else None


class Chunk:
    """A chunk of a streamed response: what is new since the last one.

    Args:
        proto: The message.
        index: The choice it belongs to; None for a response with several steps.

    Raises:
        TypeError: An argument has the wrong type.
    """

    def __init__(self, proto: pb.GetChatCompletionChunk, index: int | None = 0) -> None:
        if not isinstance(proto, pb.GetChatCompletionChunk):
            raise TypeError(f"proto must be a GetChatCompletionChunk, not {type(proto).__name__}")
        if isinstance(index, bool) or not isinstance(index, (int, type(None))):
            raise TypeError(f"index must be an int or None, not {type(index).__name__}")
        #: The message of the server, with what is new of all choices.
        self.proto = proto
        #: The choice it belongs to; None for a response in steps.
        self.index = index

    def __repr__(self) -> str:
        """Show which response it belongs to, and nothing of what was said."""
        return f"<Chunk {self.proto.id!r}: {len(self.content)} characters>"

    def __str__(self) -> str:
        """Return `output`."""
        return self.output

    @property
    def _outputs(self) -> list[ChunkOutput]:
        index = self.index
        outputs = self.proto.outputs
        return [ChunkOutput(item) for item in outputs if index is None or item.index == index]

    @property
    def choices(self) -> list[ChunkOutput]:
        """The outputs of the model in this chunk.

        An output without a role counts as the model's: some servers send the role once.
        """
        speaks = (Role.ASSISTANT, Role.INVALID)
        return [output for output in self._outputs if output.role in speaks]

    @property
    def tool_outputs(self) -> list[ChunkOutput]:
        """The outputs of server-side tools in this chunk."""
        return [output for output in self._outputs if output.role == Role.TOOL]

    @property
    def content(self) -> str:
        """The new text of the model."""
        return self._text("content")

    @property
    def reasoning_content(self) -> str:
        """The new reasoning of the model."""
        return self._text("reasoning_content")

    def _text(self, name: str) -> str:
        """Return a text of all `choices`, without making them: this is read of each chunk."""
        found = ""
        for item in self.proto.outputs:
            fields = fields_of(item)
            delta = fields.get("delta", UNSET)
            if delta is UNSET or delta is None or self.index not in (None, item.index):
                continue
            fields = fields_of(delta)
            if name not in fields:
                continue
            role, text = fields.get("role", UNSET), fields[name]
            if text is not UNSET and (role is UNSET or role in _SPEAKERS):
                found = found + text if found else text
        return found

    @property
    def output(self) -> str:
        """The new text and reasoning: of each output the text, then the reasoning."""
        return "".join(choice.content + choice.reasoning_content for choice in self.choices)

    @property
    def tool_calls(self) -> list[pb.ToolCall]:
        """New tool calls, each of them complete."""
        return [call for choice in self.choices for call in choice.tool_calls]

    @property
    def inline_citations(self) -> list[pb.InlineCitation]:
        """New inline citations."""
        return [citation for choice in self.choices for citation in choice.inline_citations]

    @property
    def citations(self) -> list[str]:
        """New URLs of sources."""
        return list(self.proto.citations)

    @property
    def logprobs(self) -> pb.LogProbs | None:
        """The log probabilities of the tokens; None unless requested."""
        parts = [choice.logprobs for choice in self.choices]
        found = [part for part in parts if part is not None]
        if len(found) < 2:
            return found[0] if found else None
        return pb.LogProbs(content=[token for part in found for token in part.content])

    @property
    def server_side_tool_usage(self) -> dict[str, int]:
        """The number of uses of each server-side tool so far, by its protobuf name."""
        proto = self.proto
        return read_usage(proto.usage).server_side_tool_usage if proto.is_set("usage") else {}

    @property
    def debug_output(self) -> pb.DebugOutput | None:
        """Debug output; None unless the team is privileged."""
        return self.proto.debug_output if self.proto.is_set("debug_output") else None

    @property
    def created(self) -> datetime:
        """When the response was created, in UTC; the start of 1970 when the server did not say."""
        return self.proto.created if self.proto.is_set("created") else _EPOCH


for _class in (Chunk, ChunkOutput):
    _class.__module__ = "xai.v1"

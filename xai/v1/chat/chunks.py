"""The pieces of an answer of today's API."""

from datetime import datetime, timezone
from typing import Final

from xai.proto import xai_api as pb
from xai.proto.base import UNSET, fields_of
from xai.v1.chat.enums import FinishReason, Role
from xai.v1.chat.usage import read_usage

#: Whose pieces are `Chunk.choices`.
_SPEAKERS: Final = (pb.MessageRole.ROLE_ASSISTANT, pb.MessageRole.INVALID_ROLE)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


class ChunkOutput:
    """What a piece adds to one output.

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
        """Which output it belongs to."""
        return self.proto.index

    @property
    def content(self) -> str:
        """More text."""
        return self._delta.content

    @property
    def reasoning_content(self) -> str:
        """More thoughts."""
        return self._delta.reasoning_content

    @property
    def role(self) -> Role:
        """Who speaks; `Role.INVALID` when this piece does not say."""
        return Role(int(self._delta.role))

    @property
    def tool_calls(self) -> list[pb.ToolCall]:
        """More calls of tools, each of them whole."""
        return list(self._delta.tool_calls)

    @property
    def inline_citations(self) -> list[pb.InlineCitation]:
        """More of what parts of the text refer to."""
        return list(self._delta.citations)

    @property
    def finish_reason(self) -> FinishReason:
        """Why the output ends here; `FinishReason.INVALID` before it does."""
        return FinishReason(int(self.proto.finish_reason))

    @property
    def logprobs(self) -> pb.LogProbs | None:
        """The probabilities of the tokens; None unless they were asked for."""
        return self.proto.logprobs if self.proto.is_set("logprobs") else None


class Chunk:
    """One piece of an answer that is being streamed.

    Args:
        proto: The message.
        index: The alternative that is looked at; None for an answer in steps.

    Raises:
        TypeError: An argument has the wrong type.
    """

    def __init__(self, proto: pb.GetChatCompletionChunk, index: int | None = 0) -> None:
        if not isinstance(proto, pb.GetChatCompletionChunk):
            raise TypeError(f"proto must be a GetChatCompletionChunk, not {type(proto).__name__}")
        if isinstance(index, bool) or not isinstance(index, (int, type(None))):
            raise TypeError(f"index must be an int or None, not {type(index).__name__}")
        #: The message of the server, with the pieces of all alternatives.
        self.proto = proto
        #: The alternative that is looked at; None for an answer in steps.
        self.index = index

    def __repr__(self) -> str:
        """Show which answer it belongs to, and nothing of what was said."""
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
        """What the model says in it, output by output.

        A piece that does not say who speaks counts as the model's: some servers say it once.
        """
        speaks = (Role.ASSISTANT, Role.INVALID)
        return [output for output in self._outputs if output.role in speaks]

    @property
    def tool_outputs(self) -> list[ChunkOutput]:
        """What the tools on the server give in it."""
        return [output for output in self._outputs if output.role == Role.TOOL]

    @property
    def content(self) -> str:
        """More text of the model."""
        return self._text("content")

    @property
    def reasoning_content(self) -> str:
        """More of its thoughts."""
        return self._text("reasoning_content")

    def _text(self, name: str) -> str:
        """Return a text of all `choices`, without making them: this is read of each piece."""
        parts: list[str] = []
        for item in self.proto.outputs:
            delta = fields_of(item).get("delta", UNSET)
            if delta is UNSET or delta is None or self.index not in (None, item.index):
                continue
            fields = fields_of(delta)
            role, text = fields.get("role", UNSET), fields.get(name, UNSET)
            if text is not UNSET and (role is UNSET or role in _SPEAKERS):
                parts.append(text)
        return parts[0] if len(parts) == 1 else "".join(parts)

    @property
    def output(self) -> str:
        """More of both: of each output the text and then the thoughts."""
        return "".join(choice.content + choice.reasoning_content for choice in self.choices)

    @property
    def tool_calls(self) -> list[pb.ToolCall]:
        """More calls of tools, each of them whole."""
        return [call for choice in self.choices for call in choice.tool_calls]

    @property
    def inline_citations(self) -> list[pb.InlineCitation]:
        """More of what parts of the text refer to."""
        return [citation for choice in self.choices for citation in choice.inline_citations]

    @property
    def citations(self) -> list[str]:
        """More addresses of what was read for the answer."""
        return list(self.proto.citations)

    @property
    def logprobs(self) -> pb.LogProbs | None:
        """The probabilities of the tokens; None unless they were asked for."""
        parts = [choice.logprobs for choice in self.choices]
        found = [part for part in parts if part is not None]
        if len(found) < 2:
            return found[0] if found else None
        return pb.LogProbs(content=[token for part in found for token in part.content])

    @property
    def server_side_tool_usage(self) -> dict[str, int]:
        """How often each tool has run on the server so far, by its name in the protocol."""
        proto = self.proto
        return read_usage(proto.usage).server_side_tool_usage if proto.is_set("usage") else {}

    @property
    def debug_output(self) -> pb.DebugOutput | None:
        """How the answer comes about; None unless the team is privileged."""
        return self.proto.debug_output if self.proto.is_set("debug_output") else None

    @property
    def created(self) -> datetime:
        """When the answer began, in UTC; the start of 1970 when the server did not say."""
        return self.proto.created if self.proto.is_set("created") else _EPOCH


for _class in (Chunk, ChunkOutput):
    _class.__module__ = "xai.v1"

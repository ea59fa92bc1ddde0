"""Responses, complete or growing."""

from collections.abc import Sequence
from datetime import datetime

from xai.xai_sdk.v1.chats.chunk import ImageGenerationOutput, enum_name, images_of, tool_usage
from xai.xai_sdk.v1.cost import cost_usd_from_usage
from xai.xai_sdk.v1.meta import ProtoDecorator
from xai.xai_sdk.v1.proto.messages import Message
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.types.common import ServiceTier

chat_pb2 = load("chat_pb2")
sample_pb2 = load("sample_pb2")

#: The fields of a message that grow by concatenation.
_TEXTS = ("content", "reasoning_content", "encrypted_content")


class Response(ProtoDecorator[Message]):
    """A response, or one of its choices.

    Args:
        response: The ``GetChatCompletionResponse``.
        index: Which choice this is; None for all outputs, where tools of the server made some.
    """

    def __init__(self, response: Message, index: int | None) -> None:
        super().__init__(response)
        self._index = index
        # What is still to be joined, by output and field: joining with each chunk is quadratic.
        self._grown: dict[tuple[int, str], list[str]] = {}

    @property
    def proto(self) -> Message:
        """The message."""
        for (at, name), texts in self._grown.items():
            message = self._proto.outputs[at].message
            setattr(message, name, getattr(message, name) + "".join(texts))
        self._grown.clear()
        return self._proto

    def process_chunk(self, chunk: Message) -> None:
        """Add a chunk of a stream.

        What the chunk does not have leaves what came before as it is.

        Args:
            chunk: The ``GetChatCompletionChunk``.
        """
        proto = self._proto
        for name in ("usage", "created", "debug_output"):
            if chunk.HasField(name):
                getattr(proto, name).CopyFrom(getattr(chunk, name))
        for name in ("id", "model", "system_fingerprint", "service_tier"):
            if getattr(chunk, name):
                setattr(proto, name, getattr(chunk, name))
        proto.citations.extend(chunk.citations)
        for output in chunk.outputs:
            self._add(output)

    def _add(self, part: Message) -> None:
        outputs, at, delta = self._proto.outputs, part.index, part.delta
        while len(outputs) <= at:
            outputs.add()
        output = outputs[at]
        output.index = at
        if delta.role:
            output.message.role = delta.role
        if part.finish_reason:
            output.finish_reason = part.finish_reason
        output.message.tool_calls.extend(delta.tool_calls)
        output.message.citations.extend(delta.citations)
        if part.HasField("logprobs"):
            output.logprobs.content.extend(part.logprobs.content)
        for name in _TEXTS:
            if text := getattr(delta, name):
                self._grown.setdefault((at, name), []).append(text)

    def _choice(self, index: int) -> "Response":
        """Return another choice of the same message, which grows with this one."""
        found = Response(self._proto, index)
        found._grown = self._grown
        return found

    def _get_output(self) -> Message:
        return self._selected(self._proto)

    def _selected(self, proto: Message) -> Message:
        role = chat_pb2.ROLE_ASSISTANT
        found: list[Message] = [
            output
            for output in proto.outputs
            if output.message.role == role and self._index in (None, output.index)
        ]
        empty: Message = chat_pb2.CompletionOutput()
        return found[-1] if found else empty

    def _outputs_of(self, role: int) -> list[Message]:
        return [output for output in self.proto.outputs if output.message.role == role]

    @property
    def id(self) -> str:
        """The ID of the response."""
        return str(self._proto.id)

    @property
    def created(self) -> datetime:
        """When it was made, in UTC without saying so."""
        moment: datetime = self._proto.created.ToDatetime()
        return moment

    @property
    def content(self) -> str:
        """The text."""
        return str(self._selected(self.proto).message.content)

    @property
    def reasoning_content(self) -> str:
        """The reasoning."""
        return str(self._selected(self.proto).message.reasoning_content)

    @property
    def encrypted_content(self) -> str:
        """The encrypted reasoning."""
        return str(self._selected(self.proto).message.encrypted_content)

    @property
    def role(self) -> str:
        """The name of the role."""
        return enum_name(chat_pb2.MessageRole, self._get_output().message.role)

    @property
    def finish_reason(self) -> str:
        """The name of why it ended."""
        return enum_name(sample_pb2.FinishReason, self._get_output().finish_reason)

    @property
    def logprobs(self) -> Message:
        """The probabilities of its tokens."""
        found: Message = self._get_output().logprobs
        return found

    @property
    def usage(self) -> Message:
        """What was used."""
        found: Message = self._proto.usage
        return found

    @property
    def cost_usd(self) -> float | None:
        """What it cost in US dollars; None when the server did not say."""
        return cost_usd_from_usage(self._proto.usage)

    @property
    def system_fingerprint(self) -> str:
        """Which configuration made it."""
        return str(self._proto.system_fingerprint)

    @property
    def service_tier(self) -> ServiceTier:
        """The tier that it was made in."""
        from xai.xai_sdk.v1.service_tier import service_tier_from_proto

        return service_tier_from_proto(self._proto.service_tier)

    @property
    def tool_calls(self) -> Sequence[Message]:
        """The tool calls of all choices."""
        outputs = self._outputs_of(chat_pb2.ROLE_ASSISTANT)
        return [call for output in outputs for call in output.message.tool_calls]

    @property
    def tool_outputs(self) -> Sequence[Message]:
        """What tools of the server returned."""
        return self._outputs_of(chat_pb2.ROLE_TOOL)

    @property
    def image_outputs(self) -> Sequence[ImageGenerationOutput]:
        """The images that a tool of the server made.

        Raises:
            ValueError: What the tool returned is no image.
        """
        return images_of(self.tool_outputs)

    @property
    def citations(self) -> Sequence[str]:
        """The URLs that were cited."""
        found: Sequence[str] = self._proto.citations
        return found

    @property
    def inline_citations(self) -> Sequence[Message]:
        """The citations within the text."""
        outputs = self._outputs_of(chat_pb2.ROLE_ASSISTANT)
        return [cited for output in outputs for cited in output.message.citations]

    @property
    def server_side_tool_usage(self) -> dict[str, int]:
        """How often each tool of the server was used."""
        return tool_usage(self._proto.usage)

    @property
    def request_settings(self) -> Message:
        """The parameters of the request, as the server took them."""
        found: Message = self.proto.settings
        return found

    @property
    def debug_output(self) -> Message:
        """What the server tells those who debug it."""
        found: Message = self.proto.debug_output
        return found


class CompactContextResponse(ProtoDecorator[Message]):
    """A conversation in a form that only the server can read."""

    @property
    def id(self) -> str:
        """The ID of the response."""
        return str(self._proto.id)

    @property
    def encrypted_content(self) -> str:
        """What stands for the messages."""
        return str(self._proto.encrypted_content)

    @property
    def dropped_message_count(self) -> int:
        """How many messages it stands for."""
        return int(self._proto.dropped_message_count)

    @property
    def usage(self) -> Message:
        """What was used."""
        found: Message = self._proto.usage
        return found

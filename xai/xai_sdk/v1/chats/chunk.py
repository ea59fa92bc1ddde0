"""Chunks of streamed responses, and images made on the way."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from xai.xai_sdk.v1.meta import ProtoDecorator
from xai.xai_sdk.v1.proto.messages import Message
from xai.xai_sdk.v1.proto.modules import load

chat_pb2 = load("chat_pb2")
usage_pb2 = load("usage_pb2")


class Chunk(ProtoDecorator[Message]):
    """A chunk of a streamed response.

    Args:
        proto: The ``GetChatCompletionChunk``.
        index: Which choice is looked at; None for all outputs.
    """

    def __init__(self, proto: Message, index: int | None) -> None:
        super().__init__(proto)
        self._index = index

    @property
    def choices(self) -> "Sequence[CompletionOutputChunk]":
        """What the model said in this chunk."""
        return self._of_role(chat_pb2.ROLE_ASSISTANT)

    @property
    def tool_outputs(self) -> "Sequence[CompletionOutputChunk]":
        """What tools of the server returned in this chunk."""
        return self._of_role(chat_pb2.ROLE_TOOL)

    def _of_role(self, role: int) -> "list[CompletionOutputChunk]":
        return [
            CompletionOutputChunk(output)
            for output in self.proto.outputs
            if output.delta.role == role and self._index in (None, output.index)
        ]

    @property
    def created(self) -> datetime:
        """When it was made, in UTC without saying so."""
        moment: datetime = self.proto.created.ToDatetime()
        return moment

    @property
    def content(self) -> str:
        """The text of all choices."""
        return "".join(choice.content for choice in self.choices)

    @property
    def reasoning_content(self) -> str:
        """The reasoning of all choices."""
        return "".join(choice.reasoning_content for choice in self.choices)

    @property
    def output(self) -> str:
        """The text and the reasoning of all choices."""
        return "".join(choice.content + choice.reasoning_content for choice in self.choices)

    @property
    def tool_calls(self) -> Sequence[Message]:
        """The tool calls of all choices."""
        return [call for choice in self.choices for call in choice.tool_calls]

    @property
    def server_side_tool_usage(self) -> dict[str, int]:
        """How often each tool of the server was used."""
        return tool_usage(self.proto.usage)

    @property
    def citations(self) -> Sequence[str]:
        """The URLs that were cited."""
        found: Sequence[str] = self.proto.citations
        return found

    @property
    def inline_citations(self) -> Sequence[Message]:
        """The citations within the text."""
        return [cited for choice in self.choices for cited in choice.proto.delta.citations]

    @property
    def debug_output(self) -> Message:
        """What the server tells those who debug it."""
        found: Message = self.proto.debug_output
        return found

    def __str__(self) -> str:
        """Return the text and the reasoning of all choices."""
        return self.output


class CompletionOutputChunk(ProtoDecorator[Message]):
    """What one output of a response has more of, in a chunk."""

    @property
    def content(self) -> str:
        """The text."""
        return str(self.proto.delta.content)

    @property
    def reasoning_content(self) -> str:
        """The reasoning."""
        return str(self.proto.delta.reasoning_content)

    @property
    def role(self) -> str:
        """The name of the role."""
        return enum_name(chat_pb2.MessageRole, self.proto.delta.role)

    @property
    def tool_calls(self) -> Sequence[Message]:
        """The tool calls."""
        found: Sequence[Message] = self.proto.delta.tool_calls
        return found

    @property
    def finish_reason(self) -> int:
        """Why the output ended; 0 when it did not."""
        return int(self.proto.finish_reason)


class ImageGenerationOutput(ProtoDecorator[Message]):
    """An image that a tool of the server made.

    Args:
        proto: The output of the tool.
        tool_call: The call of the tool.

    Raises:
        ValueError: The output is no image.
    """

    def __init__(self, proto: Message, tool_call: Message) -> None:
        super().__init__(proto)
        self._tool_call = tool_call
        content = str(proto.message.content)
        try:
            self._data_url, self._image_uuid = _read_envelope(content)
            self._image = base64.b64decode(self._data_url.partition("base64,")[2])
        except (ValueError, binascii.Error) as error:
            raise ValueError(f"no image generation result envelope: {content[:64]!r}") from error

    @property
    def tool_call(self) -> Message:
        """The call of the tool."""
        return self._tool_call

    @property
    def data_url(self) -> str:
        """The image as a data URL."""
        return self._data_url

    @property
    def mime_type(self) -> str:
        """Its type, such as ``image/jpeg``."""
        return self._data_url.removeprefix("data:").partition(";")[0]

    @property
    def image_uuid(self) -> str:
        """What the model calls it; empty when the server did not say."""
        return self._image_uuid

    @property
    def image(self) -> bytes:
        """The image."""
        return self._image


def _read_envelope(content: str) -> tuple[str, str]:
    found = json.loads(content)
    if not isinstance(found, dict) or found.get("__type") != "image_generation_result":
        raise ValueError("another kind of result")
    url, uuid = found.get("result"), found.get("image_uuid")
    if not isinstance(url, str) or not url.startswith("data:image/") or "base64," not in url:
        raise ValueError("no image")
    return url, uuid if isinstance(uuid, str) else ""


def images_of(outputs: Iterable[Message]) -> list[ImageGenerationOutput]:
    """Return the images among outputs of tools; calls that failed have none."""
    found = []
    for output in outputs:
        for call in output.message.tool_calls:
            made = call.type == chat_pb2.TOOL_CALL_TYPE_IMAGE_GENERATION_TOOL
            if made and call.status == chat_pb2.TOOL_CALL_STATUS_COMPLETED:
                found.append(ImageGenerationOutput(output, call))
                break
    return found


def tool_usage(usage: Message) -> dict[str, int]:
    """Return how often each tool of the server was used, by its name."""
    tools = usage_pb2.ServerSideTool
    return dict(Counter(enum_name(tools, used) for used in usage.server_side_tools_used))


def enum_name(enum: object, number: int) -> str:
    """Return the name of a number; the number itself as text when this build has no name for it.

    That package raises, after the response was paid for.
    """
    try:
        name: str = enum.Name(number)  # type: ignore[attr-defined]  # the wrapper of an enum
    except ValueError:
        return str(number)
    return name

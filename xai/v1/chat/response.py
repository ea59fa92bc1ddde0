"""Responses of the v1 chat API."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

import attrs

from xai._annotations import resolve_lazily
from xai.proto import xai_api as pb
from xai.v1.chat.accumulator import Accumulator, is_server_side
from xai.v1.chat.enums import FinishReason, Role, ServiceTier
from xai.v1.chat.usage import Usage, usage_of
from xai.v1.structured.encode import plain

if TYPE_CHECKING:
    from xai.v1.structured.json_value import JsonValue

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: How much of a broken result of a tool an error shows, in characters.
_SHOWN: Final = 64
#: What responses of the OpenAI client have, and where it is here.
_ELSEWHERE: Final = {
    "choices": "it is one choice itself, so read its content; sample_batch(n) returns several",
    "output": "it is called content",
    "output_parsed": "chat.parse(Type) returns the value",
    "output_text": "it is called content",
    "parsed": "chat.parse(Type) returns the value",
    "text": "it is called content",
}


class Response:
    """A response: one choice of a completion, or all of its steps.

    Numbers this version has no name for are kept, and read as unnamed members of the enums.

    Args:
        proto: The protobuf message.
        index: The index of the choice. None for a response in steps, with server-side tools: its
            texts are those of the last step of the model.
        metadata: The metadata of the response, as pairs of keys and values.

    Raises:
        TypeError: An argument has the wrong type.
    """

    def __init__(
        self,
        proto: pb.GetChatCompletionResponse,
        index: int | None = 0,
        metadata: tuple[tuple[str, str], ...] = (),
    ) -> None:
        if not isinstance(proto, pb.GetChatCompletionResponse):
            raise TypeError(
                f"proto must be a GetChatCompletionResponse, not {type(proto).__name__}"
            )
        if isinstance(index, bool) or not isinstance(index, (int, type(None))):
            raise TypeError(f"index must be an int or None, not {type(index).__name__}")
        self._source: pb.GetChatCompletionResponse | Accumulator = proto
        self._index = index
        #: What the server sent with the response, as pairs of names and values. Of a streamed
        #: response it comes at the end.
        self.metadata = metadata

    @classmethod
    def _of(cls, accumulator: Accumulator, index: int | None = 0) -> "Response":
        """Return a view of what is being streamed; it is never behind.

        Args:
            accumulator: What the chunks are added to.
            index: The choice; 0 becomes None as soon as the accumulator's does.
        """
        response = cls(accumulator.proto, index)
        response._source = accumulator
        return response

    def __reduce__(self) -> "tuple[object, ...]":
        """Pickle and copy what came so far."""
        return type(self), (self.proto, self.index, self.metadata)

    def __repr__(self) -> str:
        """Show which response it is and how it ended, and nothing of what was said."""
        length = len(self.content)
        return f"<Response {self.id!r}: {self.finish_reason.name}, {length} characters>"

    def __str__(self) -> str:
        """Return `content`."""
        return self.content

    def _repr_markdown_(self) -> str:
        """Show the content in a notebook, which reads it as Markdown."""
        return self.content

    if not TYPE_CHECKING:  # a type checker knows the names

        def __getattr__(self, name: str) -> object:
            """Say where this is what responses of other clients have under the name."""
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name in _ELSEWHERE:
                text = f"{text}: {_ELSEWHERE[name]}"
            raise AttributeError(text, name=name, obj=self)

    @property
    def proto(self) -> pb.GetChatCompletionResponse:
        """The protobuf message; in a stream, what was received so far."""
        source = self._source
        return source.proto if isinstance(source, Accumulator) else source

    @property
    def index(self) -> int | None:
        """The index of the choice; None for a response in steps."""
        if isinstance(self._source, Accumulator) and self._index == 0:
            return self._source.index
        return self._index

    @property
    def id(self) -> str:
        """The ID of the response."""
        return self.proto.id

    @property
    def model(self) -> str:
        """The model that was used."""
        return self.proto.model

    @property
    def system_fingerprint(self) -> str:
        """The configuration of the backend."""
        return self.proto.system_fingerprint

    @property
    def created(self) -> datetime:
        """When the response was created, in UTC; the start of 1970 when the server did not say."""
        proto = self.proto
        # Here and below: reading a message that is not there would put one there.
        return proto.created if proto.is_set("created") else _EPOCH

    @property
    def outputs(self) -> list[pb.CompletionOutput]:
        """The outputs of this choice; of a response in steps, all steps in order."""
        index = self.index
        return [output for output in self.proto.outputs if index is None or output.index == index]

    def _spoken(self) -> list[pb.CompletionOutput]:
        return [output for output in self.outputs if role_of(output) == Role.ASSISTANT]

    def _last(self) -> pb.CompletionOutput:
        spoken = self._spoken()
        return spoken[-1] if spoken else pb.CompletionOutput()

    def _said(self) -> list[pb.CompletionOutput]:
        spoken = self._spoken()
        return spoken if self.index is None else spoken[-1:]

    @property
    def message(self) -> pb.CompletionMessage:
        """The last message of the model; empty until there is one."""
        return message_of(self._last())

    @property
    def content(self) -> str:
        """The text of the response."""
        return self.message.content

    @property
    def reasoning_content(self) -> str:
        """The reasoning of the model, if it is returned."""
        return self.message.reasoning_content

    @property
    def encrypted_content(self) -> str:
        """The encrypted reasoning of the model."""
        return self.message.encrypted_content

    @property
    def role(self) -> Role:
        """The role of the author: `Role.ASSISTANT`, or `Role.INVALID` until there is a message."""
        return Role(int(self.message.role))

    @property
    def finish_reason(self) -> FinishReason:
        """Why sampling finished; `FinishReason.INVALID` until it has."""
        return FinishReason(int(self._last().finish_reason))

    @property
    def logprobs(self) -> pb.LogProbs | None:
        """The log probabilities of the tokens; None unless requested."""
        output = self._last()
        return output.logprobs if output.is_set("logprobs") else None

    @property
    def tool_calls(self) -> list[pb.ToolCall]:
        """The tool calls of the model: of this choice, or of all steps."""
        return [call for output in self._said() for call in message_of(output).tool_calls]

    @property
    def inline_citations(self) -> list[pb.InlineCitation]:
        """The inline citations: of this choice, or of all steps."""
        return [citation for output in self._said() for citation in message_of(output).citations]

    @property
    def tool_outputs(self) -> list[pb.CompletionOutput]:
        """The outputs of server-side tools, in order."""
        return [output for output in self.outputs if role_of(output) == Role.TOOL]

    @property
    def image_outputs(self) -> "list[ImageGenerationOutput]":
        """The images that a server-side tool generated, decoded at each access.

        Raises:
            ValueError: The output of a finished call is not an image.
        """
        calls = [(output, _image_call(output)) for output in self.tool_outputs]
        return [read_image(output, call) for output, call in calls if call is not None]

    @property
    def citations(self) -> list[str]:
        """The URLs of the sources of the response."""
        return list(self.proto.citations)

    @property
    def output_files(self) -> list[pb.OutputFile]:
        """Files that were created by code execution."""
        return list(self.proto.output_files)

    @property
    def usage(self) -> Usage:
        """The usage of the whole completion, with all choices and steps."""
        return usage_of(self.proto)

    @property
    def cost_usd(self) -> float | None:
        """The cost in US dollars, tools included; None when the server did not say."""
        return self.usage.cost_usd

    @property
    def service_tier(self) -> ServiceTier:
        """The processing tier; `ServiceTier.UNSPECIFIED` when the server did not say."""
        return ServiceTier(int(self.proto.service_tier))

    @property
    def server_side_tool_usage(self) -> dict[str, int]:
        """The number of uses of each server-side tool, by its protobuf name."""
        return self.usage.server_side_tool_usage

    @property
    def request_settings(self) -> pb.RequestSettings | None:
        """The settings that were used; None in a stream, where the server does not say."""
        proto = self.proto
        return proto.settings if proto.is_set("settings") else None

    @property
    def debug_output(self) -> pb.DebugOutput | None:
        """Debug output; None unless the team is privileged."""
        proto = self.proto
        return proto.debug_output if proto.is_set("debug_output") else None

    def to_dict(self) -> "dict[str, JsonValue]":
        """Return the response as JSON-compatible values.

        Enums are their protobuf names, times are in ISO 8601, bytes in base64, messages have the
        fields that are set. The secrets of tools are masked; `debug_output`, which may repeat the
        request, and `metadata` are left out. `from_dict` makes a response of it again.
        """
        from xai.v1.chat.saved import save_response

        message = self.message
        logprobs = self.logprobs
        settings = self.request_settings
        return {
            **save_response(self.index, self.outputs),
            "id": self.id,
            "model": self.model,
            "created": self.created.isoformat(),
            "system_fingerprint": self.system_fingerprint,
            "service_tier": self.service_tier.wire_name,
            "role": self.role.wire_name,
            "content": message.content,
            "reasoning_content": message.reasoning_content,
            "encrypted_content": message.encrypted_content,
            "finish_reason": self.finish_reason.wire_name,
            "tool_calls": [plain(call) for call in self.tool_calls],
            "tool_outputs": [plain(output) for output in self.tool_outputs],
            "citations": [*self.citations],
            "inline_citations": [plain(citation) for citation in self.inline_citations],
            "output_files": [plain(file) for file in self.output_files],
            "logprobs": None if logprobs is None else plain(logprobs),
            "usage": plain(self.proto.usage) if self.proto.is_set("usage") else None,
            "cost_usd": self.cost_usd,
            "request_settings": None if settings is None else plain(settings),
        }

    @classmethod
    def from_dict(cls, data: "Mapping[str, JsonValue]") -> "Response":
        """Return a response that `to_dict` has stored.

        Args:
            data: What was stored, as read from JSON.

        Raises:
            TypeError: It is no mapping.
            ValueError: It is no stored response, or of a version that is not known.
        """
        from xai.v1.chat.saved import read_response

        return cls(*read_response(data))


def single_response(
    tools: Iterable[pb.Tool],
    proto: pb.GetChatCompletionResponse,
    metadata: tuple[tuple[str, str], ...],
) -> Response:
    """Return the response of a completion of which one choice was requested.

    Args:
        tools: The tools of the request.
        proto: The completion.
        metadata: The metadata of the response.
    """
    return Response(proto, select_index(tools, proto.outputs), metadata)


def responses(
    proto: pb.GetChatCompletionResponse, n: int, metadata: tuple[tuple[str, str], ...] = ()
) -> list[Response]:
    """Return the choices of a completion.

    Args:
        proto: The completion.
        n: The number of choices that were requested.
        metadata: The metadata of the response.

    Returns:
        One response for each choice, by its index; fewer than n if fewer came.
    """
    came = {output.index for output in proto.outputs}
    return [Response(proto, index, metadata) for index in range(n) if index in came]


def stored_response(
    proto: pb.GetChatCompletionResponse, metadata: tuple[tuple[str, str], ...]
) -> Response:
    """Return the response of a stored completion, whose request is not known.

    Args:
        proto: The completion.
        metadata: The metadata of the response.
    """
    steps = any(role_of(output) == Role.TOOL for output in proto.outputs)
    return Response(proto, None if steps else 0, metadata)


def select_index(
    tools: Iterable[pb.Tool],
    outputs: "Iterable[pb.CompletionOutput | pb.CompletionOutputChunk]",
) -> int | None:
    """Return the index of the choice when one was requested.

    Args:
        tools: The tools of the request.
        outputs: The outputs of the response.

    Returns:
        0 for one output; None for a response in steps, which is what comes when the request has a
        server-side tool, or the server added one of its own.
    """
    if any(map(is_server_side, tools)) or any(output.index > 0 for output in outputs):
        return None
    return 0


@attrs.frozen
class ImageGenerationOutput:
    """An image generated by a server-side tool.

    Attributes:
        image: The encoded image.
        mime_type: The MIME type, such as ``image/jpeg``.
        image_uuid: The ID by which the model refers to it in later edits; empty if it has none.
        data_url: The image as a data URL.
        tool_call: The tool call that generated it; the function's name says whether it was edited.
        proto: The output that contains it.
    """

    image: bytes = attrs.field(repr=False)
    mime_type: str
    image_uuid: str
    data_url: str = attrs.field(repr=False)
    tool_call: pb.ToolCall
    proto: pb.CompletionOutput = attrs.field(repr=False)

    def _repr_html_(self) -> str | None:
        """Show the image in a notebook."""
        from xai.v1.html import picture

        return picture(self.data_url)


def read_image(output: pb.CompletionOutput, call: pb.ToolCall) -> ImageGenerationOutput:
    """Return the image in the output of a tool.

    Args:
        output: The output of the tool.
        call: The tool call.

    Raises:
        ValueError: There is no image in it.
    """
    content = message_of(output).content
    try:
        result = json.loads(content)
        is_image = result["__type"] == "image_generation_result"
        kind, _, encoded = result["result"].partition("base64,")
        image = base64.b64decode(encoded, validate=True)
    # RecursionError: JSON that is nested too deep.
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise _no_image(call, content) from error
    if not (is_image and encoded and kind.startswith("data:image/")):
        raise _no_image(call, content)
    uuid = result.get("image_uuid")
    return ImageGenerationOutput(
        image=image,
        mime_type=kind.removeprefix("data:").split(";", 1)[0],
        image_uuid=uuid if isinstance(uuid, str) else "",
        data_url=result["result"],
        tool_call=call,
        proto=output,
    )


def _no_image(call: pb.ToolCall, content: str) -> ValueError:
    return ValueError(
        f"the tool call {call.id!r} should have given an image, not {content[:_SHOWN]!r}"
    )


def _image_call(output: pb.CompletionOutput) -> pb.ToolCall | None:
    """Return the first call in an output that made an image."""
    for call in message_of(output).tool_calls:
        image = call.type == pb.ToolCallType.TOOL_CALL_TYPE_IMAGE_GENERATION_TOOL
        if image and call.status == pb.ToolCallStatus.TOOL_CALL_STATUS_COMPLETED:
            return call
    return None


def message_of(output: pb.CompletionOutput) -> pb.CompletionMessage:
    """Return the message of an output; a new, empty one if it has none."""
    return output.message if output.is_set("message") else pb.CompletionMessage()


def role_of(output: pb.CompletionOutput) -> int:
    """Return the number of the role of an output."""
    return int(output.message.role) if output.is_set("message") else Role.INVALID


for _class in (Response, ImageGenerationOutput):
    _class.__module__ = "xai.v1"


resolve_lazily(globals())

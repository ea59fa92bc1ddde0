"""Reads the files that batches are filled from: a request in the REST API's form on each line."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from xai.proto import xai_api as pb
from xai.proto.base import Enum
from xai.proto.xai_api.batch import BatchRequest
from xai.testing.v1.chat_request import require
from xai.v1.batch_file import (
    CHATS,
    IMAGE_EDITS,
    IMAGES,
    VIDEO_EDITS,
    VIDEO_EXTENSIONS,
    VIDEOS,
    ratio_or_size,
)

_Body = Mapping[str, Any]

_ROLES: Final = {
    "user": pb.MessageRole.ROLE_USER,
    "assistant": pb.MessageRole.ROLE_ASSISTANT,
    "system": pb.MessageRole.ROLE_SYSTEM,
    "function": pb.MessageRole.ROLE_FUNCTION,
    "tool": pb.MessageRole.ROLE_TOOL,
    "developer": pb.MessageRole.ROLE_DEVELOPER,
}
_SAME: Final = (
    *("model", "user", "max_tokens", "seed", "temperature", "top_p", "logprobs", "n"),
    *("top_logprobs", "frequency_penalty", "presence_penalty", "parallel_tool_calls"),
    "safety_identifier",
)


def read_lines(content: bytes) -> list[BatchRequest]:
    """Return the requests of a file.

    Raises:
        GRPCError: A line is no request; the error has its number.
    """
    found: list[BatchRequest] = []
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        lines = []
    require(bool(lines), "the input file has no requests.")
    for number, line in enumerate(lines, 1):
        where = f"line {number} of the input file"
        try:
            found.append(_request(json.loads(line)))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            require(False, f"{where} is no request: {error!r}.")  # noqa: FBT003 - it raises
    return found


def _request(line: _Body) -> BatchRequest:
    read = _READERS[line["url"]]
    if line.get("method", "POST") != "POST":
        raise ValueError("the method must be POST")
    request = read(line["body"])
    request.batch_request_id = str(line["custom_id"])
    return request


def _chat(body: _Body) -> BatchRequest:
    request = pb.GetCompletionsRequest(
        messages=[_message(each) for each in body["messages"]],
        **{name: body[name] for name in _SAME if body.get(name) is not None},
    )
    stop = body.get("stop")
    if stop is not None:
        request.stop = [stop] if isinstance(stop, str) else stop
    request.tools = [_tool(each["function"]) for each in body.get("tools") or ()]
    choice = body.get("tool_choice")
    if isinstance(choice, str):
        mode = pb.ToolMode.from_string(f"TOOL_MODE_{choice.upper()}")
        request.tool_choice = pb.ToolChoice(mode=mode)
    elif choice is not None:
        request.tool_choice = pb.ToolChoice(function_name=choice["function"]["name"])
    if body.get("response_format") is not None:
        request.response_format = _format(body["response_format"])
    if body.get("reasoning_effort") is not None:
        name = f"EFFORT_{body['reasoning_effort'].upper()}"
        request.reasoning_effort = pb.ReasoningEffort.from_string(name)
    if body.get("service_tier") is not None:
        name = f"SERVICE_TIER_{body['service_tier'].upper()}"
        request.service_tier = pb.ServiceTier.from_string(name)
    return BatchRequest(completion_request=request)


def _message(body: _Body) -> pb.Message:
    message = pb.Message(role=_ROLES[body["role"]], name=body.get("name") or "")
    content = body.get("content") or []
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    message.content = [_part(part) for part in parts]
    for name in ("tool_call_id", "reasoning_content"):
        if body.get(name) is not None:
            setattr(message, name, body[name])
    for call in body.get("tool_calls") or ():
        function = pb.FunctionCall(
            name=call["function"]["name"], arguments=call["function"]["arguments"]
        )
        kind = pb.ToolCallType.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL
        message.tool_calls.append(pb.ToolCall(id=call["id"], type=kind, function=function))
    return message


def _part(part: _Body) -> pb.Content:
    if part["type"] == "image_url":
        image = part["image_url"]
        found = pb.ImageUrlContent()
        if "file_id" in image:
            found.file_id = image["file_id"]
        else:
            found.image_url = image["url"]
        if image.get("detail") is not None:
            found.detail = pb.ImageDetail.from_string(f"DETAIL_{image['detail'].upper()}")
        return pb.Content(image_url=found)
    if part["type"] == "file":
        file = part["file"]
        head, _, data = file.get("file_data", "").partition(",")
        return pb.Content(
            file=pb.FileContent(
                file_id=file.get("file_id", ""),
                filename=file.get("filename", ""),
                data=base64.b64decode(data),
                mime_type=head.removeprefix("data:").partition(";")[0],
            )
        )
    return pb.Content(text=part["text"])


def _tool(function: _Body) -> pb.Tool:
    return pb.Tool(
        function=pb.Function(
            name=function["name"],
            description=function.get("description", ""),
            strict=bool(function.get("strict")),
            parameters=json.dumps(function.get("parameters", {})),
        )
    )


def _format(body: _Body) -> pb.ResponseFormat:
    if body["type"] == "json_schema":
        schema = json.dumps(body["json_schema"]["schema"])
        kind = pb.FormatType.FORMAT_TYPE_JSON_SCHEMA
        return pb.ResponseFormat(format_type=kind, schema=schema)
    kind = pb.FormatType.from_string(f"FORMAT_TYPE_{body['type'].upper()}")
    return pb.ResponseFormat(format_type=kind)


def _image(body: _Body) -> BatchRequest:
    request = _media(pb.GenerateImageRequest(), body)
    if body.get("response_format") is not None:
        names = {"url": "IMG_FORMAT_URL", "b64_json": "IMG_FORMAT_BASE64"}
        request.format = pb.ImageFormat.from_string(names[body["response_format"]])
    if body.get("quality") is not None:
        request.quality = pb.ImageQuality.from_string(f"IMG_QUALITY_{body['quality'].upper()}")
    if body.get("aspect_ratio") is not None:
        request.aspect_ratio = _named(pb.ImageAspectRatio, body["aspect_ratio"])
    if body.get("resolution") is not None:
        request.resolution = _named(pb.ImageResolution, body["resolution"])
    if body.get("image") is not None:
        request.image = _picture(body["image"])
    request.images = [_picture(each) for each in body.get("images") or ()]
    return BatchRequest(image_request=request)


def _video(body: _Body) -> BatchRequest:
    request = _media(pb.GenerateVideoRequest(), body)
    if body.get("aspect_ratio") is not None:
        request.aspect_ratio = _named(pb.VideoAspectRatio, body["aspect_ratio"])
    if body.get("resolution") is not None:
        request.resolution = _named(pb.VideoResolution, body["resolution"])
    if body.get("image") is not None:
        request.image = _picture(body["image"])
    if body.get("video") is not None:
        request.video = pb.VideoUrlContent(**body["video"])
    request.reference_images = [_picture(each) for each in body.get("reference_images") or ()]
    return BatchRequest(video_request=request)


def _extension(body: _Body) -> BatchRequest:
    request = _media(pb.ExtendVideoRequest(), body)
    request.video = pb.VideoUrlContent(**body["video"])
    return BatchRequest(video_extension_request=request)


M = TypeVar("M", pb.GenerateImageRequest, pb.GenerateVideoRequest, pb.ExtendVideoRequest)
E = TypeVar("E", bound=Enum)


def _media(request: M, body: _Body) -> M:
    for name in ("prompt", "model", "n", "user", "duration"):
        if body.get(name) is not None:
            setattr(request, name, body[name])
    if body.get("storage_options") is not None:
        options = dict(body["storage_options"])
        public = options.pop("public_url", None)
        request.storage_options = pb.StorageOptions(**options)
        if public is not None:
            request.storage_options.public_url = pb.PublicUrlOptions(**public)
    return request


def _picture(body: _Body) -> pb.ImageUrlContent:
    detail = pb.ImageDetail.DETAIL_AUTO
    if "file_id" in body:
        return pb.ImageUrlContent(file_id=body["file_id"], detail=detail)
    return pb.ImageUrlContent(image_url=body["url"], detail=detail)


def _named(kind: type[E], name: str) -> E:
    return {ratio_or_size(member): member for member in kind}[name]


_READERS: Final[Mapping[str, Callable[[_Body], BatchRequest]]] = {
    CHATS: _chat,
    IMAGES: _image,
    IMAGE_EDITS: _image,
    VIDEOS: _video,
    VIDEO_EDITS: _video,
    VIDEO_EXTENSIONS: _extension,
}

"""Files that batches are filled from: a request on each line, in the form of the REST API."""

import base64
import json
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from xai.proto import xai_api as pb
from xai.proto.base import UNSET, Enum, Message, fields_of, which_one_of
from xai.proto.xai_api.batch import BatchRequest
from xai.runtime.download.files import write_file
from xai.v1.structured.json_value import JsonValue

_Body: TypeAlias = dict[str, JsonValue]

#: Where requests of each kind go.
CHATS: Final = "/v1/chat/completions"
IMAGES: Final = "/v1/images/generations"
IMAGE_EDITS: Final = "/v1/images/edits"
VIDEOS: Final = "/v1/videos/generations"
VIDEO_EDITS: Final = "/v1/videos/edits"
VIDEO_EXTENSIONS: Final = "/v1/videos/extensions"

_ROLES: Final = {
    pb.MessageRole.ROLE_USER: "user",
    pb.MessageRole.ROLE_ASSISTANT: "assistant",
    pb.MessageRole.ROLE_SYSTEM: "system",
    pb.MessageRole.ROLE_FUNCTION: "function",
    pb.MessageRole.ROLE_TOOL: "tool",
    pb.MessageRole.ROLE_DEVELOPER: "developer",
}
_FORMATS: Final = {
    pb.FormatType.FORMAT_TYPE_TEXT: "text",
    pb.FormatType.FORMAT_TYPE_JSON_OBJECT: "json_object",
}
#: What the names of enums begin with: the rest, in lower case, is what the REST API takes.
_PREFIXES: Final = {
    "detail": "DETAIL_",
    "reasoning_effort": "EFFORT_",
    "service_tier": "SERVICE_TIER_",
    "tool_choice": "TOOL_MODE_",
    "quality": "IMG_QUALITY_",
}
#: Fields of images and videos that have the same name and value there.
_MEDIA_SAME: Final = ("prompt", "model", "n", "user", "duration")
#: Fields of a chat that have the same name and value there.
_SAME: Final = (
    *("model", "user", "max_tokens", "seed", "stop", "temperature", "top_p", "logprobs"),
    *("top_logprobs", "frequency_penalty", "presence_penalty", "parallel_tool_calls"),
    "safety_identifier",
)


def as_lines(requests: Sequence[BatchRequest]) -> list[str]:
    """Return the lines of requests.

    Raises:
        ValueError: One has no ID, or something that the REST API has no form for.
    """
    return [_line(f"requests[{place}]", request) for place, request in enumerate(requests)]


def write_lines(path: str | os.PathLike[str], lines: Sequence[str]) -> None:
    """Write a file of lines as a whole, or not at all.

    Args:
        path: The file; one of this name is replaced.
        lines: The lines.

    Raises:
        OSError: It can't be written; nothing is left behind.
        TypeError: The path is not a path.
    """
    write_file(path, "".join(f"{line}\n" for line in lines).encode())


def _line(where: str, request: BatchRequest) -> str:
    if not request.batch_request_id:
        raise ValueError(
            f"{where} must have an ID to be found by: give batch_request_id to create or prepare"
        )
    # Read from its bytes: there every field that is present is one that was given.
    kind, value = which_one_of(BatchRequest().parse(bytes(request)), "request")
    if kind not in _WRITERS:
        raise _no_form(where, kind)
    url, body = _WRITERS[kind](where, value)
    line: _Body = {
        "custom_id": request.batch_request_id,
        "method": "POST",
        "url": url,
        "body": body,
    }
    # Half a surrogate pair can only be written as an escape, which a file of UTF-8 needs.
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _chat(where: str, request: pb.GetCompletionsRequest) -> tuple[str, _Body]:
    body: _Body = {"messages": []}
    for name, value in _present(request).items():
        if name in _SAME:
            body[name] = _plain(value)
        elif name == "messages":
            body[name] = [_message(f"{where}.messages[{i}]", each) for i, each in enumerate(value)]
        elif name == "tools":
            body[name] = [_tool(f"{where}.tools[{i}]", each) for i, each in enumerate(value)]
        elif name == "tool_choice":
            body[name] = _choice(value)
        elif name == "response_format":
            body[name] = _format(value)
        elif name in _PREFIXES:
            body[name] = _name(name, value)
        else:
            raise _no_form(where, name)
    return CHATS, body


def _message(where: str, message: pb.Message) -> _Body:
    body: _Body = {"content": ""}
    for name, value in _present(message).items():
        if name == "role":
            body[name] = _ROLES.get(value, str(int(value)))
        elif name == "content":
            body[name] = _content(where, value)
        elif name == "tool_calls":
            body[name] = [_call(each) for each in value]
        elif name in ("name", "tool_call_id", "reasoning_content"):
            body[name] = _plain(value)
        else:
            raise _no_form(where, name)
    return body


def _content(where: str, contents: Sequence[pb.Content]) -> JsonValue:
    parts = [which_one_of(content, "content") for content in contents]
    if [kind for kind, _ in parts] == ["text"]:
        return str(parts[0][1])
    return [_part(f"{where}.content[{i}]", *part) for i, part in enumerate(parts)]


def _part(where: str, kind: str, value: object) -> _Body:
    if isinstance(value, pb.ImageUrlContent):
        source, address = which_one_of(value, "source")
        image: _Body = {"url" if source == "image_url" else "file_id": address}
        if value.detail:
            image["detail"] = _name("detail", value.detail)
        return {"type": "image_url", "image_url": image}
    if not isinstance(value, pb.FileContent):
        return {"type": kind, "text": str(value)}
    file: _Body = {}
    for name, given in _present(value).items():
        if name in ("file_id", "filename"):
            file[name] = given
        elif name == "data":
            mime_type = value.mime_type or "application/octet-stream"
            file["file_data"] = f"data:{mime_type};base64,{base64.b64encode(given).decode()}"
        elif name != "mime_type":
            raise _no_form(where, name)
    return {"type": "file", "file": file}


def _call(call: pb.ToolCall) -> _Body:
    function: _Body = {"name": call.function.name, "arguments": call.function.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _tool(where: str, tool: pb.Tool) -> _Body:
    kind, function = which_one_of(tool, "tool")
    if kind != "function":
        raise _no_form(where, kind)
    body: _Body = {"name": function.name, "parameters": json.loads(function.parameters or "{}")}
    if function.description:
        body["description"] = function.description
    if function.strict:
        body["strict"] = True
    return {"type": "function", "function": body}


def _choice(choice: pb.ToolChoice) -> JsonValue:
    kind, value = which_one_of(choice, "tool_choice")
    if kind == "function_name":
        return {"type": "function", "function": {"name": value}}
    return _name("tool_choice", value)


def _format(response_format: pb.ResponseFormat) -> _Body:
    if response_format.format_type in _FORMATS:
        return {"type": _FORMATS[response_format.format_type]}
    schema = json.loads(response_format.schema or "{}")
    shape: _Body = {"name": "response", "schema": schema, "strict": True}
    return {"type": "json_schema", "json_schema": shape}


def _name(field: str, value: Enum) -> str:
    return (value.name or str(int(value))).removeprefix(_PREFIXES[field]).lower()


def _present(message: Message) -> Mapping[str, Any]:
    """Return the fields that were on the wire."""
    return {name: value for name, value in fields_of(message).items() if value is not UNSET}


def _no_form(where: str, name: str) -> ValueError:
    text = f"{where}: the REST API has no form for {name}; add the request by batch.add()"
    return ValueError(text)


def _plain(value: bool | float | str | list[str]) -> JsonValue:  # noqa: FBT001  # of a field
    if isinstance(value, float):
        return _shortest(value)
    return [*value] if isinstance(value, list) else value


def _shortest(value: float) -> float:
    """Return the number with the fewest digits that is the same one in 32 bits."""
    bits = struct.pack("<f", value)
    numbers = (float(f"{value:.{digits}g}") for digits in range(1, 10))
    return next(number for number in numbers if struct.pack("<f", number) == bits)


def _image(where: str, request: pb.GenerateImageRequest) -> tuple[str, _Body]:
    body = _media(where, request)
    return IMAGE_EDITS if "image" in body or "images" in body else IMAGES, body


def _video(where: str, request: pb.GenerateVideoRequest) -> tuple[str, _Body]:
    body = _media(where, request)
    return VIDEO_EDITS if "video" in body else VIDEOS, body


def _extension(where: str, request: pb.ExtendVideoRequest) -> tuple[str, _Body]:
    return VIDEO_EXTENSIONS, _media(where, request)


def _media(where: str, request: Message) -> _Body:
    body: _Body = {}
    for name, value in _present(request).items():
        if name in _MEDIA_SAME:
            body[name] = value
        elif name in ("image", "video"):
            body[name] = _source(where, value)
        elif name in ("images", "reference_images"):
            body[name] = [_source(f"{where}.{name}[{i}]", each) for i, each in enumerate(value)]
        elif name == "format":
            is_url = value == pb.ImageFormat.IMG_FORMAT_URL
            body["response_format"] = "url" if is_url else "b64_json"
        elif name in ("aspect_ratio", "resolution"):
            body[name] = ratio_or_size(value)
        elif name == "quality":
            body[name] = _name(name, value)
        elif name == "storage_options":
            body[name] = _storage(value)
        else:
            raise _no_form(where, name)
    return body


def _source(where: str, content: Message) -> _Body:
    """Return where an image or a video is."""
    body: _Body = {}
    for name, value in _present(content).items():
        if name in ("image_url", "url"):
            body["url"] = value
        elif name == "file_id":
            body[name] = value
        # The default, which an image that is changed has always.
        elif name != "detail" or value != pb.ImageDetail.DETAIL_AUTO:
            raise _no_form(where, name)
    return body


def ratio_or_size(value: Enum) -> str:
    """Return a ratio such as ``16:9`` or ``19.5:9``, or a size such as ``2k``."""
    name = value.name or str(int(value))
    _, _, last = name.replace("19_5", "19.5").partition("RATIO_" if "RATIO" in name else "TION_")
    return (last or name).replace("_", ":").lower()


def _storage(options: pb.StorageOptions) -> _Body:
    body: _Body = {}
    for name, value in _present(options).items():
        body[name] = dict(_present(value)) if name == "public_url" else value
    return body


_WRITERS: Final[Mapping[str, Callable[..., tuple[str, _Body]]]] = {
    "completion_request": _chat,
    "image_request": _image,
    "video_request": _video,
    "video_extension_request": _extension,
}

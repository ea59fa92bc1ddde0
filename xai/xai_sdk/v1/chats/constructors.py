"""Makes messages, their parts and tools."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.proto.modules import load

if TYPE_CHECKING:
    # Programs import these functions before anything else: messages are loaded by the first call.
    from xai.xai_sdk.v1.proto.messages import Message
    from xai.xai_sdk.v1.types.chat import Content, ImageDetail

chat_pb2 = load("chat_pb2")
image_pb2 = load("image_pb2")

_DETAILS = {"low": "DETAIL_LOW", "high": "DETAIL_HIGH"}


def user(*args: "Content") -> "Message":
    """Return a user message.

    Args:
        args: Strings and parts.
    """
    return _message("ROLE_USER", args)


def assistant(*args: "Content") -> "Message":
    """Return an assistant message.

    Args:
        args: Strings and parts.
    """
    return _message("ROLE_ASSISTANT", args)


def system(*args: "Content") -> "Message":
    """Return a system message.

    Args:
        args: Strings and parts.
    """
    return _message("ROLE_SYSTEM", args)


def developer(*args: "Content") -> "Message":
    """Return a developer message.

    Args:
        args: Strings and parts.
    """
    return _message("ROLE_DEVELOPER", args)


def tool_result(result: str, tool_call_id: str | None = None) -> "Message":
    """Return the result of a tool.

    Args:
        result: The result, as text.
        tool_call_id: The ID of the call that it answers.
    """
    message = _message("ROLE_TOOL", (text(result),))
    if tool_call_id is not None:
        message.tool_call_id = tool_call_id
    return message


def text(content: str) -> "Message":
    """Return a part of text."""
    return _made(chat_pb2.Content(text=content))


def image(image_url: str, *, detail: "ImageDetail | None" = "auto") -> "Message":
    """Return a part with a picture.

    Args:
        image_url: Its URL, or the picture itself as a data URL.
        detail: How closely the model looks at it; anything but ``"low"`` and ``"high"`` leaves
            that to the server.
    """
    looked_at = image_pb2.ImageDetail.Value(_DETAILS.get(detail or "", "DETAIL_AUTO"))
    url = image_pb2.ImageUrlContent(image_url=image_url, detail=looked_at)
    return _made(chat_pb2.Content(image_url=url))


def file(
    file_id: str | None = None,
    *,
    data: bytes | None = None,
    url: str | None = None,
    filename: str | None = None,
    mime_type: str | None = None,
) -> "Message":
    """Return a part with a file.

    Args:
        file_id: The ID of one that was uploaded.
        data: Its content.
        url: Where it is.
        filename: Its name; not for one that was uploaded.
        mime_type: Its type; not for one that was uploaded.

    Raises:
        ValueError: There is no source, or more than one, or a name or a type for an ID.
    """
    sources = {"file_id": file_id, "data": data, "url": url}
    given = {name: value for name, value in sources.items() if value is not None}
    if len(given) != 1:
        raise ValueError(f"one of file_id, data and url must be given, not {len(given)}")
    about = {"filename": filename, "mime_type": mime_type}
    told = {name: value for name, value in about.items() if value is not None}
    if told and file_id is not None:
        raise ValueError("filename and mime_type go with data or url, not with file_id")
    return _made(chat_pb2.Content(file=chat_pb2.FileContent(**given, **told)))


def tool(name: str, description: str, parameters: Mapping[str, object]) -> "Message":
    """Return a function that the model may call.

    Args:
        name: Its name.
        description: What it does.
        parameters: The JSON schema of its arguments.
    """
    schema = json.dumps(parameters)
    function = chat_pb2.Function(name=name, description=description, parameters=schema)
    return _made(chat_pb2.Tool(function=function))


def required_tool(name: str) -> "Message":
    """Return the choice of one function, which the model has to call.

    Args:
        name: Its name.
    """
    return _made(chat_pb2.ToolChoice(function_name=name))


def _message(role: str, content: "tuple[Content, ...]") -> "Message":
    from xai.xai_sdk.v1.proto.messages import accept

    parts = [
        text(part) if isinstance(part, str) else accept(chat_pb2.Content, part) for part in content
    ]
    return _made(chat_pb2.Message(role=chat_pb2.MessageRole.Value(role), content=parts))


def _made(message: object) -> "Message":
    # The modules of messages are filled when they are used, which type checkers can't follow.
    return cast("Message", message)


resolve_lazily(globals())

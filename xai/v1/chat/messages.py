"""Constructors of chat messages and their content parts."""

import base64
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias, overload

from xai._validation import check_sequence, check_str, given, kind_of
from xai.proto import xai_api as pb
from xai.v1.chat.enums import ImageDetail, member
from xai.v1.validation import non_empty

Part: TypeAlias = str | pb.Content
"""A content part of a message; a str is a text part."""
Bytes: TypeAlias = bytes | bytearray | memoryview

#: What ends like the name of a picture or a document, and is no base64.
_FILE_NAME: Final = re.compile(r"\.[A-Za-z]{3,4}$")
_DETAILS: Final = {
    "auto": pb.ImageDetail.DETAIL_AUTO,
    "low": pb.ImageDetail.DETAIL_LOW,
    "high": pb.ImageDetail.DETAIL_HIGH,
}


def user(*content: Part, name: str | None = None) -> pb.Message:
    """Return a user message.

    Args:
        content: Content parts, in order: strings, and what `text`, `image` and `file` return.
        name: The name of the user, where several take part.

    Raises:
        TypeError: A part is neither a str nor a `Content`, or the name is not a str.
        ValueError: The name is empty.
    """
    return _message(pb.MessageRole.ROLE_USER, content, name)


def system(*content: Part, name: str | None = None) -> pb.Message:
    """Return a system message, which instructs the model.

    Args:
        content: Content parts, in order: strings, and what `text`, `image` and `file` return.
        name: The name of the author.

    Raises:
        TypeError: A part is neither a str nor a `Content`, or the name is not a str.
        ValueError: The name is empty.
    """
    return _message(pb.MessageRole.ROLE_SYSTEM, content, name)


def developer(*content: Part, name: str | None = None) -> pb.Message:
    """Return a developer message; for models without this role it becomes a system message.

    Args:
        content: Content parts, in order: strings, and what `text`, `image` and `file` return.
        name: The name of the author.

    Raises:
        TypeError: A part is neither a str nor a `Content`, or the name is not a str.
        ValueError: The name is empty.
    """
    return _message(pb.MessageRole.ROLE_DEVELOPER, content, name)


def assistant(
    *content: Part,
    name: str | None = None,
    reasoning_content: str | None = None,
    encrypted_content: str | None = None,
    tool_calls: Sequence[pb.ToolCall] | None = (),
) -> pb.Message:
    """Return an assistant message, such as one from an earlier conversation.

    Args:
        content: Content parts, in order: strings, and what `text`, `image` and `file` return.
        name: The name of the model, where several take part.
        reasoning_content: The reasoning of the model.
        encrypted_content: The encrypted reasoning of the model.
        tool_calls: The tool calls of the model; each needs a `tool_result` after it.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: The name is empty.
    """
    message = _message(pb.MessageRole.ROLE_ASSISTANT, content, name)
    if reasoning_content is not None:
        check_str("reasoning_content", reasoning_content)
        message.reasoning_content = reasoning_content
    if encrypted_content is not None:
        check_str("encrypted_content", encrypted_content)
        message.encrypted_content = encrypted_content
    tool_calls = given(tool_calls, ())
    check_sequence("tool_calls", tool_calls, "ToolCall")
    for index, call in enumerate(tool_calls):
        if not isinstance(call, pb.ToolCall):
            raise TypeError(f"tool_calls[{index}] must be a ToolCall, not {type(call).__name__}")
    message.tool_calls = list(tool_calls)
    return message


def function(*content: Part, name: str) -> pb.Message:
    """Return the result of a function, in the form that preceded `tool_result`.

    Args:
        content: Content parts, in order: strings, and what `text`, `image` and `file` return.
        name: The name of the function.

    Raises:
        TypeError: A part is neither a str nor a `Content`, or the name is not a str.
        ValueError: The name is empty.
    """
    check_str("name", name)
    return _message(pb.MessageRole.ROLE_FUNCTION, content, name)


def tool_result(result: str, tool_call_id: str | None = None) -> pb.Message:
    """Return the message with the result of a tool call.

    Args:
        result: The result, as text.
        tool_call_id: The ID of the tool call, where the model made several.

    Raises:
        TypeError: An argument is not a str.
    """
    check_str("result", result)
    message = _message(pb.MessageRole.ROLE_TOOL, (result,), None)
    if tool_call_id is not None:
        check_str("tool_call_id", tool_call_id)
        message.tool_call_id = tool_call_id
    return message


def text(content: str) -> pb.Content:
    """Return a text part.

    Raises:
        TypeError: The content is not a str.
    """
    check_str("content", content)
    return pb.Content(text=content)


def image(
    image_url: str | os.PathLike[str] | None = None,
    *,
    file_id: str | None = None,
    data: Bytes | None = None,
    path: str | os.PathLike[str] | None = None,
    mime_type: str | None = None,
    detail: ImageDetail | pb.ImageDetail | None = "auto",
) -> pb.Content:
    """Return an image part.

    Exactly one of ``image_url``, ``file_id``, ``data`` and ``path`` must be given. The server
    fetches a URL itself.

    Args:
        image_url: The URL of the image, or the image as a data URL; a `pathlib.Path` counts as
            ``path``.
        file_id: The ID of an uploaded file.
        data: The encoded image, sent as a data URL.
        path: The file with the encoded image, which is read at once.
        mime_type: The MIME type of the data, such as ``image/png``; detected for PNG, JPEG and
            WebP.
        detail: The resolution at which the model sees it: ``"auto"``, ``"low"`` or ``"high"``.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: There is no source or more than one, it is empty, its MIME type is
            malformed, or not given and not detected, there is no such detail, or the URL is the
            name of a file.
        OSError: The file can't be read.
    """
    if isinstance(image_url, os.PathLike):
        if path is not None:
            raise ValueError("path is given twice")
        image_url, path = None, image_url
    _check_sources({"image_url": image_url, "file_id": file_id, "data": data, "path": path})
    if path is not None:
        data = Path(path).read_bytes()
    elif image_url is not None:
        _check_no_path("image_url", image_url)
    if mime_type is not None:
        _check_mime_type(mime_type)
        if data is None:
            raise ValueError("mime_type says what data is, and is given without data")
    looked_at = member("detail", given(detail, "auto"), _DETAILS, pb.ImageDetail)
    if file_id is not None:
        return pb.Content(image_url=pb.ImageUrlContent(file_id=file_id, detail=looked_at))
    if data is not None:
        image_url = data_url(bytes(data), mime_type)
    return pb.Content(image_url=pb.ImageUrlContent(image_url=image_url or "", detail=looked_at))


@overload
def file(file_id: str) -> pb.Content: ...


@overload
def file(
    *, data: Bytes, filename: str | None = None, mime_type: str | None = None
) -> pb.Content: ...


@overload
def file(
    file_id: os.PathLike[str], *, filename: str | None = None, mime_type: str | None = None
) -> pb.Content: ...


@overload
def file(
    *,
    path: str | os.PathLike[str],
    filename: str | None = None,
    mime_type: str | None = None,
) -> pb.Content: ...


@overload
def file(*, url: str, filename: str | None = None, mime_type: str | None = None) -> pb.Content: ...


def file(
    file_id: str | os.PathLike[str] | None = None,
    *,
    data: Bytes | None = None,
    url: str | None = None,
    path: str | os.PathLike[str] | None = None,
    filename: str | None = None,
    mime_type: str | None = None,
) -> pb.Content:
    """Return a file part.

    Exactly one of ``file_id``, ``data``, ``url`` and ``path`` must be given. The server fetches a
    URL itself.

    Args:
        file_id: The ID of an uploaded file; the server knows its name and type. A `pathlib.Path`
            counts as ``path``.
        data: The content of the file.
        url: The URL of the file.
        path: The file, which is read at once and sent with the message.
        filename: The name of the file; by default the last part of the path.
        mime_type: The MIME type, such as ``application/pdf``.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: There is no source or more than one, it is empty, or the name or type is
            empty, malformed or given together with an ID.
        OSError: The file can't be read.
    """
    if isinstance(file_id, os.PathLike):
        if path is not None:
            raise ValueError("path is given twice")
        file_id, path = None, file_id
    _check_sources({"file_id": file_id, "data": data, "url": url, "path": path})
    if path is not None:
        data = Path(path).read_bytes()
        filename = given(filename, Path(path).name)
    elif url is not None:
        _check_no_path("url", url)
    if filename is not None:
        non_empty("filename", filename)
    if mime_type is not None:
        _check_mime_type(mime_type)
    for argument, value in (("filename", filename), ("mime_type", mime_type)):
        if value is not None and file_id is not None:
            raise ValueError(f"{argument} can't be given together with file_id")
    content = pb.FileContent(
        file_id=file_id or "",
        data=b"" if data is None else bytes(data),
        url=url or "",
        filename=filename or "",
        mime_type=mime_type or "",
    )
    return pb.Content(file=content)


def _message(role: pb.MessageRole, content: Sequence[Part], name: str | None) -> pb.Message:
    message = pb.Message(role=role, content=[_part(*item) for item in enumerate(content)])
    if name is not None:
        message.name = non_empty("name", name)
    return message


def _part(index: int, value: object) -> pb.Content:
    if isinstance(value, str):
        return pb.Content(text=value)
    if not isinstance(value, pb.Content):
        raise TypeError(
            f"content[{index}] must be a str or a Content, as xai.v1.text(), image() and file()"
            f" return, not {kind_of(value)}"
        )
    return value


def _check_mime_type(value: object) -> None:
    check_str("mime_type", value)
    if not re.fullmatch(r"[^/;,\s]+/[^/;,\s]+(;[^,\r\n]*)?", str(value)):
        raise ValueError(f"mime_type must be one like image/png, not {value!r}")


def _check_no_path(argument: str, url: str) -> None:
    # A server can't fetch it, and says so in words of its own.
    if "://" not in url and not url.startswith("data:") and _FILE_NAME.search(url):
        raise ValueError(
            f"{argument} must be a URL, not {url!r}; for a file of this machine use path="
        )


def _check_sources(sources: dict[str, "str | Bytes | os.PathLike[str] | None"]) -> None:
    """Raise an error unless exactly one of the sources is given, and not empty."""
    given = {argument: value for argument, value in sources.items() if value is not None}
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise ValueError(f"exactly one of {', '.join(sources)} must be given, not {found}")
    (argument, value) = given.popitem()
    if argument == "data" and not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"data must be bytes, not {type(value).__name__}")
    if isinstance(value, os.PathLike):
        return
    if argument != "data":
        check_str(argument, value)
    if not len(value):
        raise ValueError(f"{argument} must not be empty")


def data_url(data: bytes, mime_type: str | None) -> str:
    """Return a URL that holds an image itself.

    Args:
        data: The image.
        mime_type: Its type; detected for PNG, JPEG and WebP when None.

    Raises:
        ValueError: The type is neither given nor detected.
    """
    mime_type = mime_type or sniff_image(data)
    if not mime_type:
        raise ValueError("mime_type must be given: data is neither PNG, JPEG nor WebP")
    return f"data:{mime_type};base64,{base64.b64encode(data).decode()}"


def sniff_image(data: bytes) -> str:
    """Return the MIME type of an image; empty when it is neither PNG, JPEG nor WebP."""
    # The first bytes are those of the WHATWG's MIME sniffing standard, section 6.1.
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:14] == b"WEBPVP":
        return "image/webp"
    return ""


for _function in (user, system, developer, assistant, function, tool_result, text, image, file):
    _function.__module__ = "xai.v1"

"""Files that chats name by their ID: their content takes the place of the ID."""

import base64
from collections.abc import Sequence

import attrs

from xai.proto.base import which_one_of
from xai.proto.xai_api.chat import Content, Message
from xai.proto.xai_api.image import ImageUrlContent
from xai.testing.control.accounts import Account
from xai.testing.v1.file_store import FileStore, StoredFile, decode_text


def attach(messages: Sequence[Message], files: FileStore, account: Account) -> list[Message]:
    """Return messages with the content of the files that they name by ID.

    Text is read as text, and an image is seen as one.

    Args:
        messages: The messages; they stay as they are.
        files: Keeps the files.
        account: Whose files they are.

    Raises:
        GRPCError: There is no such file, or it is neither text nor an image.
    """
    return [_attached(message, files, account) for message in messages]


@attrs.frozen
class Attachment:
    """A file in a message.

    Attributes:
        file_id: Its ID; empty when its content is in the message.
        name: Its name.
        text: What is written in it.
    """

    file_id: str
    name: str
    text: str


def find_attachments(
    messages: Sequence[Message], files: FileStore, account: Account
) -> list[Attachment]:
    """Return the files in messages that have a text.

    Args:
        messages: The messages, with the IDs of files.
        files: Keeps the files.
        account: Whose files they are.

    Raises:
        GRPCError: There is no such file.
    """
    found = []
    for message in messages:
        for content in message.content:
            kind, value = which_one_of(content, "content")
            if kind != "file":
                continue
            name, data = value.filename, value.data
            if value.file_id:
                stored = files.get(account, value.file_id)
                name, data = stored.name, stored.data
            text = decode_text(data)
            if text:
                found.append(Attachment(value.file_id, name, text))
    return found


def _attached(message: Message, files: FileStore, account: Account) -> Message:
    found = [_resolved(content, files, account) for content in message.content]
    if all(new is old for new, old in zip(found, message.content, strict=True)):
        return message
    other: Message = message.__copy__()
    other.content = found
    return other


def _resolved(content: Content, files: FileStore, account: Account) -> Content:
    kind, value = which_one_of(content, "content")
    if kind == "file" and value is not None and value.file_id:
        file = files.get(account, value.file_id)
        if not file.content_type.startswith("image/"):
            return Content(text=file.text())
        return Content(image_url=ImageUrlContent(image_url=_data_url(file)))
    if kind == "image_url" and value is not None:
        source, file_id = which_one_of(value, "source")
        if source == "file_id":
            file = files.get(account, str(file_id))
            return Content(
                image_url=ImageUrlContent(image_url=_data_url(file), detail=value.detail)
            )
    return content


def _data_url(file: StoredFile) -> str:
    return f"data:{file.content_type};base64,{base64.b64encode(file.data).decode()}"

"""Images and videos that a request starts from: by URL, file ID, bytes or an earlier result."""

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol, TypeAlias, runtime_checkable

import attrs

from xai._validation import check_strings, kind_of
from xai.proto.xai_api import image as pb
from xai.v1.chat.messages import data_url
from xai.v1.storage import FileOutput
from xai.v1.validation import non_empty

#: The largest image that the server takes, in bytes.
MAX_INPUT_BYTES: Final = 10 * 2**20

Bytes: TypeAlias = bytes | bytearray | memoryview


@attrs.frozen
class FileId:
    """The ID of an uploaded file, where a str would be a URL.

    Attributes:
        file_id: The ID.
    """

    file_id: str = attrs.field(validator=lambda _self, _attribute, value: _check_id(value))


@runtime_checkable
class MadeImage(Protocol):
    """An image that the API has made."""

    def as_input(self) -> "FileId | str":
        """Return the file it was stored as, or its URL."""
        ...


ImageInput: TypeAlias = str | FileId | FileOutput | Bytes | os.PathLike[str] | MadeImage
"""An image to start from: URL, file ID, bytes, path, earlier result or stored file."""


def _check_id(value: object) -> None:
    non_empty("file_id", value)


def url_source(argument: str, value: str) -> pb.ImageUrlContent:
    """Return the message for an image by its URL.

    Args:
        argument: What it was given as, for errors.
        value: The URL, or the image as a data URL.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty.
    """
    url = non_empty(argument, value)
    return pb.ImageUrlContent(image_url=url, detail=pb.ImageDetail.DETAIL_AUTO)


def file_source(argument: str, value: str) -> pb.ImageUrlContent:
    """Return the message for an image by the ID of its file.

    Args:
        argument: What it was given as, for errors.
        value: The ID.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty.
    """
    file_id = non_empty(argument, value)
    return pb.ImageUrlContent(file_id=file_id, detail=pb.ImageDetail.DETAIL_AUTO)


def input_source(argument: str, value: ImageInput) -> pb.ImageUrlContent:
    """Return the message for an image that was given in any form but as a path.

    Args:
        argument: What it was given as, for errors.
        value: The image.

    Raises:
        TypeError: It is none of the forms.
        ValueError: It is empty, too large, no image, or a str that is no URL.
    """
    if isinstance(value, MadeImage):
        value = value.as_input()
    if isinstance(value, (FileId, FileOutput)):
        return file_source(argument, value.file_id)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return url_source(argument, _embedded(argument, value))
    if not isinstance(value, str):
        raise TypeError(
            f"{argument} must be a URL, a FileId, bytes, a path as a PathLike or an ImageResponse,"
            f" not {kind_of(value)}"
        )
    if not value.startswith(("https://", "http://", "data:")):
        raise ValueError(
            f"{argument} must begin with https://, http:// or data: when it is a str; for a file of"
            " this machine give a pathlib.Path, for an uploaded one a FileId"
        )
    return url_source(argument, value)


def several_sources(
    files: "tuple[str, Sequence[str] | None]", urls: "tuple[str, Sequence[str] | None]"
) -> list[pb.ImageUrlContent]:
    """Return the messages for images given by lists of file IDs and of URLs; the files come first.

    Args:
        files: The name and the value of the argument with the IDs.
        urls: The same for the URLs.

    Raises:
        TypeError: One is not a sequence of str.
        ValueError: An item is empty.
    """
    found = []
    for (argument, values), source in ((files, file_source), (urls, url_source)):
        given = [] if values is None else check_strings(argument, values)
        found += [source(f"{argument}[{at}]", value) for at, value in enumerate(given)]
    return found


def known_options(options: Mapping[str, object], names: Collection[str]) -> dict[str, object]:
    """Return the options that are given, which are those that are not None.

    Args:
        options: The options by name.
        names: The names there are.

    Raises:
        TypeError: One has another name.
    """
    for name in options:
        if name not in names:
            raise TypeError(f"there is no argument {name}; the options are {', '.join(names)}")
    return {name: value for name, value in options.items() if value is not None}


def paths_in(
    images: "Sequence[ImageInput] | None", argument: str = "images"
) -> "list[tuple[int, os.PathLike[str]]]":
    """Return the paths among some images, with their places.

    Args:
        images: The images.
        argument: What they were given as, for errors.

    Raises:
        TypeError: It is not a sequence.
    """
    if images is None:
        return []
    if isinstance(images, (str, bytes, bytearray, memoryview)) or not isinstance(images, Sequence):
        kind = type(images).__name__
        raise TypeError(f"{argument} must be a sequence of images, such as [image], not {kind}")
    return [(at, image) for at, image in enumerate(images) if isinstance(image, os.PathLike)]


def _embedded(argument: str, value: Bytes) -> str:
    data = bytes(value)
    if not data:
        raise ValueError(f"{argument} must not be empty")
    if len(data) > MAX_INPUT_BYTES:
        size = len(data)
        raise ValueError(f"{argument} must have at most {MAX_INPUT_BYTES} bytes, not {size}")
    try:
        return data_url(data, None)
    except ValueError:
        raise ValueError(f"{argument} must be a PNG, JPEG or WebP image") from None


FileId.__module__ = "xai.v1"

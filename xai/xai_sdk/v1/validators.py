"""Dictionaries that programs pass, checked by pydantic, whose ``ValidationError`` they catch.

Where pydantic is not installed, programs can't catch its errors either: the checks of the requests
then hold alone, and raise TypeError and ValueError.
"""

import functools
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, cast

from typing_extensions import NotRequired, TypedDict

from xai.xai_sdk.v1.types.chat import Guideline


class PublicUrlOptions(TypedDict, total=False):
    """How a public URL is made: when it ends, in seconds."""

    expires_after: timedelta | int


class StorageOptions(TypedDict):
    """How a result is stored as a file."""

    filename: str
    expires_after: NotRequired[timedelta | int]
    public_url: NotRequired[bool | PublicUrlOptions]


class CharsConfiguration(TypedDict):
    """Chunks of characters."""

    max_chunk_size_chars: int
    chunk_overlap_chars: int


class TokensConfiguration(TypedDict):
    """Chunks of tokens."""

    max_chunk_size_tokens: int
    chunk_overlap_tokens: int
    encoding_name: str


class BytesConfiguration(TypedDict):
    """Chunks of bytes."""

    max_chunk_size_bytes: int
    chunk_overlap_bytes: int


class ChunkConfiguration(TypedDict, total=False):
    """How documents are cut into chunks: one of three ways."""

    chars_configuration: CharsConfiguration
    tokens_configuration: TokensConfiguration
    bytes_configuration: BytesConfiguration
    strip_whitespace: bool
    inject_name_into_chunks: bool


class FieldDefinition(TypedDict):
    """A field of the documents of a collection."""

    key: str
    required: bool
    inject_into_chunk: bool
    unique: bool
    description: NotRequired[str]


def validated_guideline(value: object) -> Guideline:
    """Return a guideline.

    Raises:
        ValueError: It is not valid.
    """
    found = checked("guideline", value)
    if not isinstance(found, Mapping) or not {"category", "behavior"} <= found.keys():
        raise ValueError("a guideline must have a type, a category and a behavior")
    return cast("Guideline", found)


def checked(kind: str, value: object) -> object:
    """Return what pydantic makes of a dictionary; the value itself where it is not installed.

    Args:
        kind: Which kind of dictionary it is.
        value: What the program passed.

    Raises:
        ValidationError: It is not valid.
    """
    validate = _validators().get(kind)
    return value if validate is None else validate(value)


@functools.cache
def _validators() -> dict[str, Callable[[object], object]]:
    try:
        from pydantic import ConfigDict, StringConstraints, TypeAdapter
    except ImportError:
        return {}
    text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    by_url = TypedDict("by_url", {"image_url": text, "timestamp": float})  # noqa: UP013  # made here, as its types are
    by_id = TypedDict("by_id", {"image_file_id": text, "timestamp": float})  # noqa: UP013  # as above
    voice = TypedDict("voice", {"voice_id": text})  # noqa: UP013  # as above
    strict = ConfigDict(extra="forbid")
    by_url.__pydantic_config__ = by_id.__pydantic_config__ = strict  # type: ignore[attr-defined]  # pydantic's own way
    return {
        "storage": TypeAdapter(StorageOptions).validate_python,
        "chunks": TypeAdapter(ChunkConfiguration).validate_python,
        "field": TypeAdapter(FieldDefinition).validate_python,
        "keyframe": TypeAdapter(by_url | by_id).validate_python,
        "audio": TypeAdapter(voice).validate_python,
        "guideline": TypeAdapter(Guideline).validate_python,
    }

"""Types of the arguments of files."""

from collections.abc import Callable
from datetime import timedelta
from typing import BinaryIO, Literal, Protocol, TypeAlias

from xai.xai_sdk.v1.proto.messages import Message, accept
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.validators import PublicUrlOptions, StorageOptions, checked

__all__ = [
    "BatchUploadCallback",
    "Order",
    "ProgressBarLike",
    "ProgressCallback",
    "PublicUrlInput",
    "PublicUrlOptions",
    "SortBy",
    "StorageOptions",
    "storage_options_message",
    "whole_seconds",
]

image_pb2 = load("image_pb2")

Order: TypeAlias = Literal["asc", "desc"]
SortBy: TypeAlias = Literal["created_at", "filename", "size"]
PublicUrlInput: TypeAlias = bool | PublicUrlOptions


class ProgressBarLike(Protocol):
    """A progress bar, such as one of tqdm."""

    def update(self, n: int) -> object:
        """Go on by some bytes."""


ProgressCallback: TypeAlias = (
    Callable[[int, int], None] | Callable[[int], None] | ProgressBarLike | None
)
BatchUploadCallback: TypeAlias = Callable[[int, str | BinaryIO, Message | BaseException], None]


def whole_seconds(value: timedelta | int | None) -> int | None:
    """Return a duration in whole seconds."""
    return int(value.total_seconds()) if isinstance(value, timedelta) else value


def storage_options_message(value: object) -> Message | None:
    """Return the message for storage options.

    Args:
        value: A dictionary, the message, or None.

    Raises:
        ValidationError: The dictionary is not valid.
    """
    if value is None or isinstance(value, Message):
        return value
    if not isinstance(value, dict):
        accepted: Message = accept(image_pb2.StorageOptions, value)
        return accepted
    options = checked("storage", value)
    assert isinstance(options, dict)  # noqa: S101  # what came in is one
    message: Message = image_pb2.StorageOptions(filename=options["filename"])
    expiry, public = options.get("expires_after"), options.get("public_url")
    if expiry is not None:
        message.expires_after = whole_seconds(expiry)
    if public is True or isinstance(public, dict):
        message.public_url.SetInParent()
    if isinstance(public, dict) and public.get("expires_after") is not None:
        message.public_url.expires_after = whole_seconds(public["expires_after"])
    return message

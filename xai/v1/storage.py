"""How a result is stored as a file, and the file that it was stored as."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias, TypedDict

import attrs
from typing_extensions import NotRequired

from xai._validation import check_bool
from xai.proto.xai_api import image as pb
from xai.v1.file_settings import check_filename, storage_seconds, url_seconds
from xai.v1.mappings import checked_keys
from xai.v1.proto_value import ProtoValue

#: A time in whole seconds.
Seconds: TypeAlias = int | timedelta


class PublicUrlOptions(TypedDict, total=False):
    """How a file gets a public URL.

    Attributes:
        expires_after: When the URL ends, in seconds from then on; together with the file when
            missing.
    """

    expires_after: Seconds


class StorageOptions(TypedDict):
    """How a result is stored as a file.

    Attributes:
        filename: The name of the file.
        expires_after: When it is deleted, in seconds from then on, from 3,600 to 2,592,000; never
            when missing.
        public_url: Whether it gets a public URL, or how.
    """

    filename: str
    expires_after: NotRequired[Seconds]
    public_url: NotRequired[bool | PublicUrlOptions]


@attrs.frozen
class FileOutput(ProtoValue):
    """The file that a result was stored as.

    Attributes:
        file_id: The ID of the file.
        filename: Its name.
        public_url: Its public URL; None without one.
        public_url_expires_at: When the public URL ends, in UTC; None for never.
        expires_at: When the file is deleted, in UTC; None for never.
        public_url_error: Why it has no public URL although one was asked for; None otherwise.
        proto: The protobuf message.
    """

    file_id: str
    filename: str
    public_url: str | None
    public_url_expires_at: datetime | None
    expires_at: datetime | None
    public_url_error: str | None
    proto: pb.FileOutput = attrs.field(repr=False, eq=False)


def read_file_output(proto: pb.FileOutput | None) -> FileOutput | None:
    """Return the value of a message from the server; None for none."""
    if proto is None:
        return None
    return FileOutput(
        file_id=proto.file_id,
        filename=proto.filename,
        public_url=proto.public_url,
        public_url_expires_at=proto.public_url_expires_at,
        expires_at=proto.expires_at,
        public_url_error=proto.public_url_error,
        proto=proto,
    )


def storage_message(
    value: StorageOptions | pb.StorageOptions | None,
) -> pb.StorageOptions | None:
    """Return the message for the argument ``storage_options``; None when it is not given.

    Args:
        value: The options, or the message.

    Raises:
        TypeError: It is something else, or one of the options is.
        ValueError: An option is not known, missing or out of range.
    """
    name = "storage_options"
    if value is None or isinstance(value, pb.StorageOptions):
        return value
    given = checked_keys(name, value, "mapping", ("filename",), ("expires_after", "public_url"))
    message = pb.StorageOptions(filename=check_filename(f"{name}['filename']", given["filename"]))
    if "expires_after" in given:
        where = f"{name}['expires_after']"
        message.expires_after = storage_seconds(where, given["expires_after"])
    public = given.get("public_url", False)
    where = f"{name}['public_url']"
    if isinstance(public, Mapping):
        options = checked_keys(where, public, "mapping", (), ("expires_after",))
        message.public_url = pb.PublicUrlOptions()
        if "expires_after" in options:
            message.public_url.expires_after = url_seconds(
                f"{where}['expires_after']", options["expires_after"]
            )
        return message
    check_bool(where, public)
    if public:
        message.public_url = pb.PublicUrlOptions()
    return message


for _class in (FileOutput, PublicUrlOptions, StorageOptions):
    _class.__module__ = "xai.v1"

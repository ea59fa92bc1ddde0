"""How a result is stored as a file, and the file that it was stored as."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias, TypedDict

import attrs
from typing_extensions import NotRequired

from xai._validation import check_bool, shown
from xai.proto.xai_api import image as pb
from xai.v1.proto_value import ProtoValue
from xai.v1.validation import non_empty

#: The server's limits of how long a file is kept, in seconds.
MIN_TTL: Final = 3600
MAX_TTL: Final = 2_592_000
_MAX_NAME: Final = 255
_BAD_IN_NAME: Final = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029";\\]')
_INT64_MAX: Final = 2**63 - 1

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
    given = _known(name, value, ("filename", "expires_after", "public_url"))
    if "filename" not in given:
        raise ValueError(f"{name}['filename'] must be given")
    message = pb.StorageOptions(filename=check_name(f"{name}['filename']", given["filename"]))
    if "expires_after" in given:
        where = f"{name}['expires_after']"
        message.expires_after = check_seconds(where, given["expires_after"], MIN_TTL, MAX_TTL)
    public = given.get("public_url", False)
    where = f"{name}['public_url']"
    if isinstance(public, Mapping):
        options = _known(where, public, ("expires_after",))
        message.public_url = pb.PublicUrlOptions()
        if "expires_after" in options:
            message.public_url.expires_after = check_seconds(
                f"{where}['expires_after']", options["expires_after"], 1, _INT64_MAX
            )
        return message
    check_bool(where, public)
    if public:
        message.public_url = pb.PublicUrlOptions()
    return message


def check_name(argument: str, value: object) -> str:
    """Return the name of a file that the server takes.

    Args:
        argument: What it was given as, for errors.
        value: The name.

    Raises:
        TypeError: It is not a str.
        ValueError: It is empty, too long, or has characters that no name may have.
    """
    name = non_empty(argument, value)
    if len(name) > _MAX_NAME:
        raise ValueError(f"{argument} must have at most {_MAX_NAME} characters, not {len(name)}")
    if bad := _BAD_IN_NAME.search(name):
        raise ValueError(
            f"{argument} must be without control characters, line breaks, quotes, semicolons and"
            f" backslashes; it has {bad[0]!r}"
        )
    return name


def check_seconds(argument: str, value: object, low: int, high: int) -> int:
    """Return a time in whole seconds.

    Args:
        argument: What it was given as, for errors.
        value: An int or a timedelta.
        low: The shortest time, in seconds.
        high: The longest time, in seconds.

    Raises:
        TypeError: It is something else.
        ValueError: It is out of range, or has parts of a second.
    """
    seconds = value
    if isinstance(value, timedelta):
        seconds, rest = divmod(value, timedelta(seconds=1))
        if rest:
            raise ValueError(f"{argument} must be whole seconds, not {value}")
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError(
            f"{argument} must be an int of seconds or a timedelta, not {type(value).__name__}"
        )
    if not low <= seconds <= high:
        expected = f"{low} or more" if high == _INT64_MAX else f"from {low} to {high}"
        raise ValueError(f"{argument} must be {expected} seconds, not {shown(seconds)}")
    return seconds


def _known(argument: str, value: object, names: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        kind = type(value).__name__
        raise TypeError(f"{argument} must be a dict with {', '.join(names)}, not {kind}")
    for name in value:
        if name not in names:
            raise ValueError(f"{argument} has {name!r}; it may have {', '.join(names)}")
    return value


for _class in (FileOutput, PublicUrlOptions, StorageOptions):
    _class.__module__ = "xai.v1"

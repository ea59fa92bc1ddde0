"""Files of the v1 API: what the server tells about them, and what it is asked."""

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from inspect import iscoroutinefunction
from typing import Final, Generic, Literal, Protocol, TypeVar, cast

import attrs
from typing_extensions import Never

from xai._validation import check_int, kind_of
from xai.proto.base import UNSET, fields_of
from xai.proto.xai_api import files as pb
from xai.v1.chat.enums import optional_member
from xai.v1.file_settings import check_filename, storage_seconds, url_seconds
from xai.v1.proto_value import ProtoValue
from xai.v1.validation import non_empty, optional_non_empty

S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)

Order = Literal["asc", "desc"]
SortBy = Literal["created_at", "filename", "size"]
DownloadFormat = Literal["original", "text"]

#: The most that the server takes, in bytes: 512 MB, the larger reading of it.
MAX_FILE_BYTES: Final = 512 * 2**20
_ORDERS: Final = {"asc": pb.Ordering.ASCENDING, "desc": pb.Ordering.DESCENDING}
_SORTS: Final = {
    "created_at": pb.FilesSortBy.FILES_SORT_BY_CREATED_AT,
    "filename": pb.FilesSortBy.FILES_SORT_BY_FILENAME,
    "size": pb.FilesSortBy.FILES_SORT_BY_SIZE,
}
_FORMATS: Final = {
    "original": pb.DownloadFormat.DOWNLOAD_FORMAT_ORIGINAL,
    "text": pb.DownloadFormat.DOWNLOAD_FORMAT_TEXT,
}


class ProgressBar(Protocol):
    """A progress bar such as those of tqdm."""

    def update(self, amount: int, /) -> object:
        """Go on by so many bytes."""
        ...


class ProgressDisplay(Protocol):
    """A display of many progress bars, such as `rich.progress.Progress`."""

    def add_task(self, description: str, *, total: float | None) -> object:
        """Add a bar of so many bytes; return what names it."""
        ...

    def advance(self, task_id: Never, advance: float) -> object:
        """Go on by so many bytes.

        Args:
            task_id: What `add_task` returned; each display has a type of its own for it.
            advance: The bytes.
        """
        ...


#: Is told the bytes that were sent and those there are (None when nobody knows); or a progress bar,
#: or a display that gets one.
OnProgress = Callable[[int, int | None], object] | ProgressBar | ProgressDisplay


@attrs.frozen
class File(ProtoValue):
    """A file that the server keeps.

    Attributes:
        id: Its ID.
        filename: Its name.
        size: Its size in bytes.
        created_at: When it was uploaded, in UTC; None when the server does not say.
        expires_at: When it will be deleted; None for never.
        public_url: The URL under which anybody can read it; None without one.
        public_url_expires_at: When that URL ends; None for never.
        proto: The protobuf message.
    """

    id: str
    filename: str
    size: int
    created_at: datetime | None
    expires_at: datetime | None
    public_url: str | None
    public_url_expires_at: datetime | None
    proto: pb.File = attrs.field(repr=False, eq=False)


@attrs.frozen
class PublicUrl(ProtoValue):
    """A URL under which anybody can read a file.

    Attributes:
        url: The URL.
        expires_at: When it ends; None for never.
        proto: The protobuf message.
    """

    url: str
    expires_at: datetime | None
    proto: pb.CreatePublicUrlResponse = attrs.field(repr=False, eq=False)


@attrs.frozen
class RevokedUrl(ProtoValue):
    """What became of the public URL of a file.

    Attributes:
        file_id: The ID of the file.
        revoked: Whether there was a URL.
        url: The URL that leads nowhere now; None when there was none.
        proto: The protobuf message.
    """

    file_id: str
    revoked: bool
    url: str | None
    proto: pb.RevokePublicUrlResponse = attrs.field(repr=False, eq=False)


def _checked_name(_instance: object, _attribute: object, value: str | None) -> None:
    if value is not None:
        check_filename("filename", value)


def _checked_expiry(_instance: object, _attribute: object, value: int | timedelta | None) -> None:
    if value is not None:
        storage_seconds("expires_after", value)


@attrs.frozen
class Upload(Generic[S_co]):
    """A file to upload, with options of its own.

    Attributes:
        source: A path, bytes, a binary file, or an iterable of bytes.
        filename: Its name on the server; that of the path or the file when None.
        expires_after: When the server deletes it: seconds, or a `timedelta`, from 1 hour to 30
            days; None for never.
    """

    source: S_co
    filename: str | None = attrs.field(default=None, kw_only=True, validator=_checked_name)
    expires_after: int | timedelta | None = attrs.field(
        default=None, kw_only=True, validator=_checked_expiry
    )


for _class in (File, PublicUrl, RevokedUrl, Upload):
    _class.__module__ = "xai.v1"


def check_on_progress(value: object) -> "Callable[[int, int | None], None] | None":
    """Return a function that tells about the progress of an upload, once for each byte.

    A retry begins at the start of the file, but what was told is not told again.

    Raises:
        TypeError: It is neither a function nor a progress bar.
    """
    if value is None:
        return None
    if callable(getattr(value, "add_task", None)) and callable(getattr(value, "advance", None)):
        return _once_each(_Displayed(cast("ProgressDisplay", value)))
    update = getattr(value, "update", None)
    called = update if callable(update) else value
    if not callable(called) or iscoroutinefunction(called):
        raise TypeError(
            "on_progress must be a plain function of the bytes sent and the total, or a progress "
            f"bar with a method update, not {_kind(called)}"
        )
    function: Callable[..., object] = called

    def pass_on(sent: int, total: int | None, more: int) -> None:
        if function is value:
            function(sent, total)
        else:
            function(more)

    return _once_each(pass_on)


def _once_each(
    pass_on: Callable[[int, int | None, int], object],
) -> Callable[[int, int | None], None]:
    told = 0

    def tell(sent: int, total: int | None) -> None:
        nonlocal told
        if sent > told:
            more, told = sent - told, sent
            pass_on(sent, total, more)

    return tell


class _Displayed:
    """An upload in a display of progress bars, which gets a bar with the first bytes.

    Args:
        display: The display.
    """

    def __init__(self, display: ProgressDisplay) -> None:
        self._display = display
        self._task: object = None

    def __call__(self, _sent: int, total: int | None, more: int) -> None:
        """Go on by so many bytes."""
        if self._task is None:
            self._task = self._display.add_task("Uploading", total=total)
        self._display.advance(cast("Never", self._task), more)


def init_request(filename: str, expires_after: int | timedelta | None) -> pb.UploadFileChunk:
    """Return what is sent before the content of a file."""
    init = pb.UploadFileInit(name=check_filename("filename", filename))
    if expires_after is not None:
        init.expires_after = storage_seconds("expires_after", expires_after)
    return pb.UploadFileChunk(init=init)


def list_request(
    order: str | None,
    sort_by: str | None,
    filter: str | None,  # noqa: A002  # the API's own word
) -> pb.ListFilesRequest:
    """Return what asks for a page of files, without its size and token."""
    request = pb.ListFilesRequest()
    ordering = optional_member("order", order, _ORDERS, pb.Ordering)
    if ordering is not None:
        request.order = ordering
    request.sort_by = optional_member("sort_by", sort_by, _SORTS, pb.FilesSortBy)
    request.filter = optional_non_empty("filter", filter)
    if request.filter is not None:
        from xai.v1.file_filter import parse_filter  # which few need

        parse_filter(request.filter)
    return request


def content_request(file_id: str, format: str | None) -> pb.RetrieveFileContentRequest:  # noqa: A002  # the API's own word
    """Return what asks for the content of a file."""
    request = pb.RetrieveFileContentRequest(file_id=non_empty("file_id", file_id))
    if format not in (None, "original"):
        request.format = optional_member("format", format, _FORMATS, pb.DownloadFormat)
    return request


def url_request(file_id: str, expires_after: int | timedelta | None) -> pb.CreatePublicUrlRequest:
    """Return what asks for the public URL of a file."""
    request = pb.CreatePublicUrlRequest(file_id=non_empty("file_id", file_id))
    if expires_after is not None:
        request.expires_after = url_seconds("expires_after", expires_after)
    return request


def read_file(proto: pb.File) -> File:
    """Return the value of a message that describes a file."""
    # Lists have many of them; and reading a time that is not there would put one there.
    get = fields_of(proto).get
    created = get("created_at")
    return File(
        get("id", ""),
        get("filename", ""),
        get("size", 0),
        None if created is UNSET else created,
        get("expires_at"),
        get("public_url"),
        get("public_url_expires_at"),
        proto,
    )


def read_url(proto: pb.CreatePublicUrlResponse) -> PublicUrl:
    """Return the value of a message about a new public URL."""
    return PublicUrl(proto.public_url, proto.expires_at, proto)


def read_revoked(proto: pb.RevokePublicUrlResponse) -> RevokedUrl:
    """Return the value of a message about a public URL that has ended."""
    return RevokedUrl(proto.file_id, proto.revoked, proto.public_url, proto)


def upload_items(files: Iterable[S], argument: str = "files") -> list[S]:
    """Return what is to be uploaded as a list.

    Args:
        files: The files.
        argument: What they were given as, for errors.

    Raises:
        TypeError: It is a single file, or no iterable.
    """
    single = isinstance(files, (str, bytes, bytearray, memoryview, os.PathLike, Upload, Mapping))
    if single or hasattr(files, "read") or not isinstance(files, Iterable):
        raise TypeError(f"{argument} must be an iterable of files, not {kind_of(files)}")
    return list(files)


def _kind(value: object) -> str:
    return "one that has to be awaited" if iscoroutinefunction(value) else kind_of(value)


def check_concurrency(value: object) -> int:
    """Return how many uploads may run at once.

    Raises:
        TypeError: It is not an int.
        ValueError: It is out of range.
    """
    check_int("concurrency", value, 1, 100)
    return int(str(value))

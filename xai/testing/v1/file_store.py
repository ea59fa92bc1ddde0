"""The files of v1 that the local server keeps, for every service that makes or reads some."""

import mimetypes
import secrets
import unicodedata
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Final

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.testing.control.accounts import Account, caller
from xai.testing.http_files import HttpFiles
from xai.v1.file_filter import Value

_MIB: Final = 1024 * 1024
#: The most that a file, and all files of a key, may have in bytes.
FILE_LIMIT: Final = 512 * _MIB
STORAGE_LIMIT: Final = 1024 * _MIB
FILE_COUNT_LIMIT: Final = 20_000
_LONGEST_NAME: Final = 255
_REFUSED: Final = frozenset('";\\')
_SHORTEST: Final = 3600
_LONGEST: Final = 2_592_000
_UNKNOWN_TYPE: Final = "application/octet-stream"
_PUBLIC: Final = ("image/", "video/")
_PDF: Final = "application/pdf"
# Made here: the tables of the machine would give other answers on each.
_TYPES: Final = mimetypes.MimeTypes()
_MARKS: Final = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", _PDF),
)
_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@attrs.define(eq=False)
class StoredFile:
    """A file.

    Attributes:
        id: Its ID.
        name: Its name.
        data: Its content.
        content_type: Its media type.
        created_at: When it was stored.
        expires_at: When it is deleted; None for never.
        number: Where it stands among all files, in the order in which they came.
        public_url: The URL under which anybody can read it; empty without one.
        public_url_expires_at: When that URL ends; None for never.
    """

    id: str
    name: str
    data: bytes = attrs.field(repr=False)
    content_type: str
    created_at: datetime
    expires_at: datetime | None
    number: int
    public_url: str = ""
    public_url_expires_at: datetime | None = None

    def values(self) -> dict[str, Value]:
        """Return what filters can compare."""
        return {
            "file_id": self.id,
            "name": self.name,
            "file_name": self.name,
            "size_bytes": len(self.data),
            "content_type": self.content_type,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "upload_status": "complete",
            "user_defined_id": None,
            "public_url": self.public_url or None,
            "public_url_expires_at": self.public_url_expires_at,
        }

    def text(self) -> str:
        """Return its text.

        Raises:
            GRPCError: It has none that the local server can find.
        """
        found = decode_text(self.data)
        if found is None:
            text = f"{self.name}: the local server finds no text in {self.content_type}."
            raise GRPCError(Status.FAILED_PRECONDITION, text)
        return found


class FileStore:
    """The files of all keys; each key sees its own.

    Those that have expired are gone. A store that is full takes no more.

    Args:
        http: Serves the public URLs.
    """

    def __init__(self, http: HttpFiles) -> None:
        self._http = http
        self._files: dict[Account, dict[str, StoredFile]] = {}
        self._bytes: dict[Account, int] = {}
        self._numbers = count(1)

    def add(
        self,
        account: Account,
        name: str,
        data: bytes,
        *,
        expires_after: int | None = None,
        content_type: str = "",
    ) -> StoredFile:
        """Store a file.

        Args:
            account: Whose it is.
            name: Its name.
            data: Its content.
            expires_after: After how many seconds it is deleted; None for never.
            content_type: Its media type; found by its content and its name when empty.

        Raises:
            GRPCError: An argument is not valid, or there is no space.
        """
        check_name(name)
        check_expiry(expires_after)
        check_size(len(data))
        files = self._of(account)
        used = self._bytes.get(account, 0)
        if len(files) >= FILE_COUNT_LIMIT or used + len(data) > STORAGE_LIMIT:
            text = (
                f"There is no space left: the key has {len(files):,} of {FILE_COUNT_LIMIT:,} files "
                f"with {used:,} of {STORAGE_LIMIT:,} bytes."
            )
            raise GRPCError(Status.RESOURCE_EXHAUSTED, text)
        now = datetime.now(timezone.utc)
        file = StoredFile(
            id=f"file-{secrets.token_hex(12)}",
            name=name,
            data=data,
            content_type=content_type or _type_of(name, data),
            created_at=now,
            expires_at=None if expires_after is None else now + timedelta(seconds=expires_after),
            number=next(self._numbers),
        )
        files[file.id] = file
        self._bytes[account] = used + len(data)
        return file

    def get(self, account: Account, file_id: str) -> StoredFile:
        """Return a file.

        Raises:
            GRPCError: The key has none with this ID.
        """
        file = self._of(account).get(file_id)
        if file is None:
            raise GRPCError(Status.NOT_FOUND, f"There is no file {file_id!r}.")
        return file

    def read(self, file_id: str) -> bytes:
        """Return the content of a file of the key that the current call is made with.

        Raises:
            GRPCError: The key has none with this ID.
        """
        return self.get(caller(), file_id).data

    def find(self, file_id: str) -> StoredFile | None:
        """Return a file of whichever key, for what is done in the name of the team."""
        for account in list(self._files):
            file = self._of(account).get(file_id)
            if file is not None:
                return file
        return None

    def replace(self, file_id: str, name: str, data: bytes, content_type: str) -> StoredFile:
        """Replace a file of whichever key, under its ID.

        Args:
            file_id: Its ID.
            name: Its new name.
            data: Its new content.
            content_type: Its new media type.

        Raises:
            GRPCError: There is no such file, or an argument is not valid.
        """
        check_name(name)
        check_size(len(data))
        for account, files in self._files.items():
            file = files.get(file_id)
            if file is not None:
                self._bytes[account] += len(data) - len(file.data)
                file.name, file.data, file.content_type = name, data, content_type
                return file
        raise GRPCError(Status.NOT_FOUND, f"There is no file {file_id!r}.")

    def all(self, account: Account) -> list[StoredFile]:
        """Return the files of a key, in the order in which they came."""
        return list(self._of(account).values())

    def delete(self, account: Account, file_id: str) -> StoredFile:
        """Delete a file and its public URL.

        Raises:
            GRPCError: The key has none with this ID.
        """
        file = self.get(account, file_id)
        self._remove(account, file)
        return file

    def publish(
        self, account: Account, file_id: str, expires_after: int | None = None
    ) -> StoredFile:
        """Give a file a public URL; one that has a URL keeps it.

        Args:
            account: Whose it is.
            file_id: Its ID.
            expires_after: After how many seconds the URL ends; None for what it was, or for as
                long as there is the file.

        Raises:
            GRPCError: The key has no such file, it can't have a URL, or the time is not valid.
        """
        file = self.get(account, file_id)
        if not file.content_type.startswith(_PUBLIC) and file.content_type != _PDF:
            text = f"Only images, videos and PDFs can have a public URL, not {file.content_type}."
            raise GRPCError(Status.INVALID_ARGUMENT, text)
        if expires_after is not None and not 1 <= expires_after <= _LONGEST:
            text = f"expires_after must be from 1 to {_LONGEST} seconds, not {expires_after}."
            raise GRPCError(Status.INVALID_ARGUMENT, text)
        ends = file.public_url_expires_at if file.public_url else file.expires_at
        if expires_after is not None:
            ends = datetime.now(timezone.utc) + timedelta(seconds=expires_after)
        # It ends with the file in any case.
        known = [moment for moment in (ends, file.expires_at) if moment is not None]
        last = min(known) if known else None
        if file.public_url:
            self._http.renew(file.public_url, last)
        else:
            file.public_url = self._http.publish(
                file.data, file.content_type, expires_at=last, filename=file.name
            )
        file.public_url_expires_at = last
        return file

    def revoke(self, account: Account, file_id: str) -> str:
        """End the public URL of a file, and return it; empty when there was none.

        Raises:
            GRPCError: The key has no such file.
        """
        file = self.get(account, file_id)
        url, file.public_url, file.public_url_expires_at = file.public_url, "", None
        if url:
            self._http.revoke(url)
        return url

    def _of(self, account: Account) -> dict[str, StoredFile]:
        files = self._files.setdefault(account, {})
        now = datetime.now(timezone.utc)
        for file in [one for one in files.values() if one.expires_at or one.public_url]:
            if file.expires_at is not None and file.expires_at <= now:
                self._remove(account, file)
            elif file.public_url_expires_at is not None and file.public_url_expires_at <= now:
                file.public_url, file.public_url_expires_at = "", None
        return files

    def _remove(self, account: Account, file: StoredFile) -> None:
        if self._files[account].pop(file.id, None) is not None:
            self._bytes[account] -= len(file.data)
        if file.public_url:
            self._http.revoke(file.public_url)


def check_name(name: str) -> None:
    """Raise a GRPCError when a file can't have a name."""
    if not 0 < len(name) <= _LONGEST_NAME:
        text = f"name must have 1 to {_LONGEST_NAME} characters, not {len(name)}."
        raise GRPCError(Status.INVALID_ARGUMENT, text)
    if any(one in _REFUSED or unicodedata.category(one) in ("Cc", "Zl", "Zp") for one in name):
        text = 'name must have no control or line-break characters, and none of " ; \\.'
        raise GRPCError(Status.INVALID_ARGUMENT, text)


def check_expiry(seconds: int | None) -> None:
    """Raise a GRPCError when a file can't be kept for so long."""
    if seconds is not None and not _SHORTEST <= seconds <= _LONGEST:
        text = f"expires_after must be from {_SHORTEST} to {_LONGEST} seconds, not {seconds}."
        raise GRPCError(Status.INVALID_ARGUMENT, text)


def check_size(size: int) -> None:
    """Raise a GRPCError when a file is too large."""
    if size > FILE_LIMIT:
        text = f"The file is too large: it may have {FILE_LIMIT // _MIB} MiB."
        raise GRPCError(Status.RESOURCE_EXHAUSTED, text)


def decode_text(data: bytes) -> str | None:
    """Return what is written in a file; None when it is no text."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _type_of(name: str, data: bytes) -> str:
    for place, mark, found in _MARKS:
        if data[place : place + len(mark)] == mark:
            return found
    return _TYPES.guess_type(name)[0] or _UNKNOWN_TYPE

"""What images and videos need of stored files: to read inputs, and to keep results."""

import uuid
from datetime import datetime, timedelta, timezone
from typing import Protocol

from xai.proto.xai_api.image import FileOutput, StorageOptions
from xai.testing.control.accounts import Account
from xai.testing.engine.bounded import AccountStore
from xai.testing.http_files import HttpFile, HttpFiles


class MediaStore(Protocol):
    """Stored files, each for the key that owns it."""

    def read(self, account: Account, file_id: str) -> bytes:
        """Return the content of a file.

        Raises:
            GRPCError: The key has none with this ID.
        """
        ...

    def store(
        self, account: Account, data: bytes, content_type: str, options: StorageOptions
    ) -> FileOutput:
        """Store a result as a file, and give it a public URL if that is asked for."""
        ...


class MemoryStore:
    """Files in memory.

    Args:
        http: Serves their public URLs.
    """

    def __init__(self, http: HttpFiles) -> None:
        self._http = http
        self._files: AccountStore[HttpFile] = AccountStore("file")

    def read(self, account: Account, file_id: str) -> bytes:
        """Return the content of a file.

        Raises:
            GRPCError: The key has none with this ID.
        """
        return self._files.get(account, file_id).data

    def store(
        self, account: Account, data: bytes, content_type: str, options: StorageOptions
    ) -> FileOutput:
        """Store a result as a file, and give it a public URL if that is asked for."""
        expires_at = _after(options.expires_after)
        file_id = f"file_{uuid.uuid4()}"
        self._files.put(account, file_id, HttpFile(data, content_type, expires_at), len(data))
        output = FileOutput(file_id=file_id, filename=options.filename)
        if expires_at is not None:
            output.expires_at = expires_at
        if options.public_url is not None:
            until = _after(options.public_url.expires_after) or expires_at
            output.public_url = self._http.publish(
                data, content_type, expires_at=until, filename=options.filename
            )
            if until is not None:
                output.public_url_expires_at = until
        return output


def _after(seconds: int | None) -> datetime | None:
    if seconds is None:
        return None
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)

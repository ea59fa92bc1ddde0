"""What images and videos need of stored files: to read inputs, and to keep results."""

from typing import Protocol

from xai.proto.xai_api.image import FileOutput, StorageOptions
from xai.testing.control.accounts import Account
from xai.testing.v1.file_store import FileStore


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


class StoredMedia:
    """What `FileStore` keeps, for images and videos.

    Args:
        files: Keeps the files.
    """

    def __init__(self, files: FileStore) -> None:
        self._files = files

    def read(self, account: Account, file_id: str) -> bytes:
        """Return the content of a file.

        Raises:
            GRPCError: The key has none with this ID.
        """
        return self._files.get(account, file_id).data

    def store(
        self, account: Account, data: bytes, content_type: str, options: StorageOptions
    ) -> FileOutput:
        """Store a result as a file, and give it a public URL if that is asked for.

        Raises:
            GRPCError: An option is not valid, or there is no space.
        """
        file = self._files.add(
            account,
            options.filename,
            data,
            expires_after=options.expires_after,
            content_type=content_type,
        )
        output = FileOutput(file_id=file.id, filename=file.name)
        if file.expires_at is not None:
            output.expires_at = file.expires_at
        if options.public_url is not None:
            self._files.publish(account, file.id, options.public_url.expires_after)
            output.public_url = file.public_url
            if file.public_url_expires_at is not None:
                output.public_url_expires_at = file.public_url_expires_at
        return output

"""The stored files as documents of collections see them."""

import hashlib

from xai.testing.v1.file_store import FileStore, StoredFile
from xai.testing.v1.indexing import SourceFile


class DocumentFiles:
    """The files of all keys, which are of one team.

    Args:
        files: Keeps them.
    """

    def __init__(self, files: FileStore) -> None:
        self._files = files

    def find(self, file_id: str) -> SourceFile | None:
        """Return a file; None when there is none with this ID."""
        file = self._files.find(file_id)
        return None if file is None else _source(file)

    def replace(self, file_id: str, name: str, content: bytes, content_type: str) -> SourceFile:
        """Replace a file, under its ID.

        Raises:
            GRPCError: There is no such file, or an argument is not valid.
        """
        return _source(self._files.replace(file_id, name, content, content_type))


def _source(file: StoredFile) -> SourceFile:
    return SourceFile(
        file_id=file.id,
        name=file.name,
        content=file.data,
        content_type=file.content_type,
        hash=hashlib.sha256(file.data).hexdigest(),
        created_at=file.created_at,
        expires_at=file.expires_at,
    )

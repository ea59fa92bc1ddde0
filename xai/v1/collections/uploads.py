"""Files that become documents of a collection, with options of their own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Generic, TypeVar

import attrs

from xai.v1.collections.requests import check_fields
from xai.v1.file_settings import check_filename, storage_seconds

S_co = TypeVar("S_co", covariant=True)


def _checked_fields(fields: Mapping[str, str] | None) -> dict[str, str]:
    return check_fields("fields", fields)


@attrs.frozen
class DocumentUpload(Generic[S_co]):
    """A file to upload as a document, with options of its own.

    Attributes:
        source: A path, bytes, a binary file, or an iterable of bytes.
        name: The name of the document; that of the path or the file when None.
        fields: The values of the collection's fields.
        expires_after: When the server deletes the file: seconds, or a `timedelta`, from 1 hour to
            30 days; None for never.

    Raises:
        TypeError: An attribute is of the wrong type.
        ValueError: An attribute is not valid.
    """

    source: S_co
    name: str | None = attrs.field(default=None, kw_only=True)
    fields: Mapping[str, str] = attrs.field(default=None, kw_only=True, converter=_checked_fields)
    expires_after: int | timedelta | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Check the attributes."""
        if self.name is not None:
            check_filename("name", self.name)
        if self.expires_after is not None:
            storage_seconds("expires_after", self.expires_after)


DocumentUpload.__module__ = "xai.v1"

"""What tells items and settings from others: digests that are the same in another process."""

import base64
import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import attrs

from xai._annotations import resolve_lazily
from xai.proto.base import Message

if TYPE_CHECKING:
    from xai.v1.structured.json_value import JsonValue


def plain_identity(value: object) -> "JsonValue":  # noqa: PLR0911  # a case for each kind
    """Return JSON-compatible values that are equal for what means the same.

    Of a function that is its name, of an object without a form of its own its type: what would
    differ from process to process is left out.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(name): plain_identity(each) for name, each in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((plain_identity(each) for each in value), key=repr)
    if isinstance(value, Sequence):
        return [plain_identity(each) for each in value]
    if isinstance(value, Message):
        return [type(value).__name__, base64.b64encode(bytes(value)).decode()]
    if isinstance(value, functools.partial):
        parts = (value.func, value.args, value.keywords)
        return [plain_identity(each) for each in parts]
    if attrs.has(type(value)):
        return [_name(type(value)), plain_identity(attrs.asdict(value, recurse=False))]  # type: ignore[arg-type]  # it is one
    if hasattr(value, "__qualname__"):
        return _name(value)
    own = type(value).__repr__ is not object.__repr__
    return [_name(type(value)), repr(value) if own else ""]


def digest(value: object) -> str:
    """Return a short digest of a value, in hexadecimal."""
    text = json.dumps(plain_identity(value), sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _name(value: object) -> str:
    module, name = getattr(value, "__module__", ""), getattr(value, "__qualname__", "")
    # A script is __main__ in one run, and may be imported in another.
    return f"{module}.{name}" if module != "__main__" else str(name)


resolve_lazily(globals())

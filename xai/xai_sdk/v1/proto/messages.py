"""Messages in protobuf's manner: views of the generated ones, which they change in place.

A view and its generated message are one thing in two shapes: `unwrap` returns what `wrap` took, and
nothing is copied between them. A generated message that is in use by this library elsewhere can so
be shown to a program, and the other way around.

protobuf's ``json_format`` and ``text_format`` work on them where protobuf is installed: they look
at nothing but the descriptors and fields. ``isinstance`` of protobuf's own ``Message`` says no.
"""

# ruff: noqa: SLF001  # messages are one piece with their module

from importlib import import_module
from typing import Final, TypeVar

import betterproto

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.proto import names, well_known, well_known_types
from xai.xai_sdk.v1.proto.message import DecodeError, Message, class_of, kind_of

__all__ = ["DecodeError", "Message", "accept", "class_named", "class_of", "unwrap", "wrap"]

M = TypeVar("M", bound=Message)

well_known_types.register()

#: Where betterproto has the well-known types that it has no Python types for.
_WELL_KNOWN: Final = "betterproto.lib.google.protobuf"


def class_named(full_name: str) -> type[Message]:
    """Return the class of a message by its full name, such as ``xai_api.Message``.

    Args:
        full_name: The name.

    Raises:
        KeyError: There is none.
    """
    package, _, name = full_name.rpartition(".")
    home: object
    if package == "google.protobuf":
        home = well_known if hasattr(well_known, name) else import_module(_WELL_KNOWN)
    elif package in {"collections", "google.rpc", "rag", "shared", "xai_api"}:
        home = import_module(f"xai.proto.{package}")
    else:
        raise KeyError(full_name)
    found = getattr(home, names.generated_name(name), None)
    if not (isinstance(found, type) and issubclass(found, betterproto.Message)):
        raise KeyError(full_name)
    return class_of(found)


def wrap(raw: betterproto.Message) -> Message:
    """Return the view of a generated message, which shows and changes that very message.

    Args:
        raw: The generated message.
    """
    return class_of(type(raw))._of(raw)


def unwrap(message: object) -> betterproto.Message:
    """Return the generated message beneath a view.

    Args:
        message: The view.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(message, Message):
        raise TypeError(f"a message of xai_sdk is expected, not {kind_of(message)}")
    return message._raw


def accept(cls: type[M], value: object) -> M:
    """Return a message for what a program may pass in its place.

    Args:
        cls: The class of the message.
        value: Such a message, one of protobuf's own of the same name (its bytes are read), a
            generated one, or a dictionary of its fields.

    Raises:
        TypeError: It is something else, or the value of a field is.
        ValueError: There is no such field.
    """
    if isinstance(value, cls.RAW):
        return cls._of(value)
    return cls._made_of(value)


resolve_lazily(globals())

"""Between messages and bytes; no I/O.

Every conversion goes through here, nested messages and pickles included, so that what it does is
decided in one place. How it is done is in ``decode`` and ``encode``.
"""

import struct
from collections.abc import Callable
from typing import TypeVar

import betterproto

from xai.runtime.codec.decode import read_into, read_new
from xai.runtime.codec.encode import write, write_parts
from xai.runtime.codec.fields import values_of
from xai.runtime.codec.scalars import OverflowingError, State
from xai.runtime.codec.wire import STRIDE

__all__ = [
    "STRIDE",
    "DecodeError",
    "OverflowingError",
    "decode",
    "decode_into",
    "encode",
    "encode_parts",
    "values_of",
]

M = TypeVar("M", bound=betterproto.Message)


class DecodeError(ValueError):
    """The bytes are not a valid message of the type that was asked for."""


def encode(message: betterproto.Message) -> bytes:
    """Return the bytes of a message.

    Args:
        message: Any message, unknown fields included.

    Returns:
        Its wire format. Equal messages have equal bytes, unknown fields aside.

    Raises:
        TypeError: The value of a field has the wrong type; the text names the field.
        ValueError: The value of a field is out of range; the text names the field.
    """
    return write(message)


def encode_parts(message: betterproto.Message) -> tuple[bytes, ...]:
    """Return the bytes of a message in parts, of which a large one is not copied.

    Args:
        message: As for `encode`.

    Returns:
        What joins to its wire format.

    Raises:
        TypeError: As by `encode`.
        ValueError: As by `encode`.
    """
    return write_parts(message)


def decode(cls: type[M], data: bytes, check: Callable[[], None] | None = None) -> M:
    """Make a message from bytes.

    Args:
        cls: The class of the message.
        data: Its wire format.
        check: For bytes of a stranger: called after every `STRIDE` bytes, to raise when this has
            to stop. It also bounds the memory that the message may take.

    Returns:
        A new message.

    Raises:
        DecodeError: The bytes are not a valid message.
        OverflowingError: There is a check, and the message would take far more memory than bytes.
    """
    if type(data) is not bytes:
        data = bytes(memoryview(data))
    # Not through decode_into: the constructor of an empty message takes longer than the rest.
    try:
        state = State() if check is None else State.bounded(check, len(data))
        return read_new(cls, data, state)
    except _MALFORMED as error:
        raise _decode_error(cls, error) from error


def decode_into(message: M, data: bytes) -> M:
    """Decode bytes into a message that exists.

    Args:
        message: What the fields are added to.
        data: Wire format of the same type.

    Returns:
        The same message; half filled when this raises.

    Raises:
        DecodeError: The bytes are not a valid message.
    """
    try:
        read_into(message, data if type(data) is bytes else bytes(memoryview(data)))
    except _MALFORMED as error:
        raise _decode_error(type(message), error) from error
    return message


# RecursionError: someone with a very deep stack, or a low limit, gets a deep message.
_MALFORMED = (ValueError, IndexError, OverflowError, struct.error, RecursionError)


def _decode_error(cls: type[betterproto.Message], error: Exception) -> DecodeError:
    cut_off = isinstance(error, (IndexError, struct.error))
    reason = "the bytes end too early" if cut_off else str(error)
    return DecodeError(f"malformed {cls.__name__} ({reason})")

"""From messages to bytes and back; pure.

Every conversion goes through here, nested messages and pickles included, so that what it does is
decided in one place.
"""

from io import BytesIO
from typing import TypeVar

import betterproto

M = TypeVar("M", bound=betterproto.Message)


class DecodeError(ValueError):
    """The bytes are not a valid message of the type that was asked for."""


def encode(message: betterproto.Message) -> bytes:
    """Return the bytes of a message.

    Args:
        message: Any message, unknown fields included.

    Returns:
        Its wire format.
    """
    with BytesIO() as stream:
        # Not bytes(message): that comes back here, and a codec of someone else may sit there (B16).
        betterproto.Message.dump(message, stream)
        return stream.getvalue()


def decode(cls: type[M], data: bytes) -> M:
    """Make a message from bytes.

    Args:
        cls: The class of the message.
        data: Its wire format.

    Returns:
        A new message.

    Raises:
        DecodeError: The bytes are not a valid message.
    """
    return decode_into(cls(), data)


def decode_into(message: M, data: bytes) -> M:
    """Read bytes into a message that exists.

    Args:
        message: What the fields are added to.
        data: Wire format of the same type.

    Returns:
        The same message; half filled when this raises.

    Raises:
        DecodeError: The bytes are not a valid message.
    """
    try:
        with BytesIO(data) as stream:
            return betterproto.Message.load(message, stream)
    except DecodeError:
        raise
    except Exception as error:
        # Malformed bytes surface as whatever the reader tripped over: struct.error, EOFError,
        # UnicodeDecodeError, OverflowError, TypeError, RecursionError and more.
        text = f"not a valid {type(message).__name__}: {error!r}"
        raise DecodeError(text) from error

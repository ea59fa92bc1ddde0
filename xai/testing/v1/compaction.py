"""Conversations made shorter; pure."""

from collections.abc import Sequence

from xai.proto.xai_api.chat import Message
from xai.testing.engine.library import sentences
from xai.testing.v1.chat_request import write_messages
from xai.testing.v1.encryption import OpaqueCodec

#: How many messages at the end stay as they are.
_WHOLE = 2


def shorten(messages: Sequence[Message], sealer: OpaqueCodec) -> str:
    """Return a conversation in the form in which the model reads it, but shorter.

    The last messages stay whole. Of the others the first sentence is left.

    Args:
        messages: What was said.
        sealer: What opens what was shortened before.
    """
    old = max(0, len(messages) - _WHOLE)
    lines = []
    for message in messages[:old]:
        # What was sealed has many lines, each of them a message.
        for line in str(write_messages([message], sealer)).splitlines():
            lines += sentences(line)[:1]
    return "".join(f"{line}\n" for line in lines) + str(write_messages(messages[old:], sealer))

"""Compaction of conversations; pure."""

from collections.abc import Sequence

from xai.proto.xai_api.chat import Message
from xai.testing.engine.library import sentences
from xai.testing.v1.chat_request import write_messages
from xai.testing.v1.encryption import OpaqueCodec

#: So many messages at the end are kept whole.
_WHOLE = 2


def shorten(messages: Sequence[Message], codec: OpaqueCodec) -> str:
    """Return a shorter conversation, as the text of a prompt.

    The last messages stay whole. Of the others the first sentence is left.

    Args:
        messages: The messages of the conversation.
        codec: Decodes conversations that were shortened before.
    """
    old = max(0, len(messages) - _WHOLE)
    lines = []
    for message in messages[:old]:
        # An encoded conversation has many lines, each of them a message.
        for line in str(write_messages([message], codec)).splitlines():
            lines += sentences(line)[:1]
    return "".join(f"{line}\n" for line in lines) + str(write_messages(messages[old:], codec))

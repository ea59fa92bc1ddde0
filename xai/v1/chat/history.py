"""Appending responses to a conversation."""

from xai.proto import xai_api as pb
from xai.v1.chat.response import Response, message_of
from xai.v1.chat.usage import Usage, usage_of


class Compaction:
    """A compacted conversation: one encrypted message in the place of many.

    Args:
        proto: The message.

    Raises:
        TypeError: It is something else.
    """

    def __init__(self, proto: pb.CompactContextResponse) -> None:
        if not isinstance(proto, pb.CompactContextResponse):
            raise TypeError(f"proto must be a CompactContextResponse, not {type(proto).__name__}")
        #: The message of the server.
        self.proto = proto

    def __repr__(self) -> str:
        """Show which one it is and how many messages it stands for."""
        return f"<Compaction {self.id!r}: {self.dropped_message_count} messages>"

    @property
    def id(self) -> str:
        """The ID of the compaction."""
        return self.proto.id

    @property
    def encrypted_content(self) -> str:
        """The encrypted summary."""
        return self.proto.encrypted_content

    @property
    def dropped_message_count(self) -> int:
        """The number of messages it replaces."""
        return self.proto.dropped_message_count

    @property
    def usage(self) -> Usage:
        """The usage of the compaction."""
        return usage_of(self.proto)

    @property
    def cost_usd(self) -> float | None:
        """The cost in US dollars; None when the server did not say."""
        return self.usage.cost_usd

    def as_message(self) -> pb.Message:
        """Return the message that replaces the compacted ones."""
        return pb.Message(role=pb.MessageRole.ROLE_USER, encrypted_content=self.encrypted_content)


def as_messages(item: Response | pb.Message | Compaction) -> list[pb.Message]:
    """Return the messages to append to a conversation.

    Args:
        item: A message, a response or a compaction.

    Returns:
        The message itself; one message for each step of a response in steps, the results of tools
        included; one message for a choice, with its own tool calls alone.

    Raises:
        TypeError: It is something else.
    """
    if isinstance(item, pb.Message):
        return [item]
    if isinstance(item, Compaction):
        return [item.as_message()]
    if not isinstance(item, Response):
        raise TypeError(
            f"item must be a Message, a Response or a Compaction, not {type(item).__name__}"
        )
    if item.index is None:
        return [_as_message(message_of(output)) for output in item.outputs]
    return [_as_message(item.message)]


def _as_message(message: pb.CompletionMessage) -> pb.Message:
    calls = list(message.tool_calls)
    # A tool's result names the call it answers by repeating it; requests have a field for that.
    answered = calls[0].id if calls and message.role == pb.MessageRole.ROLE_TOOL else None
    return pb.Message(
        role=message.role,
        content=[pb.Content(text=message.content)],
        reasoning_content=message.reasoning_content,
        encrypted_content=message.encrypted_content,
        tool_calls=calls,
        tool_call_id=answered,
    )


Compaction.__module__ = "xai.v1"

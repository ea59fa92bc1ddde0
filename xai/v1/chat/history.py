"""How answers become part of a conversation."""

from xai.proto import xai_api as pb
from xai.v1.chat.response import Response, message_of
from xai.v1.chat.usage import Usage, read_usage


class Compaction:
    """A conversation that the server has shortened.

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
        """The server's name of it."""
        return self.proto.id

    @property
    def encrypted_content(self) -> str:
        """What is left, in a form only the model can read."""
        return self.proto.encrypted_content

    @property
    def dropped_message_count(self) -> int:
        """How many messages it stands for."""
        return self.proto.dropped_message_count

    @property
    def usage(self) -> Usage:
        """What shortening cost."""
        # Reading a message that is not there would put one there.
        return read_usage(self.proto.usage) if self.proto.is_set("usage") else Usage()

    @property
    def cost_usd(self) -> float | None:
        """The price in US dollars; None when the server did not say."""
        return self.usage.cost_usd

    def as_message(self) -> pb.Message:
        """Return the message that takes the place of those it stands for."""
        return pb.Message(role=pb.MessageRole.ROLE_USER, encrypted_content=self.encrypted_content)


def as_messages(answer: Response | pb.Message | Compaction) -> list[pb.Message]:
    """Return the messages by which a conversation goes on.

    Args:
        answer: A message; an answer of the model; or what the server made of a conversation.

    Returns:
        The message itself; one message for each step of an answer in steps, the results of tools
        included; one message for an alternative, with its own tool calls alone.

    Raises:
        TypeError: It is something else.
    """
    if isinstance(answer, pb.Message):
        return [answer]
    if isinstance(answer, Compaction):
        return [answer.as_message()]
    if not isinstance(answer, Response):
        raise TypeError(
            f"item must be a Message, a Response or a Compaction, not {type(answer).__name__}"
        )
    if answer.index is None:
        return [_as_message(message_of(output)) for output in answer.outputs]
    return [_as_message(answer.message)]


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

"""Compaction of conversations."""

from collections.abc import Sequence

from xai.aio.rpc.caller import AsyncCaller
from xai.proto.xai_api.chat import CHAT_COMPACT_CONTEXT, CompactContextRequest, Message
from xai.v1.chat.history import Compaction


async def compact_messages(
    caller: AsyncCaller, model: str, messages: Sequence[Message]
) -> Compaction:
    """Return the compaction of a conversation.

    Args:
        caller: Makes the call.
        model: The name or alias of the model.
        messages: The conversation.

    Raises:
        APIError: The call failed.
        ValueError: There are no messages.
    """
    if not messages:
        raise ValueError("messages must not be empty")
    request = CompactContextRequest(model=model, input=list(messages))
    return await caller.unary_of(CHAT_COMPACT_CONTEXT, request, Compaction)

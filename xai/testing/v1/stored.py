"""Stored completions of the v1 API, each for the key that made it."""

from collections.abc import Sequence

import attrs

from xai.proto.xai_api.chat import Content, GetChatCompletionResponse, Message, MessageRole
from xai.testing.control.accounts import Account
from xai.testing.engine.bounded import AccountStore


@attrs.frozen(eq=False)
class StoredCompletion:
    """A response and the conversation before it.

    Attributes:
        response: The response.
        messages: The messages before it.
        prompt: The same messages as tokens.
    """

    response: GetChatCompletionResponse
    messages: Sequence[Message]
    prompt: Sequence[int]

    def history(self) -> list[Message]:
        """Return the whole conversation, with the first output of the response at its end."""
        # The steps before it are among the messages.
        outputs = self.response.outputs
        steps = any(each.message.role == MessageRole.ROLE_TOOL for each in outputs)
        said = outputs[-1 if steps else 0].message
        answer = Message(role=said.role, tool_calls=said.tool_calls)
        if said.content:
            answer.content = [Content(text=said.content)]
        return [*self.messages, answer]

    def shared(self, prompt: Sequence[int]) -> int:
        """Return how many tokens at the start of a prompt are those of this one."""
        for place, (old, new) in enumerate(zip(self.prompt, prompt, strict=False)):
            if old != new:
                return place
        return min(len(self.prompt), len(prompt))


class Store:
    """All stored completions of a server, of which the oldest are dropped at a limit."""

    def __init__(self) -> None:
        self._completions: AccountStore[StoredCompletion] = AccountStore("stored completion")

    def put(self, account: Account, completion: StoredCompletion) -> None:
        """Store a completion."""
        size = len(bytes(completion.response)) + sum(len(bytes(m)) for m in completion.messages)
        self._completions.put(account, completion.response.id, completion, size)

    def get(self, account: Account, response_id: str) -> StoredCompletion:
        """Return a stored completion.

        Raises:
            GRPCError: The key has none with this ID.
        """
        return self._completions.get(account, response_id)

    def delete(self, account: Account, response_id: str) -> None:
        """Delete a completion; those that continue it have the conversation themselves.

        Raises:
            GRPCError: The key has none with this ID.
        """
        self._completions.pop(account, response_id)

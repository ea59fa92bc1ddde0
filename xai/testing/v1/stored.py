"""Answers that the local server keeps for today's API, each for the key that asked; pure."""

from collections.abc import Sequence

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.xai_api.chat import Content, GetChatCompletionResponse, Message
from xai.testing.control.accounts import Account


@attrs.frozen(eq=False)
class StoredCompletion:
    """An answer and what led to it.

    Attributes:
        response: The answer.
        messages: What was said before it.
        prompt: The same as tokens.
    """

    response: GetChatCompletionResponse
    messages: Sequence[Message]
    prompt: Sequence[int]

    def history(self) -> list[Message]:
        """Return the whole conversation, with the first output of the answer at its end."""
        said = self.response.outputs[0].message
        answer = Message(role=said.role, tool_calls=said.tool_calls)
        if said.content:
            answer.content = [Content(text=said.content)]
        return [*self.messages, answer]

    def shared(self, prompt: Sequence[int]) -> int:
        """Return how many tokens a prompt begins with that were read before."""
        for place, (old, new) in enumerate(zip(self.prompt, prompt, strict=False)):
            if old != new:
                return place
        return min(len(self.prompt), len(prompt))


class Store:
    """All stored answers of a server."""

    def __init__(self) -> None:
        self._shelves: dict[Account, dict[str, StoredCompletion]] = {}

    def put(self, account: Account, kept: StoredCompletion) -> None:
        """Store an answer."""
        self._shelves.setdefault(account, {})[kept.response.id] = kept

    def get(self, account: Account, response_id: str) -> StoredCompletion:
        """Return a stored answer.

        Raises:
            GRPCError: The key has none of this ID.
        """
        kept = self._shelves.get(account, {}).get(response_id)
        if kept is None:
            text = f"There is no stored completion {response_id!r}."
            raise GRPCError(Status.NOT_FOUND, text)
        return kept

    def delete(self, account: Account, response_id: str) -> None:
        """Forget an answer; those that went on from it have the conversation themselves.

        Raises:
            GRPCError: The key has none of this ID.
        """
        self.get(account, response_id)
        del self._shelves[account][response_id]

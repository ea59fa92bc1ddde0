# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/chat/base.py
"""The messages and parameters of a chat, without its calls."""

import copy
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from xai._annotations import resolve_lazily
from xai._secrets import conceal
from xai._sentinel import NOT_GIVEN, NotGiven
from xai._validation import check_bool, given, kind_of
from xai.options import RetryPolicy, Timeouts
from xai.proto.xai_api.chat import (
    CHAT_GET_COMPLETION,
    GetCompletionsRequest,
    Message,
    MessageRole,
    ResponseFormat,
)
from xai.sync.rpc.caller import Caller
from xai.v1.chat.history import Compaction, as_messages
from xai.v1.chat.openai_shapes import check_message
from xai.v1.chat.request import check_choices
from xai.v1.chat.response import Response, single_response

if TYPE_CHECKING:
    from typing_extensions import Self

    from xai.v1.chat.functions import FunctionTool
    from xai.v1.structured.json_value import JsonValue

_INSTRUCTIONS: Final = (MessageRole.ROLE_SYSTEM, MessageRole.ROLE_DEVELOPER)


class ChatBase:
    """The messages and parameters of a chat, and how responses are appended.

    Args:
        caller: Makes the calls.
        request: The parameters and the first messages; it is changed in place.
        functions: The functions among the tools, by name.
        auto_append: Whether responses are appended to the messages.
        batch_request_id: The ID of the request within a batch.
        conversation_name: The caller's own name for the conversation.
    """

    def __init__(
        self,
        caller: Caller,
        request: GetCompletionsRequest,
        functions: "Mapping[str, FunctionTool[..., object]]",
        *,
        auto_append: bool = False,
        batch_request_id: str | None = None,
        conversation_name: str | None = None,
    ) -> None:
        check_bool("auto_append", auto_append)
        self._caller = caller
        self._request = request
        self._functions = functions
        self._auto_append = auto_append
        self._batch_request_id = batch_request_id
        self._conversation_name = conversation_name

    @property
    def proto(self) -> GetCompletionsRequest:
        """The request itself; a change of it changes the next call."""
        return self._request

    @property
    def messages(self) -> list[Message]:
        """The messages so far; a change of the list changes the conversation."""
        return self._request.messages

    @property
    def model(self) -> str:
        """The name or alias of the model."""
        return self._request.model

    @property
    def functions(self) -> "Mapping[str, FunctionTool[..., object]]":
        """The Python functions among the tools, by name."""
        return self._functions

    @property
    def batch_request_id(self) -> str | None:
        """The ID of the request within a batch."""
        return self._batch_request_id

    @property
    def conversation_name(self) -> str | None:
        """The caller's own name for the conversation; it is not sent."""
        return self._conversation_name

    def append(self, item: Message | Response | Compaction | Mapping[str, object]) -> "Self":
        """Append a message, a response or a compaction.

        A response becomes one message, or one for each of its outputs with server-side tools.
        A compaction replaces everything but the system and developer messages at the beginning.

        Args:
            item: The message, response or compaction; a dict in the form of the OpenAI client's
                messages is taken as well.

        Returns:
            The chat itself.

        Raises:
            TypeError: It is something else, such as a str.
            ValueError: It is a dict that is no message.
        """
        if isinstance(item, Compaction):
            self._replace(item, keep_system=True)
        elif isinstance(item, (Message, Response)):
            self.messages.extend(as_messages(item))
        elif isinstance(item, Mapping):
            self.messages.append(check_message("item", item))
        else:
            expected = "a Message, as xai.v1.user(), system() and assistant() return, a Response"
            raise TypeError(f"item must be {expected} or a Compaction, not {kind_of(item)}")
        return self

    def to_dict(self) -> "dict[str, JsonValue]":
        """Return the chat as values of JSON, to be stored and read by `Chats.from_dict`.

        Messages, parameters and tools are in it, functions by their names and schemas. The
        authorization and headers of MCP tools are not: they are secrets.
        """
        from xai.v1.chat.saved_chat import SavedChat, save_chat

        return save_chat(
            SavedChat(
                self._request,
                self._functions,
                self._auto_append,
                self._batch_request_id,
                self._conversation_name,
            )
        )

    def copy(self) -> "Self":
        """Return an independent copy of the chat, to continue from here.

        Returns:
            A chat with a copy of the messages and parameters, on the same connection.
        """
        return self._view(self._caller, copy.deepcopy(self._request))

    def __deepcopy__(self, memo: dict[int, object]) -> "Self":
        """Return what `copy` does: connection and functions are not copied."""
        return self._view(self._caller, copy.deepcopy(self._request, memo))

    def with_options(
        self,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        retry: RetryPolicy | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] | None = (),
    ) -> "Self":
        """Return a view of this chat whose calls have other options.

        The view shares the messages and parameters: what is appended to either is in both.

        Args:
            timeout: Seconds for a whole call, None for no limit, or `Timeouts`.
            retry: When a failed call is retried.
            metadata: Pairs of key and value, sent in addition to those of the client.

        Returns:
            The view.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.
        """
        pairs, metadata = conceal(given(metadata, ())), ()
        options = self._caller.with_options(
            timeout=timeout, retry=NOT_GIVEN if retry is None else retry, metadata=pairs
        )
        return self._view(options, self._request)

    def __repr__(self) -> str:
        """Return the model and the length of the conversation, but nothing of what was said."""
        return f"<{type(self).__name__} with {self.model}, {len(self.messages)} messages>"

    def _view(self, caller: Caller, request: GetCompletionsRequest) -> "Self":
        return type(self)(
            caller,
            request,
            self._functions,
            auto_append=self._auto_append,
            batch_request_id=self._batch_request_id,
            conversation_name=self._conversation_name,
        )

    def _replace(self, compaction: Compaction, *, keep_system: bool) -> None:
        kept = takewhile(lambda message: message.role in _INSTRUCTIONS, self.messages)
        self.messages[:] = [*(kept if keep_system else ()), *as_messages(compaction)]

    def _outgoing(
        self,
        n: int = 1,
        *,
        shape: ResponseFormat | None = None,
        question: Message | None = None,
    ) -> GetCompletionsRequest:
        """Return the request of one call; its values are shared with the chat's."""
        check_choices(n)
        request = copy.copy(self._request)
        if question is not None:
            request.messages = [*request.messages, question]
        if not request.messages and request.previous_response_id is None:
            raise ValueError(
                "messages must not be empty: append one, or give previous_response_id to create"
            )
        request.n = n
        if shape is not None:
            request.response_format = shape
        return request

    def _answer(self, request: GetCompletionsRequest) -> Response:
        read = partial(single_response, request.tools)
        return self._caller.unary_with_metadata(CHAT_GET_COMPLETION, request, read)

    def _finished(self, response: Response) -> Response:
        if self._auto_append:
            self.messages.extend(turn_of(response))
        return response


def turn_of(response: Response) -> list[Message]:
    """Return the messages to append after a response, if it has any output."""
    # Without any output there is nothing to append: the server refuses a message of nobody.
    came = any(output.is_set("message") for output in response.outputs)
    return as_messages(response) if came else []


resolve_lazily(globals())

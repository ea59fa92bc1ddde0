"""Stateless chat, with the history kept by the caller: the service prompt_ide.StatelessChat.

Every request carries the whole history, and the server remembers nothing.
"""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import attrs

from xai._streams import AsyncStream
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.rpc.reply import AsyncExchange, AsyncReplyText
from xai.aio.rpc.stream import AsyncReplyStream
from xai.prompt_ide.requests import (
    delete_logged_request,
    extended_conversation,
    human_response,
    stateless_conversation,
    system_prompt_name,
)
from xai.prompt_ide.types import StatelessResponse
from xai.prompt_ide.values import read_stateless_response
from xai.proto.prompt_ide import stateless_chat as pb
from xai.proto.prompt_ide.stateless_chat_aio import AsyncStatelessChatStub
from xai.runtime.locks import Lock
from xai.runtime.transport.asynchronous import AsyncReply

#: Methods of `client.v1.chat`, which many expect at `client.chat`.
_OF_V1: Final = frozenset(
    {
        "compact_context",
        "create",
        "deferred",
        "delete_stored_completion",
        "get_stored_choices",
        "from_dict",
        "get_stored_completion",
    }
)


class AsyncChat:
    """Stateless conversations: the history is kept here, and nothing is stored on the server.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self._stub = AsyncStatelessChatStub(caller)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Say where the methods of v1's chat are, and those of the OpenAI client's."""
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name in _OF_V1:
                text = f"{text}: the chat of v1 is client.v1.chat, so call client.v1.chat.{name}"
            elif name == "completions":
                text = (
                    f"{text}: the chat of v1 is client.v1.chat, and chat in the shape of the "
                    "OpenAI client is client.compat.chat"
                )
            raise AttributeError(text, name=name, obj=self)

    def create_conversation(
        self,
        fun_mode: bool | None = False,  # noqa: FBT001, FBT002  # a public signature
        disable_search: bool | None = False,  # noqa: FBT001, FBT002  # as above
        model_name: str | None = "",
    ) -> "AsyncConversation":
        """Start a conversation; nothing is sent yet.

        Args:
            fun_mode: Whether to use Grok's fun mode.
            disable_search: Whether the model must not search.
            model_name: The model; the server's default when empty.

        Returns:
            The empty conversation.

        Raises:
            TypeError: An argument is of the wrong type.
        """
        template = stateless_conversation(
            uuid.uuid4().hex,
            fun_mode=fun_mode,
            disable_search=disable_search,
            model_name=model_name,
        )
        return AsyncConversation(self._caller, template)

    async def log_for_debugging(self, conversation: "AsyncConversation") -> None:
        """Send a conversation to the operators of the service, to debug a problem.

        Args:
            conversation: The conversation, its history included.

        Raises:
            APIError: The call failed.
            TypeError: It is not a conversation of this service.

        RPC: ``/prompt_ide.StatelessChat/LogForDebugging``.
        """
        if not isinstance(conversation, AsyncConversation):
            found = type(conversation).__name__
            raise TypeError(f"conversation must be an AsyncConversation, not {found}")
        await self._stub.log_for_debugging(conversation.to_request())

    async def delete_logged_conversations(self, accounting_key: str) -> None:
        """Delete what was logged under a key.

        Args:
            accounting_key: The key.

        Raises:
            APIError: The call failed.
            TypeError: The argument is not a str.

        RPC: ``/prompt_ide.StatelessChat/DeleteLoggedConversations``.
        """
        await self._stub.delete_logged_conversations(delete_logged_request(accounting_key))


@attrs.frozen
class _Entry:
    """A message of the history: as it is sent again, and as it is shown."""

    sent: pb.StatelessResponse
    shown: StatelessResponse


class AsyncConversation:
    """A conversation whose history is kept here; made by `AsyncChat.create_conversation`."""

    def __init__(self, caller: AsyncCaller, template: pb.StatelessConversation) -> None:
        self._caller = caller
        self._template = template
        self._entries: tuple[_Entry, ...] = ()
        self._lock = Lock()

    @property
    def conversation_id(self) -> str:
        """The ID of the conversation, generated here: 32 hexadecimal digits."""
        return self._template.stateless_conversation_id

    @property
    def fun_mode(self) -> bool:
        """Whether Grok's fun mode is used."""
        return self._template.system_prompt_name == system_prompt_name(fun_mode=True)

    @property
    def history(self) -> Sequence[StatelessResponse]:
        """The messages so far, in order; a message and its reply come in together."""
        return tuple(entry.shown for entry in self._entries)

    def add_response(
        self, user_message: str, *, image_inputs: Sequence[str] | None = ()
    ) -> tuple[AsyncStream[str], AsyncReply[StatelessResponse]]:
        """Send a message, and stream the reply.

        The call is sent when the first chunk of text is read. When it fails or is abandoned,
        the history stays as it was, and both parts of the pair raise the failure.

        Args:
            user_message: The message.
            image_inputs: Images, in base64 or as URLs.

        Returns:
            The text as it comes, and a future of the whole reply, which is complete once the
            text was read to its end.

        Raises:
            TypeError: An argument is of the wrong type.

        RPC: ``/prompt_ide.StatelessChat/AddResponse``.
        """
        answer = AsyncReplyText(
            _AsyncStatelessExchange(self, self._caller, user_message, image_inputs),
            self._caller.context.transport,
        )
        return answer, answer.reply()

    async def add_response_no_stream(
        self, user_message: str, *, image_inputs: Sequence[str] | None = ()
    ) -> StatelessResponse:
        """Send a message, and return the whole reply.

        Args:
            user_message: The message.
            image_inputs: Images, in base64 or as URLs.

        Returns:
            The reply.

        Raises:
            APIError: The call failed; the history is as it was.
            TypeError: An argument is of the wrong type.

        RPC: ``/prompt_ide.StatelessChat/AddResponse``.
        """
        exchange = _AsyncStatelessExchange(self, self._caller, user_message, image_inputs)
        async with await exchange.open() as stream:
            async for _ in stream:
                pass
        return exchange.finish()

    def to_request(self, *more: pb.StatelessResponse) -> pb.StatelessConversation:
        """Return the generated message of the conversation, with more messages at its end."""
        return extended_conversation(
            self._template, [*(entry.sent for entry in self._entries), *more]
        )

    def remember(self, *messages: pb.StatelessResponse) -> StatelessResponse:
        """Add messages to the history, all at once, and return the last as it is shown."""
        entries = tuple(_Entry(message, read_stateless_response(message)) for message in messages)
        with self._lock:
            self._entries += entries
        return entries[-1].shown


class _AsyncStatelessExchange(AsyncExchange[StatelessResponse]):
    """Folds the deltas of a reply into one message."""

    def __init__(
        self,
        conversation: AsyncConversation,
        caller: AsyncCaller,
        user_message: str,
        image_inputs: Sequence[str] | None,
    ) -> None:
        caller.context.transport.check_open()
        self._conversation = conversation
        self._caller = caller
        self._human = human_response(user_message, image_inputs)
        self._reply = pb.StatelessResponse(sender=pb.StatelessResponseSender.ASSISTANT)

    async def open(self) -> AsyncReplyStream[str]:
        request = self._conversation.to_request(self._human)
        return self._caller.stream_of(pb.STATELESS_CHAT_ADD_RESPONSE, request, self._add)

    def _add(self, delta: pb.StatelessResponse) -> str | None:
        reply = self._reply
        reply.message += delta.message
        reply.query += delta.query
        reply.x_post_ids += delta.x_post_ids
        for name in ("debug_log", "web_search_results", "image_attachment"):
            if delta.is_set(name):
                setattr(reply, name, getattr(delta, name))
        if delta.query_type:
            reply.query_type = delta.query_type
        return delta.message or None

    def finish(self) -> StatelessResponse:
        return self._conversation.remember(self._human, self._reply)

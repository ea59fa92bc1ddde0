"""A conversation stored on the server, with its responses.

It is a forest: every response but a root has a parent, and sampling again or replacing a message
grows a new branch.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import attrs

from xai._annotations import resolve_lazily
from xai._validation import check_str
from xai.aio.prompt_ide.grok_response import AsyncGrokExchange, AsyncGrokResponse
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.rpc.reply import AsyncExchange, AsyncReplyText
from xai.prompt_ide.requests import (
    get_conversation_request,
    system_prompt_name,
    update_conversation_request,
)
from xai.proto.prompt_ide import chat as pb
from xai.proto.prompt_ide.chat_aio import AsyncChatStub
from xai.runtime.locks import Lock

if TYPE_CHECKING:
    from xai._streams import AsyncStream
    from xai.runtime.transport.asynchronous import AsyncReadLock, AsyncReply

_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


@attrs.frozen
class _ConversationInfo:
    """What is known of a conversation besides its responses."""

    conversation_id: str
    title: str
    starred: bool
    create_time: datetime | None
    modify_time: datetime | None


class AsyncGrokConversation:
    """A conversation stored on the server; made by the methods of `AsyncGrok`."""

    def __init__(self, caller: AsyncCaller, model_name: str, *, fun_mode: bool) -> None:
        self._caller = caller
        self._stub = AsyncChatStub(caller)
        self._model_name = model_name
        self._prompt_name = system_prompt_name(fun_mode=fun_mode)
        self._lock = Lock()
        self._facts: _ConversationInfo | None = None
        self._responses: dict[str, AsyncGrokResponse] = {}
        self._leaf_id = ""
        self._whole = False
        self._deleted = False
        self._opening: AsyncReadLock | None = None

    @property
    def conversation_id(self) -> str:
        """The ID of the conversation; ValueError before it has one."""
        return self.known().conversation_id

    @property
    def title(self) -> str:
        """The title; ValueError before the conversation is created."""
        return self.known().title

    @property
    def create_time(self) -> datetime | None:
        """When it was created, in UTC; ValueError before that."""
        return self.known().create_time

    @property
    def modify_time(self) -> datetime | None:
        """When it was last modified, in UTC; ValueError before the conversation is created."""
        return self.known().modify_time

    @property
    def starred(self) -> bool:
        """Whether the user starred it; ValueError before the conversation is created."""
        return self.known().starred

    @property
    def root_responses(self) -> "Sequence[AsyncGrokResponse]":
        """The responses without a parent, oldest first; ValueError before they are loaded."""
        return self.get_children("")

    def get_response(self, response_id: str) -> "AsyncGrokResponse":
        """Return a response by its ID.

        Args:
            response_id: The ID of the response.

        Returns:
            The response.

        Raises:
            KeyError: The conversation has no such response.
            ValueError: The conversation was listed or found, and its responses are not loaded.
            RuntimeError: The conversation was deleted.
        """
        self._check_responses()
        return self._responses[response_id]

    def get_children(self, parent_id: str) -> "Sequence[AsyncGrokResponse]":
        """Return the replies to a response, oldest first.

        Args:
            parent_id: The ID of the response; the roots when empty.

        Returns:
            Its children.

        Raises:
            ValueError: The conversation was listed or found, and its responses are not loaded.
            RuntimeError: The conversation was deleted.
        """
        self._check_responses()
        with self._lock:
            known = tuple(self._responses.values())
        return tuple(item for item in known if item.parent_response_id == parent_id)

    def add_response(
        self, user_message: str
    ) -> "tuple[AsyncStream[str], AsyncReply[AsyncGrokResponse]]":
        """Send a message under the current leaf, and stream the reply.

        The conversation is created, or loaded, first if need be. Everything is sent when the
        first chunk of text is read.

        Args:
            user_message: The message.

        Returns:
            The text as it comes, and a future of the whole response, which is complete once the
            text was read to its end.

        Raises:
            TypeError: The argument is not a str.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/AddResponse``, in a new conversation after
        ``/prompt_ide.Chat/CreateConversation``.
        """
        check_str("user_message", user_message)
        return self.branch(user_message, lambda: self._leaf_id)

    def branch(
        self, message: str, parent_id: Callable[[], str]
    ) -> "tuple[AsyncStream[str], AsyncReply[AsyncGrokResponse]]":
        """Send a message under a response that is decided when it is sent."""
        return self.start(AsyncGrokExchange(self, self._caller, message, parent_id))

    def start(
        self, exchange: AsyncExchange[AsyncGrokResponse]
    ) -> "tuple[AsyncStream[str], AsyncReply[AsyncGrokResponse]]":
        """Return the pair for what is about to be sent."""
        self.check_alive()
        self._caller.context.transport.check_open()
        answer = AsyncReplyText(exchange, self._caller.context.transport)
        return answer, answer.reply()

    async def set_title(self, title: str) -> None:
        """Set the title of the conversation.

        Args:
            title: The title.

        Raises:
            APIError: The call failed.
            TypeError: The argument is not a str.
            ValueError: The conversation is not created yet.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/UpdateConversation``.
        """
        check_str("title", title)
        await self._update(title, starred=self.starred)

    async def generate_title(self) -> str:
        """Generate a title with the model, and set it.

        Returns:
            The new title.

        Raises:
            APIError: The call failed.
            ValueError: The conversation is not created yet.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/GenerateTitle``.
        """
        facts = self.known()
        request = pb.GenerateTitleRequest(
            conversation_id=facts.conversation_id, leaf_response_id=self._leaf_id
        )
        title = (await self._stub.generate_title(request)).new_title
        self._facts = attrs.evolve(self.known(), title=title)
        return title

    async def star(self) -> None:
        """Star the conversation.

        Raises:
            APIError: The call failed.
            ValueError: The conversation is not created yet.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/UpdateConversation``.
        """
        await self._update(self.title, starred=True)

    async def unstar(self) -> None:
        """Unstar the conversation.

        Raises:
            APIError: The call failed.
            ValueError: The conversation is not created yet.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/UpdateConversation``.
        """
        await self._update(self.title, starred=False)

    async def _update(self, title: str, *, starred: bool) -> None:
        request = update_conversation_request(self.conversation_id, title, starred=starred)
        self.adopt(await self._stub.update_conversation(request), whole=False)

    async def load(self) -> None:
        """Load the conversation and its responses again; the newest response becomes the leaf.

        Raises:
            APIError: The call failed.
            ValueError: The conversation is not created yet.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/GetConversation``.
        """
        request = get_conversation_request(self.conversation_id)
        self.adopt(await self._stub.get_conversation(request), whole=True)

    async def delete(self) -> None:
        """Delete the conversation; nothing can be done with it afterwards.

        Raises:
            APIError: The call failed.
            ValueError: The conversation is not created yet.
            RuntimeError: The conversation was deleted already.

        RPC: ``/prompt_ide.Chat/DeleteConversation``.
        """
        request = pb.DeleteConversationRequest(conversation_id=self.conversation_id)
        await self._stub.delete_conversation(request)
        self._deleted = True

    # What follows serves the other classes of this module.

    def check_alive(self) -> None:
        """Raise when the conversation was deleted."""
        if self._deleted:
            raise RuntimeError("the conversation was deleted")

    def _check_responses(self) -> None:
        """Raise when the server has responses that were never asked for.

        Nothing would look like an answer. A conversation that is not created yet has none.
        """
        self.check_alive()
        if self._facts is not None and not self._whole:
            raise ValueError("the responses of the conversation are not loaded: call load() first")

    def known(self) -> _ConversationInfo:
        """Return what the server told about the conversation."""
        self.check_alive()
        if self._facts is None:
            raise ValueError("the conversation is not created yet: add a response first")
        return self._facts

    def adopt(self, item: pb.Conversation, *, whole: bool) -> None:
        """Take over what the server says; with the responses when it sent them."""
        facts = _ConversationInfo(
            conversation_id=item.conversation_id,
            title=item.title,
            starred=item.starred,
            create_time=item.create_time if item.is_set("create_time") else None,
            modify_time=item.modify_time if item.is_set("modify_time") else None,
        )
        # The order of the server is nobody's promise; the sort keeps it where times are equal.
        items = sorted(item.responses, key=_age) if whole else []
        found = [AsyncGrokResponse(self, self._stub, response) for response in items]
        with self._lock:
            self._facts = facts
            if whole:
                self._whole = True
                self._responses = {response.response_id: response for response in found}
                self._leaf_id = found[-1].response_id if found else ""

    def register(self, item: pb.Response) -> "AsyncGrokResponse":
        """Add a response the server told about."""
        response = AsyncGrokResponse(self, self._stub, item)
        with self._lock:
            self._responses[response.response_id] = response
        return response

    def select(self, response_id: str) -> None:
        """Make a response the current leaf."""
        self.check_alive()
        self._leaf_id = response_id

    async def prepare(self, message: str, parent_id: Callable[[], str]) -> pb.AddResponseRequest:
        """Create or load the conversation if need be, and return the request for a message."""
        self.check_alive()
        if not self._whole:
            await self._open_once()
        return pb.AddResponseRequest(
            conversation_id=self.conversation_id,
            message=message,
            model_name=self._model_name,
            parent_response_id=parent_id(),
            system_prompt_name=self._prompt_name,
        )

    async def _open_once(self) -> None:
        # Two messages at once must not make two conversations. The guard exists only as long as
        # it is needed, so that a conversation that nobody is opening survives a fork.
        with self._lock:
            if self._opening is None:
                self._opening = self._caller.context.transport.read_lock()
            opening = self._opening
        async with opening:
            if self._facts is None:
                created = await self._stub.create_conversation(
                    pb.CreateConversationRequest(system_prompt_name=self._prompt_name)
                )
                self.adopt(created, whole=True)
            elif not self._whole:
                await self.load()
        self._opening = None


def _age(item: pb.Response) -> datetime:
    return item.create_time if item.is_set("create_time") else _LONG_AGO


resolve_lazily(globals())

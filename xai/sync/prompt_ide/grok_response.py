# Do not edit: produced by "nox -s generate" from
# xai/aio/prompt_ide/grok_response.py
"""One response in a conversation the server keeps, and how new ones come about."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from xai._annotations import resolve_lazily
from xai._log import log
from xai._validation import check_str
from xai.errors import StatusCode, make_error
from xai.prompt_ide.types import GeneratedImage, WebSearchResult, XPost
from xai.prompt_ide.values import RESPONSE, read_sampled, read_web_results, read_x_post
from xai.proto.base import which_one_of
from xai.proto.prompt_ide import chat as pb
from xai.proto.prompt_ide.chat_sync import ChatStub
from xai.sync.rpc.caller import Caller
from xai.sync.rpc.reply import Exchange, SingleChunk, TextStream

if TYPE_CHECKING:
    from xai._streams import Stream
    from xai.runtime.transport.blocking import Reply
    from xai.sync.prompt_ide.grok_conversation import GrokConversation

T = TypeVar("T")


_HUMAN = "human"
_SHARE_URL = "https://share.x.ai/conversations/"


class GrokResponse:
    """One message in a conversation, of the user or of the model: a node of its forest."""

    def __init__(self, conversation: "GrokConversation", stub: ChatStub, item: pb.Response) -> None:
        self._conversation = conversation
        self._stub = stub
        self.response_id = item.response_id
        self.message = item.message
        #: ``human``, or the name of the model.
        self.sender = item.sender
        #: In UTC; None when the server did not say.
        self.create_time = item.create_time if item.is_set("create_time") else None
        self.parent_response_id = item.parent_response_id
        #: Whether the text was put in place of the model's.
        self.manual = item.manual
        #: Whether the text is unfinished.
        self.partial = item.partial
        self.shared = item.shared
        self.query = item.query
        self.query_type = item.query_type
        self.x_posts: list[XPost] = [read_x_post(post) for post in item.xposts]
        self.web_search_results: list[WebSearchResult] = []
        self.images = [GeneratedImage(image_url=url) for url in item.generated_image_urls]

    def __repr__(self) -> str:
        """Return who wrote it and its name."""
        return f"<response {self.response_id} of {self.sender}>"

    @property
    def parent_response(self) -> "GrokResponse | None":
        """The response this one replies to; None for a root."""
        if not self.parent_response_id:
            return None
        return self._conversation.get_response(self.parent_response_id)

    @property
    def children(self) -> "Sequence[GrokResponse]":
        """The replies to this response, oldest first."""
        return self._conversation.get_children(self.response_id)

    def replace(self, new_message: str) -> "tuple[Stream[str], Reply[GrokResponse]]":
        """Replace this text by another, on a new branch.

        For a user message, the model responds to the new one. A reply of the model is stored as it
        is, and becomes the leaf.

        Args:
            new_message: The text.

        Returns:
            The text as it comes, and a future of the whole response.

        Raises:
            TypeError: The argument is not a str.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/AddResponse`` or ``/prompt_ide.Chat/AddModelResponse``.
        """
        check_str("new_message", new_message)
        if self._is_human():
            return self._conversation.branch(new_message, lambda: self.parent_response_id)
        exchange = _Replacement(self._conversation, self._stub, self, new_message)
        return self._conversation.start(exchange)

    def resample(self) -> "tuple[Stream[str], Reply[GrokResponse]]":
        """Sample another reply, on a new branch.

        Returns:
            The text as it comes, and a future of the whole response.

        Raises:
            ValueError: This is a message of the user.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/AddResponse``.
        """
        if self._is_human():
            raise ValueError("only a response of the model can be sampled again")
        return self._conversation.branch("", lambda: self.parent_response_id)

    def select(self) -> None:
        """Make this the current leaf: the next message replies to it.

        Raises:
            RuntimeError: The conversation was deleted.
        """
        self._conversation.select(self.response_id)

    def share(self) -> str:
        """Share the conversation up to here with everybody who has the URL.

        Returns:
            The URL; shared already, it is returned without a call.

        Raises:
            APIError: The call failed.
            RuntimeError: The conversation was deleted.

        RPC: ``/prompt_ide.Chat/ShareConversation``.
        """
        conversation_id = self._conversation.conversation_id
        if not self.shared:
            self._stub.share_conversation(
                pb.ShareConversationRequest(
                    conversation_id=conversation_id, response_id=self.response_id
                )
            )
            self.shared = True
        return _SHARE_URL + self.response_id

    def _is_human(self) -> bool:
        return self.sender.lower() == _HUMAN


class GrokExchange(Exchange[GrokResponse]):
    """Sends a message, and sorts what comes back."""

    def __init__(
        self,
        conversation: "GrokConversation",
        caller: Caller,
        message: str,
        parent_id: Callable[[], str],
    ) -> None:
        self._conversation = conversation
        self._caller = caller
        self._message = message
        self._parent_id = parent_id
        self._reply: GrokResponse | None = None
        self._x_posts: list[XPost] = []
        self._pages: list[WebSearchResult] = []
        self._images: list[GeneratedImage] = []

    def open(self) -> TextStream:
        """Send the message, after the conversation was created or loaded if need be."""
        request = self._conversation.prepare(self._message, self._parent_id)
        return self._caller.stream_of(pb.CHAT_ADD_RESPONSE, request, self._add)

    def _add(self, reply: pb.AddResponseResponse) -> str | None:
        kind, _ = which_one_of(reply, RESPONSE)
        if kind == "token":
            token = read_sampled(reply.token)
            return None if token is None else token.token_str or None
        if kind == "user_response":
            self._conversation.register(reply.user_response)
        elif kind == "model_response":
            self._reply = self._conversation.register(reply.model_response)
        elif kind == "query_action":
            # The kind alone: what was searched for comes from the user's prompt.
            log.debug("the model searches (%s)", reply.query_action.type)
        elif kind == "x_search_results":
            self._x_posts += [read_x_post(post) for post in reply.x_search_results.results]
        elif kind == "web_search_results":
            self._pages += read_web_results(reply.web_search_results)
        elif kind == "image_generation_response":
            image = reply.image_generation_response
            self._images.append(
                GeneratedImage(
                    image_bytes=image.generated_image_bytes, content_type=image.content_type
                )
            )
        elif kind == "cached_image_generation_response":
            cached = reply.cached_image_generation_response
            self._images.append(GeneratedImage(image_url=cached.image_url))
        return None

    def finish(self) -> GrokResponse:
        """Return the model's response; it is the leaf from now on."""
        reply = self._reply
        if reply is None:
            raise make_error(
                StatusCode.INTERNAL,
                "the stream ended without the model's response",
                method=pb.CHAT_ADD_RESPONSE.path,
                host=self._caller.context.host,
            )
        # The server may tell twice of one thing, on the way and with the response.
        _extend(reply.x_posts, self._x_posts, lambda post: post.post_id or post)
        _extend(reply.web_search_results, self._pages, lambda page: page)
        _extend(reply.images, self._images, lambda image: image)
        reply.select()
        return reply


class _Replacement(Exchange[GrokResponse]):
    """Stores a text in the place of the model's."""

    def __init__(
        self,
        conversation: "GrokConversation",
        stub: ChatStub,
        replaced: GrokResponse,
        text: str,
    ) -> None:
        self._conversation = conversation
        self._stub = stub
        self._replaced = replaced
        self._text = text
        self._stored: GrokResponse | None = None

    def open(self) -> TextStream:
        request = pb.AddModelResponseRequest(
            conversation_id=self._conversation.conversation_id,
            message=self._text,
            parent_response_id=self._replaced.parent_response_id,
        )
        self._stored = self._conversation.register(self._stub.add_model_response(request))
        return SingleChunk(self._text)

    def finish(self) -> GrokResponse:
        if self._stored is None:
            raise RuntimeError("the replacement was not stored")
        self._stored.select()
        return self._stored


def _extend(known: list[T], more: Iterable[T], name_of: Callable[[T], object]) -> None:
    """Add what is not there already, in its order."""
    names = [name_of(item) for item in known]
    for item in more:
        name = name_of(item)
        if name not in names:
            names.append(name)
            known.append(item)


resolve_lazily(globals())

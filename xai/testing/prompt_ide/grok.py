"""The service prompt_ide.Chat: conversations that the server keeps."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TypeVar

from betterproto.lib.google.protobuf import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.prompt_ide.chat import (
    AddModelResponseRequest,
    AddResponseRequest,
    AddResponseResponse,
    Conversation,
    CreateConversationRequest,
    DeleteConversationRequest,
    GenerateTitleRequest,
    GenerateTitleResponse,
    GetConversationRequest,
    ImageGenerationResponse,
    ListConversationsRequest,
    ListConversationsResponse,
    QueryAction,
    Response,
    SearchConversationsRequest,
    SearchConversationsResponse,
    ShareConversationRequest,
    ShareConversationResponse,
    UpdateConversationRequest,
)
from xai.proto.prompt_ide.chat_server import ChatBase
from xai.proto.prompt_ide.sampler_public import Logit, SampleTokensResponse, Token, TokenTokenType
from xai.testing.control.accounts import Account, caller
from xai.testing.engine.dialogue import (
    ASSISTANT,
    HUMAN,
    Backend,
    Prompt,
    Reply,
    TokenText,
    Turn,
    chat_options,
    system_text,
    write_prompt,
)
from xai.testing.engine.findings import Finding, debug_log, pages_pb, posts_pb, search_for_answer
from xai.testing.engine.library import Library
from xai.testing.prompt_ide.conversations import (
    HUMAN_SENDER,
    Clock,
    ConversationStore,
    Node,
    StoredConversation,
    make_title,
    page_of,
)
from xai.testing.prompt_ide.pictures import CONTENT_TYPE, image_url, make_image, wants_image

T = TypeVar("T")

_PATH = "/prompt_ide.Chat/"
# Type checkers take the members of generated enums for numbers.
_MODEL = TokenTokenType.try_value(TokenTokenType.MODEL)


class LocalChat(ChatBase):
    """Serves ``prompt_ide.Chat`` from memory.

    Args:
        backend: The model.
        library: What it can search.
    """

    acls: Mapping[str, str] = {
        _PATH + "GetConversation": "chat:read",
        _PATH + "ListConversations": "chat:read",
        _PATH + "SearchConversations": "chat:read",
        _PATH + "CreateConversation": "chat:write",
        _PATH + "AddResponse": "chat:write",
        _PATH + "DeleteConversation": "chat:write",
        _PATH + "GenerateTitle": "chat:write",
        _PATH + "UpdateConversation": "chat:write",
        _PATH + "AddModelResponse": "chat:write",
        _PATH + "ShareConversation": "chat:write",
    }

    def __init__(self, backend: Backend, library: Library) -> None:
        self._backend = backend
        self._library = library
        self._clock = Clock()
        self._stores: dict[Account, ConversationStore] = {}

    async def create_conversation(self, request: CreateConversationRequest) -> Conversation:
        """Begin an empty conversation."""
        system_text(request.system_prompt_name)
        return _conversation_pb(self._store().create(request.system_prompt_name))

    async def get_conversation(self, request: GetConversationRequest) -> Conversation:
        """Return a conversation with all its responses, the oldest first."""
        stored = self._stored(request.conversation_id)
        conversation = _conversation_pb(stored)
        conversation.responses = [_node_pb(node, whole=True) for node in stored.nodes.values()]
        return conversation

    async def list_conversations(
        self, request: ListConversationsRequest
    ) -> ListConversationsResponse:
        """List the conversations of the user, the one that was changed last first."""
        found = self._store().latest()
        page = _checked(lambda: page_of(found, request.page_size, request.next_page_token))
        return ListConversationsResponse(conversations=list(map(_conversation_pb, page)))

    async def search_conversations(
        self, request: SearchConversationsRequest
    ) -> SearchConversationsResponse:
        """Find conversations by their titles and messages."""
        if not request.query.strip():
            raise GRPCError(Status.INVALID_ARGUMENT, "query is empty.")
        found = _checked(lambda: self._store().search(request.query))
        page = _checked(lambda: page_of(found, request.page_size, request.next_page_token))
        return SearchConversationsResponse(conversations=list(map(_conversation_pb, page)))

    async def add_response(self, request: AddResponseRequest) -> AsyncIterator[AddResponseResponse]:
        """Add a message of the user, and stream the response of the model.

        With an empty message the parent, a message of the user, gets another response.
        """
        stored = self._stored(request.conversation_id)
        asked, is_new = _asked(stored, request)
        path = [*_checked(lambda: stored.path(asked.parent_id)), asked]
        finding = self._search(request, asked)
        prompt_name = request.system_prompt_name or stored.system_prompt_name
        prompt = _prompt(path, prompt_name, finding)
        model_name = self._backend.model_name(request.model_name)
        options = chat_options(
            request.additional_options, prompt_name, prompt, len(stored.children(asked.node_id))
        )
        reply = await self._backend.answer(prompt, options, kind="chat", model_name=model_name)
        if is_new:
            _checked(lambda: stored.add(asked))
            yield AddResponseResponse(user_response=_node_pb(asked))
        drawing = request.enable_image_generation and wants_image(asked.message)
        image_query = asked.message if drawing else ""
        answer = Node("", model_name, asked.node_id, self._clock.now(), finding=finding)
        answer.generated = make_image(image_query) if drawing else b""
        for message in [*_found(finding), *_drawn(image_query, answer.generated)]:
            yield message
        async with aclosing(_told(reply, stored, answer)) as told:
            async for message in told:
                yield message
        yield AddResponseResponse(token=SampleTokensResponse(budget=self._backend.budget()))
        model_response = _node_pb(answer)
        model_response.debug_log = debug_log(
            prompt,
            finding,
            system_prompt_name=prompt_name,
            disable_search=request.disable_search,
            image_query=image_query,
        )
        yield AddResponseResponse(model_response=model_response)

    async def delete_conversation(self, request: DeleteConversationRequest) -> Empty:
        """Delete a conversation."""
        _checked(lambda: self._store().delete(request.conversation_id))
        return Empty()

    async def generate_title(self, request: GenerateTitleRequest) -> GenerateTitleResponse:
        """Make a title for a conversation and set it."""
        stored = self._stored(request.conversation_id)
        path = _checked(lambda: stored.path(request.leaf_response_id or stored.newest_id()))
        try:
            title = make_title(path, self._library)
        except ValueError as error:
            raise GRPCError(Status.FAILED_PRECONDITION, str(error)) from error
        stored.title = title
        stored.touch()
        return GenerateTitleResponse(new_title=title)

    async def update_conversation(self, request: UpdateConversationRequest) -> Conversation:
        """Set the title and the star of a conversation."""
        stored = self._stored(request.conversation_id)
        stored.title = request.title
        stored.starred = request.starred
        stored.touch()
        return _conversation_pb(stored)

    async def add_model_response(self, request: AddModelResponseRequest) -> Response:
        """Store a text as if it were a response of the model."""
        stored = self._stored(request.conversation_id)
        node = Node(
            request.message,
            self._backend.model_name(""),
            request.parent_response_id,
            self._clock.now(),
            manual=True,
            partial=request.partial,
        )
        return _node_pb(_checked(lambda: stored.add(node)))

    async def share_conversation(
        self, request: ShareConversationRequest
    ) -> ShareConversationResponse:
        """Publish a conversation up to one of its responses, by the ID of which it is found."""
        stored = self._stored(request.conversation_id)
        node = _checked(lambda: stored.node(request.response_id))
        node.shared = True
        return ShareConversationResponse(shared_id=node.node_id)

    def _store(self) -> ConversationStore:
        return self._stores.setdefault(caller(), ConversationStore(self._clock))

    def _stored(self, conversation_id: str) -> StoredConversation:
        return _checked(lambda: self._store().get(conversation_id))

    def _search(self, request: AddResponseRequest, asked: Node) -> Finding | None:
        if request.disable_search:
            return None
        return search_for_answer(asked.message, self._library, request.additional_options)


def _checked(action: Callable[[], T]) -> T:
    """Run a function, with the errors of the store as gRPC statuses."""
    try:
        return action()
    except LookupError as error:
        raise GRPCError(Status.NOT_FOUND, str(error.args[0])) from error
    except ValueError as error:
        raise GRPCError(Status.INVALID_ARGUMENT, str(error)) from error


def _asked(stored: StoredConversation, request: AddResponseRequest) -> tuple[Node, bool]:
    """Return the message to respond to, and whether it is new."""
    parent_id = request.parent_response_id
    parent = _checked(lambda: stored.node(parent_id)) if parent_id else None
    if request.message or request.image_attachments:
        images = list(request.image_attachments)
        now = stored.clock.now()
        return Node(request.message, HUMAN_SENDER, parent_id, now, images), True
    if parent is None or not parent.is_human:
        text = "An empty message needs a message of the user as its parent_response_id."
        raise GRPCError(Status.INVALID_ARGUMENT, text)
    return parent, False


def _prompt(path: Sequence[Node], prompt_name: str, finding: Finding | None) -> Prompt:
    turns = [
        Turn(HUMAN if node.is_human else ASSISTANT, node.message, node.images) for node in path
    ]
    found = () if finding is None else finding.lines(path[-1].message)
    preface = [system_text(prompt_name), *found]
    return write_prompt(turns, preface)


def _found(finding: Finding | None) -> list[AddResponseResponse]:
    if finding is None:
        return []
    action = QueryAction(query=finding.query, type=finding.kind)
    messages = [AddResponseResponse(query_action=action)]
    if finding.pages:
        messages.append(AddResponseResponse(web_search_results=pages_pb(finding.pages)))
    if finding.posts:
        messages.append(AddResponseResponse(x_search_results=posts_pb(finding.posts)))
    return messages


def _drawn(query: str, image: bytes) -> list[AddResponseResponse]:
    if not image:
        return []
    made = ImageGenerationResponse(generated_image_bytes=image, content_type=CONTENT_TYPE)
    return [
        AddResponseResponse(query_action=QueryAction(query=query, type="image")),
        AddResponseResponse(image_generation_response=made),
    ]


async def _told(
    reply: Reply, stored: StoredConversation, answer: Node
) -> AsyncGenerator[AddResponseResponse, None]:
    """Stream the response; it is stored also when the caller leaves in between."""
    answer.partial = True
    try:
        async for token_text in reply:
            if token_text.text:
                yield AddResponseResponse(token=SampleTokensResponse(token=_token(token_text)))
        answer.partial = False
    finally:
        answer.message = reply.text
        if reply.text or not answer.partial:
            stored.add(answer)


def _token(token_text: TokenText) -> Token:
    token = token_text.token
    return Token(
        final_logit=Logit(token_id=token.token_id, string_token=token_text.text, prob=token.prob),
        token_type=_MODEL,
    )


def _conversation_pb(stored: StoredConversation) -> Conversation:
    return Conversation(
        conversation_id=stored.conversation_id,
        title=stored.title,
        starred=stored.starred,
        create_time=stored.create_time,
        modify_time=stored.modify_time,
        system_prompt_name=stored.system_prompt_name or None,
    )


def _node_pb(node: Node, *, whole: bool = False) -> Response:
    """Return a response; posts and image themselves only when they were not streamed before it."""
    response = Response(
        response_id=node.node_id,
        message=node.message,
        sender=node.sender,
        create_time=node.create_time,
        parent_response_id=node.parent_id,
        manual=node.manual,
        partial=node.partial,
        shared=node.shared,
        image_attachments=list(node.images),
    )
    if node.finding is not None:
        response.query = node.finding.query
        response.query_type = node.finding.kind
        response.xpost_ids = [post.post_id for post in node.finding.posts]
        if whole:
            response.xposts = posts_pb(node.finding.posts).results
    if whole and node.generated:
        response.generated_image_urls = [image_url(node.generated)]
    return response

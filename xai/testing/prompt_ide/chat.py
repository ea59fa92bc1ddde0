"""The service prompt_ide.StatelessChat: conversations that the client keeps."""

from collections.abc import AsyncIterator, Mapping, Sequence

from betterproto.lib.google.protobuf import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.prompt_ide.stateless_chat import (
    DeleteLoggedConversationsRequest,
    ImageAttachment,
    StatelessConversation,
    StatelessResponse,
    StatelessResponseSender,
)
from xai.proto.prompt_ide.stateless_chat_server import StatelessChatBase
from xai.testing.control.accounts import caller
from xai.testing.engine.bounded import AccountStore
from xai.testing.engine.dialogue import (
    ASSISTANT,
    HUMAN,
    Backend,
    Prompt,
    Turn,
    chat_options,
    system_text,
    write_prompt,
)
from xai.testing.engine.findings import Finding, debug_log, pages_pb, search_for_answer
from xai.testing.engine.library import Library, Post
from xai.testing.prompt_ide.pictures import CONTENT_TYPE, make_image, wants_image

_PATH = "/prompt_ide.StatelessChat/"
_LABELS = {
    int(StatelessResponseSender.HUMAN): HUMAN,
    int(StatelessResponseSender.ASSISTANT): ASSISTANT,
}
# Type checkers take the members of generated enums for numbers.
_ASSISTANT = StatelessResponseSender.try_value(StatelessResponseSender.ASSISTANT)


class LocalStatelessChat(StatelessChatBase):
    """Serves ``prompt_ide.StatelessChat`` from memory.

    Args:
        backend: The model.
        library: What it can search.

    Attributes:
        logged: The conversations that were logged, by account and by their IDs.
    """

    acls: Mapping[str, str] = {
        _PATH + "AddResponse": "chat:write",
        _PATH + "LogForDebugging": "chat:write",
        _PATH + "DeleteLoggedConversations": "chat:write",
    }

    def __init__(self, backend: Backend, library: Library) -> None:
        self._backend = backend
        self._library = library
        self.logged: AccountStore[StatelessConversation] = AccountStore("logged conversation")

    async def add_response(
        self, request: StatelessConversation
    ) -> AsyncIterator[StatelessResponse]:
        """Stream the response to a conversation in chunks."""
        backend = self._backend
        model_name = backend.model_name(request.model_name)
        turns = _turns(request.responses)
        system = system_text(request.system_prompt_name)
        finding = self._search(request)
        prompt = write_prompt(turns, _preface(request, system, finding))
        options = chat_options(request.additional_options, request.system_prompt_name, prompt)
        reply = await backend.answer(prompt, options, kind="chat", model_name=model_name)
        if finding is not None:
            yield _found(request, finding)
        if (asked := _image_query(request)) is not None:
            image = ImageAttachment(image_bytes=make_image(asked), content_type=CONTENT_TYPE)
            yield StatelessResponse(sender=_ASSISTANT, image_attachment=image)
        async for token_text in reply:
            if token_text.text:
                yield StatelessResponse(sender=_ASSISTANT, message=token_text.text)
        yield _last(request, prompt, finding)

    async def log_for_debugging(self, request: StatelessConversation) -> Empty:
        """Store a conversation, in the place of what was stored of it before."""
        if not request.stateless_conversation_id:
            text = "stateless_conversation_id is empty."
            raise GRPCError(Status.INVALID_ARGUMENT, text)
        size = len(bytes(request))
        self.logged.put(caller(), request.stateless_conversation_id, request, size)
        return Empty()

    async def delete_logged_conversations(self, request: DeleteLoggedConversationsRequest) -> Empty:
        """Delete what was stored.

        Of everything that a stored conversation says about itself, its ID is what can serve as an
        accounting key.
        """
        if not request.accounting_key:
            raise GRPCError(Status.INVALID_ARGUMENT, "accounting_key is empty.")
        logged = self.logged.of(caller())
        if logged.find(request.accounting_key) is not None:
            logged.pop(request.accounting_key)
        return Empty()

    def _search(self, request: StatelessConversation) -> Finding | None:
        if request.disable_search:
            return None
        message = request.responses[-1].message
        return search_for_answer(message, self._library, request.additional_options)


def _turns(responses: Sequence[StatelessResponse]) -> list[Turn]:
    turns = []
    for index, response in enumerate(responses):
        label = _LABELS.get(int(response.sender))
        if label is None:
            text = f"responses[{index}].sender must be HUMAN or ASSISTANT."
            raise GRPCError(Status.INVALID_ARGUMENT, text)
        turns.append(Turn(label, response.message, response.image_inputs))
    if not turns or turns[-1].label != HUMAN:
        text = "The last of responses must be a message of the user."
        raise GRPCError(Status.INVALID_ARGUMENT, text)
    return turns


def _preface(request: StatelessConversation, system: str, finding: Finding | None) -> Sequence[str]:
    lines = [system]
    if request.expose_username_to_grok and request.username:
        lines.append(f"The user is {request.name} (@{request.username}).")
    if finding is None:
        return lines
    return [*lines, *finding.lines(request.responses[-1].message)]


def _image_query(request: StatelessConversation) -> str | None:
    """Return what asks for an image, where the request lets the server make one."""
    message = request.responses[-1].message
    return message if request.enable_image_generation and wants_image(message) else None


def _found(request: StatelessConversation, finding: Finding) -> StatelessResponse:
    """Return the delta that tells what was searched for and found."""
    found = StatelessResponse(sender=_ASSISTANT, query=finding.query, query_type=finding.kind)
    if request.include_x_posts and request.x_posts_as_field:
        found.x_post_ids = [post.post_id for post in finding.posts]
    if finding.pages:
        found.web_search_results = pages_pb(finding.pages)
    return found


def _last(
    request: StatelessConversation, prompt: Prompt, finding: Finding | None
) -> StatelessResponse:
    """Return the delta that tells how the answer came about."""
    last = StatelessResponse(
        sender=_ASSISTANT,
        debug_log=debug_log(
            prompt,
            finding,
            system_prompt_name=request.system_prompt_name,
            disable_search=request.disable_search,
            image_query=_image_query(request) or "",
        ),
    )
    if finding is not None and request.include_x_posts and not request.x_posts_as_field:
        last.message = "".join(map(_quoted, finding.posts))
    return last


def _quoted(post: Post) -> str:
    return f"\n\n@{post.username}: {post.text}"

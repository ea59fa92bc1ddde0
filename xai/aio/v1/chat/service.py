"""The chat service of v1: creating chats, and stored completions."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar

from xai._annotations import resolve_lazily
from xai._validation import check_sequence, given
from xai.aio.rpc.caller import AsyncCaller
from xai.aio.v1.chat.chat import AsyncChat
from xai.aio.v1.chat.compaction import compact_messages
from xai.proto import xai_api as pb
from xai.proto.xai_api.chat import (
    CHAT_DELETE_STORED_COMPLETION,
    CHAT_GET_STORED_COMPLETION,
    DeleteStoredCompletionRequest,
    GetChatCompletionResponse,
    GetStoredCompletionRequest,
    Message,
    Tool,
)
from xai.v1.chat.enums import (
    GuidelineParam,
    IncludeOption,
    Model,
    ReasoningEffort,
    ServiceTier,
    ServiceTierName,
    ToolMode,
)
from xai.v1.chat.history import Compaction
from xai.v1.chat.openai_shapes import check_message
from xai.v1.chat.request import make_request, split_tools
from xai.v1.chat.response import Response, responses, stored_response
from xai.v1.chat.search_parameters import SearchParameters
from xai.v1.validation import non_empty

if TYPE_CHECKING:
    from typing_extensions import TypeForm

    from xai.aio.v1.chat.deferred import AsyncDeferred
    from xai.errors import Metadata
    from xai.v1.structured.json_value import JsonValue

T = TypeVar("T")


class AsyncChats:
    """Creates chats, and fetches stored and deferred completions.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    if not TYPE_CHECKING:  # a type checker knows the names

        def __getattr__(self, name: str) -> object:
            """Say what takes the place of ``chat.completions``."""
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name == "completions":
                text += ": chat.create(model, messages=[…]) makes a chat, its sample() the call"
            raise AttributeError(text, name=name, obj=self)

    def create(
        self,
        model: Model,
        *,
        messages: Sequence[Message | Mapping[str, object]] | None = (),
        conversation_name: str | None = None,
        user: str | None = None,
        safety_identifier: str | None = None,
        max_tokens: int | None = None,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        tools: "Sequence[Tool | Callable[..., object] | Mapping[str, object]] | None" = (),
        tool_choice: ToolMode | pb.ToolChoice | Mapping[str, object] | None = None,
        parallel_tool_calls: bool | None = None,
        response_format: (
            "str | pb.ResponseFormat | Mapping[str, JsonValue] | TypeForm[object] | None"
        ) = None,
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        reasoning_effort: ReasoningEffort | pb.ReasoningEffort | None = None,
        search_parameters: SearchParameters | pb.SearchParameters | None = None,
        store_messages: bool | None = None,
        previous_response_id: str | None = None,
        use_encrypted_content: bool | None = None,
        max_turns: int | None = None,
        include: Sequence[IncludeOption | pb.IncludeOption] | None = (),
        agent_count: Literal[4, 16] | pb.AgentCount | None = None,
        batch_request_id: str | None = None,
        service_tier: ServiceTierName | ServiceTier | pb.ServiceTier | None = None,
        guidelines: Sequence[pb.Guideline | GuidelineParam] | None = (),
        auto_append: bool | None = False,
    ) -> AsyncChat:
        """Create a chat, without sending anything; a parameter that is None is left to the server.

        Args:
            model: The name or alias of the model.
            messages: The conversation so far, in order; dicts in the form of the OpenAI client's
                messages are taken as well.
            conversation_name: A name of your own for the conversation; it is not sent.
            user: An ID of your own for the end user.
            safety_identifier: A stable, opaque ID of the end user, to whom violations of the usage
                policy are attributed.
            max_tokens: The maximum number of tokens to sample.
            seed: The seed for sampling.
            stop: A stop sequence, or up to 8 of them: sampling ends where one appears.
            temperature: Sampling temperature, 0 to 2; higher is more random.
            top_p: Nucleus sampling: sample from the most probable tokens that together have this
                probability, 0 to 1.
            logprobs: Return the log probability of each token.
            top_logprobs: How many of the most probable alternatives to return for each token, 0 to
                8; needs ``logprobs``.
            tools: The tools the model may call, up to 128: Python functions, what
                `xai.v1.tool`, `xai.v1.web_search` and the other constructors of tools return, and
                dicts in the form of the OpenAI client's function tools.
            tool_choice: ``"auto"``, ``"none"`` or ``"required"``, or a function that the model must
                call (`xai.v1.required_tool`).
            parallel_tool_calls: Whether the model may call several tools in one response.
            response_format: ``"text"``, ``"json_object"``, a JSON schema, a Python type, or a
                `ResponseFormat` message.
            frequency_penalty: Penalty on a token for each time it has occurred, -2 to 2.
            presence_penalty: Penalty on a token that has occurred at all, -2 to 2.
            reasoning_effort: How much the model reasons before it responds.
            search_parameters: Live search before the response; the API has deprecated it in favor
                of the search tools.
            store_messages: Whether the server stores the conversation and its response.
            previous_response_id: The ID of a stored response to continue from.
            use_encrypted_content: Whether to return the reasoning in encrypted form, to be sent
                back with later requests.
            max_turns: The maximum number of turns in which the server runs tools.
            include: Optional parts of the response to return.
            agent_count: The number of agents of a multi-agent model, 4 or 16.
            batch_request_id: The ID of the request within a batch; it is not sent otherwise.
            service_tier: The processing tier, ``"default"`` or ``"priority"``.
            guidelines: Content policies for the response, at most one for each category.
            auto_append: Whether to append every response to the conversation: after
                `AsyncChat.sample`, `AsyncChat.parse`, `AsyncChat.defer` and at the end of a stream.

        Returns:
            The conversation.

        Raises:
            TypeError: An argument is of another type; the error names it.
            ValueError: An argument is out of range or not known, or needs another one; the error
                names it.
        """
        offered, functions = split_tools(given(tools, ()))
        request = make_request(
            model,
            messages=messages,
            conversation_name=conversation_name,
            user=user,
            safety_identifier=safety_identifier,
            max_tokens=max_tokens,
            seed=seed,
            stop=stop,
            temperature=temperature,
            top_p=top_p,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            tools=offered,
            tool_choice=tool_choice,
            parallel_tool_calls=parallel_tool_calls,
            response_format=response_format,
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            reasoning_effort=reasoning_effort,
            search_parameters=search_parameters,
            store_messages=store_messages,
            previous_response_id=previous_response_id,
            use_encrypted_content=use_encrypted_content,
            max_turns=max_turns,
            include=include,
            agent_count=agent_count,
            batch_request_id=batch_request_id,
            service_tier=service_tier,
            guidelines=guidelines,
            auto_append=auto_append,
        )
        return AsyncChat(
            self._caller,
            request,
            functions,
            auto_append=given(auto_append, default=False),
            batch_request_id=batch_request_id,
            conversation_name=conversation_name,
        )

    def from_dict(
        self,
        data: "Mapping[str, JsonValue]",
        *,
        tools: "Sequence[Tool | Callable[..., object] | Mapping[str, object]] | None" = (),
    ) -> AsyncChat:
        """Return a chat that `AsyncChat.to_dict` has stored; nothing is sent.

        Args:
            data: What was stored, as read from JSON.
            tools: Functions and tools that take the place of stored ones with the same name; others
                are added. A stored function is offered to the model in any case, but can be called
                here only if it is given.

        Returns:
            The chat.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: It is no stored chat, or of a version that is not known, or an MCP tool that
                was stored without its authorization is not among the tools.
        """
        from xai.v1.chat.saved_chat import read_chat

        found = read_chat(data, given(tools, ()))
        return AsyncChat(
            self._caller,
            found.request,
            found.functions,
            auto_append=found.auto_append,
            batch_request_id=found.batch_request_id,
            conversation_name=found.conversation_name,
        )

    async def get_stored_completion(self, response_id: str) -> Response:
        """Return a stored completion.

        Where tools ran on the server its outputs are read as the steps of one response; otherwise
        the first output is read.

        Args:
            response_id: The ID of the response.

        Returns:
            The response.

        Raises:
            NotFoundError: There is no such response.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.Chat/GetStoredCompletion``.
        """
        return await self._stored(response_id, stored_response)

    async def get_stored_choices(self, response_id: str) -> list[Response]:
        """Return each output of a stored completion as a response of its own.

        Args:
            response_id: The ID of the response.

        Returns:
            The choices, where several were requested.

        Raises:
            NotFoundError: There is no such response.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.Chat/GetStoredCompletion``.
        """
        return await self._stored(
            response_id, lambda reply, metadata: responses(reply, len(reply.outputs), metadata)
        )

    async def delete_stored_completion(self, response_id: str) -> str:
        """Delete a stored completion.

        Args:
            response_id: The ID of the response.

        Returns:
            The ID of what was deleted.

        Raises:
            NotFoundError: There is no such response.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.Chat/DeleteStoredCompletion``.
        """
        request = DeleteStoredCompletionRequest(response_id=non_empty("response_id", response_id))
        reply = await self._caller.unary(CHAT_DELETE_STORED_COMPLETION, request)
        return reply.response_id

    async def compact_context(
        self, model: Model, messages: Sequence[Message | Mapping[str, object]]
    ) -> Compaction:
        """Compact a conversation into an encrypted summary that only the server can read.

        Args:
            model: The name or alias of the model that is to continue the conversation.
            messages: The conversation.

        Returns:
            The compaction; append it to a chat to continue.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is empty.

        RPC: ``/xai_api.Chat/CompactContext``.
        """
        check_sequence("messages", messages, "Message")
        said = [check_message(f"messages[{i}]", message) for i, message in enumerate(messages)]
        return await compact_messages(self._caller, non_empty("model", model), said)

    def deferred(
        self, request_id: str, *, n: int | None = 1, tools: Sequence[Tool] | None = ()
    ) -> "AsyncDeferred":
        """Return a deferred completion that was started before; nothing is sent.

        Args:
            request_id: The ID of the deferred request, as in `AsyncDeferred.request_id`.
            n: The number of choices that were requested, 1 to 128.
            tools: The tools of the request, which decide how its response is read.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: The ID is empty, or n is out of range.
        """
        from xai.aio.v1.chat.deferred import AsyncDeferred

        return AsyncDeferred(self._caller, request_id, n=given(n, 1), tools=given(tools, ()))

    async def _stored(
        self, response_id: str, read: "Callable[[GetChatCompletionResponse, Metadata], T]"
    ) -> T:
        request = GetStoredCompletionRequest(response_id=non_empty("response_id", response_id))
        return await self._caller.unary_with_metadata(CHAT_GET_STORED_COMPLETION, request, read)


resolve_lazily(globals())

"""Requests of chats: what both twins share."""

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.chats.constructors import text
from xai.xai_sdk.v1.chats.response import CompactContextResponse, Response
from xai.xai_sdk.v1.meta import ProtoDecorator
from xai.xai_sdk.v1.proto.messages import Message, accept
from xai.xai_sdk.v1.proto.modules import load

if TYPE_CHECKING:
    from typing_extensions import Self

    from xai.xai_sdk.v1.search import SearchParameters
    from xai.xai_sdk.v1.types.chat import (
        AgentCount,
        Guideline,
        IncludeOption,
        ReasoningEffort,
        ResponseFormat,
        ToolMode,
    )
    from xai.xai_sdk.v1.types.common import ServiceTier

chat_pb2 = load("chat_pb2")

ChatT = TypeVar("ChatT", bound="BaseChat")


class Model(Protocol):
    """What a model of pydantic can do, as far as responses need it."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        """Return the JSON schema."""
        raise NotImplementedError

    @classmethod
    def model_validate_json(cls, json_data: str, /) -> "Self":
        """Return an instance, read from JSON."""
        raise NotImplementedError


class BaseClient(Generic[ChatT]):
    """Makes chats."""

    def create(
        self,
        model: str,
        *,
        conversation_id: str | None = None,
        messages: Sequence[Message] | None = None,
        user: str | None = None,
        safety_identifier: str | None = None,
        max_tokens: int | None = None,
        seed: int | None = None,
        stop: Sequence[str] | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        tools: Sequence[Message] | None = None,
        tool_choice: "ToolMode | Message | None" = None,
        parallel_tool_calls: bool | None = None,
        response_format: "ResponseFormat | Message | type | None" = None,
        frequency_penalty: float | None = None,
        presence_penalty: float | None = None,
        reasoning_effort: "ReasoningEffort | int | None" = None,
        search_parameters: "SearchParameters | Message | None" = None,
        store_messages: bool | None = None,
        previous_response_id: str | None = None,
        use_encrypted_content: bool | None = None,
        max_turns: int | None = None,
        include: "Sequence[IncludeOption | int] | None" = None,
        agent_count: "AgentCount | int | None" = None,
        batch_request_id: str | None = None,
        service_tier: "ServiceTier | int | None" = None,
        guidelines: "Sequence[Guideline | Message] | None" = None,
    ) -> ChatT:
        """Return a chat; nothing is sent.

        The arguments are those of the field of a ``GetCompletionsRequest`` of the same name, or
        names for its values.

        Args:
            model: The model.
            conversation_id: What traces call the conversation; it is not sent.
            messages: The messages.
            user: Your own identifier of the end user.
            safety_identifier: A stable identifier of the end user, for abuse reports.
            max_tokens: The most tokens to sample.
            seed: Makes sampling repeatable, as far as the server can.
            stop: Texts that end the response.
            temperature: Sampling temperature, 0 to 2.
            top_p: Nucleus sampling.
            logprobs: Whether the probabilities of tokens are wanted.
            top_logprobs: How many alternatives of each token are wanted.
            tools: What the model may use.
            tool_choice: Whether it has to: a mode, or a message.
            parallel_tool_calls: Whether it may call several functions at once.
            response_format: The form of the response: its name, a message, or a pydantic model.
            frequency_penalty: Makes repetitions less likely.
            presence_penalty: Makes new subjects more likely.
            reasoning_effort: How hard the model thinks.
            search_parameters: How it searches.
            store_messages: Whether the server stores the conversation.
            previous_response_id: The stored response that this goes on from.
            use_encrypted_content: Whether encrypted reasoning comes with the response.
            max_turns: The most turns with tools of the server.
            include: What else the response is to have.
            agent_count: How many agents work on it.
            batch_request_id: The ID of the request, if it becomes part of a batch.
            service_tier: The tier of the service.
            guidelines: What a response must not have.

        Raises:
            ValueError: A name is not known.
        """
        return self._make_chat(
            conversation_id,
            batch_request_id,
            model=model,
            messages=_each(chat_pb2.Message, messages),
            user=user,
            safety_identifier=safety_identifier,
            max_tokens=max_tokens,
            seed=seed,
            stop=stop,
            temperature=temperature,
            top_p=top_p,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            tools=_each(chat_pb2.Tool, tools),
            tool_choice=_tool_choice(tool_choice),
            parallel_tool_calls=parallel_tool_calls,
            response_format=_response_format(response_format),
            frequency_penalty=frequency_penalty,
            presence_penalty=presence_penalty,
            reasoning_effort=_named("reasoning effort", reasoning_effort, _efforts),
            search_parameters=_search(search_parameters),
            store_messages=store_messages,
            previous_response_id=previous_response_id,
            use_encrypted_content=use_encrypted_content,
            max_turns=max_turns,
            include=None
            if include is None
            else [_named("include option", option, _includes) for option in include],
            agent_count=_agents(agent_count),
            service_tier=_tier(service_tier),
            guidelines=None
            if guidelines is None
            else [_guideline(guideline) for guideline in guidelines],
        )

    def _make_chat(
        self, conversation_id: str | None, batch_request_id: str | None, **settings: object
    ) -> ChatT:
        raise NotImplementedError


class BaseChat(ProtoDecorator[Message]):
    """A chat: the request that its calls send."""

    def __init__(
        self, conversation_id: str | None, batch_request_id: str | None, **settings: object
    ) -> None:
        super().__init__(chat_pb2.GetCompletionsRequest(**settings))
        self._conversation_id = conversation_id
        self._batch_request_id = batch_request_id

    @property
    def messages(self) -> Sequence[Message]:
        """The messages, which can be changed."""
        found: Sequence[Message] = self._proto.messages
        return found

    def append(self, message: "Message | Response | CompactContextResponse") -> "Self":
        """Add a message, the messages of a response, or what stands for all messages so far.

        Args:
            message: What to add. A compaction takes the place of all messages.

        Returns:
            The chat.

        Raises:
            ValueError: It is nothing of these.
        """
        messages = self._proto.messages
        if isinstance(message, CompactContextResponse):
            self._replace(message)
        elif isinstance(message, Response):
            messages.extend(_replayed(message))
        elif isinstance(message, (str, bytes, Mapping)) or message is None:
            raise ValueError(f"Unrecognized message type: {type(message).__name__}")
        else:
            try:
                accepted = accept(chat_pb2.Message, message)
            except TypeError as error:
                raise ValueError(f"Unrecognized message type: {error}") from error
            messages.append(accepted)
        return self

    def _replace(self, compaction: CompactContextResponse) -> None:
        messages = self._proto.messages
        del messages[:]
        messages.add(role=chat_pb2.ROLE_USER, encrypted_content=compaction.encrypted_content)

    def _make_request(self, n: int) -> Message:
        if not self._proto.messages:
            raise ValueError("the chat has no messages: append one, or pass some to create()")
        request: Message = chat_pb2.GetCompletionsRequest()
        request.CopyFrom(self._proto)
        request.n = n
        return request

    def _make_compact_request(self) -> Message:
        request: Message = chat_pb2.CompactContextRequest(
            model=self._proto.model, input=self._proto.messages
        )
        return request

    def _ask_for(self, shape: type) -> None:
        """Set the form of this and all later responses."""
        self._proto.response_format.CopyFrom(_response_format(shape))

    def _index(self) -> int | None:
        """Return which choice a response of this chat is: None with tools of the server."""
        of_server = any(tool.WhichOneof("tool") != "function" for tool in self._proto.tools)
        return None if of_server else 0


def detected(index: int | None, outputs: Sequence[Message]) -> int | None:
    """Return which choice a response is, where the server may have used tools unasked."""
    return None if any(output.index > 0 for output in outputs) else index


def _replayed(response: Response) -> list[Message]:
    """Return the messages with which a conversation goes on after a response."""
    outputs = [response._selected(response.proto)]  # noqa: SLF001  # of this package
    if response._index is None:  # noqa: SLF001  # as above
        outputs = list(response.proto.outputs)
    found = []
    for output in outputs:
        said = output.message
        message: Message = chat_pb2.Message(
            role=said.role,
            content=[text(said.content)],
            reasoning_content=said.reasoning_content,
            encrypted_content=said.encrypted_content,
            tool_calls=said.tool_calls,
        )
        if said.role == chat_pb2.ROLE_TOOL and said.tool_calls:
            message.tool_call_id = said.tool_calls[0].id
        found.append(message)
    return found


def _each(kind: type[Message], values: Sequence[object] | None) -> list[Message] | None:
    return None if values is None else [accept(kind, value) for value in values]


# The numbers are looked up by the first chat that has a name for one: most have none.
@functools.cache
def _efforts() -> Mapping[str, int]:
    names = ("none", "low", "medium", "high", "xhigh")
    return {name: chat_pb2.ReasoningEffort.Value(f"EFFORT_{name.upper()}") for name in names}


@functools.cache
def _modes() -> Mapping[str, int]:
    names = ("auto", "none", "required")
    return {name: chat_pb2.ToolMode.Value(f"TOOL_MODE_{name.upper()}") for name in names}


@functools.cache
def _formats() -> Mapping[str, int]:
    names = ("text", "json_object", "json_schema")
    return {name: chat_pb2.FormatType.Value(f"FORMAT_TYPE_{name.upper()}") for name in names}


def _includes() -> Mapping[Any, int]:
    from xai.xai_sdk.v1.types.chat import IncludeOptionMap

    return IncludeOptionMap


def _named(what: str, value: object, known: Callable[[], Mapping[Any, int]]) -> object:
    if not isinstance(value, str):
        return value
    numbers = known()
    if value not in numbers:
        raise ValueError(f"Invalid {what}: {value}. Must be one of: {tuple(numbers)}")
    return numbers[value]


def _tier(value: "ServiceTier | int | None") -> int | None:
    if not isinstance(value, str):
        return value
    from xai.xai_sdk.v1.service_tier import service_tier_to_proto

    return service_tier_to_proto(value)


def _agents(value: int | None) -> int | None:
    if value is None:
        return None
    from xai.xai_sdk.v1.types.chat import AgentCountMap

    counts: Mapping[Any, int] = AgentCountMap
    # The number of the enum as well, which that package offers and then refuses.
    if value not in counts and value not in counts.values():
        raise ValueError(f"Invalid agent count: {value}. Must be one of: {list(counts)}")
    return counts.get(value, value)


def _tool_choice(value: object) -> object:
    if isinstance(value, str):
        return chat_pb2.ToolChoice(mode=_named("tool mode", value, _modes))
    return None if value is None else accept(chat_pb2.ToolChoice, value)


def _response_format(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, str):
        kind = _named("response format", value, _formats)
        return chat_pb2.ResponseFormat(format_type=kind)
    schema = getattr(value, "model_json_schema", None)
    if isinstance(value, type) and schema is not None:
        return chat_pb2.ResponseFormat(
            format_type=_formats()["json_schema"], schema=json.dumps(schema())
        )
    return accept(chat_pb2.ResponseFormat, value)


def _search(value: object) -> object:
    to_proto = getattr(value, "_to_proto", None)
    if to_proto is not None:
        return to_proto()
    return None if value is None else accept(chat_pb2.SearchParameters, value)


def _guideline(value: object) -> object:
    if isinstance(value, Message):
        return value
    from xai.xai_sdk.v1.types.chat import GuidelineBehaviorMap, GuidelineCategoryMap
    from xai.xai_sdk.v1.validators import validated_guideline

    found = validated_guideline(value)
    policy = chat_pb2.PolicyGuideline(
        category=GuidelineCategoryMap[found["category"]],
        behavior=GuidelineBehaviorMap[found["behavior"]],
    )
    return chat_pb2.Guideline(policy=policy)


resolve_lazily(globals())

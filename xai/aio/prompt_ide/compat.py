"""Chat completions in the shape of the OpenAI Python client: the service compat.chat.Chat."""

import random
from collections.abc import Mapping, Sequence
from typing import Literal, overload

from xai._sentinel import NOT_GIVEN, NotGiven
from xai._streams import AsyncStream
from xai._validation import check_bool, check_int, check_number, check_str, check_strings
from xai.aio.rpc.caller import AsyncCaller
from xai.options import Timeouts
from xai.prompt_ide.compat_results import read_chunk, read_completion
from xai.prompt_ide.compat_types import (
    ChatCompletion,
    ChatCompletionChunk,
    MessageParam,
    ResponseFormat,
)
from xai.proto.compat.chat import compat_chat as pb
from xai.proto.compat.chat.compat_chat_aio import AsyncChatStub

_FLOAT_MAX = 3.4028234663852886e38
_INT32_MIN, _INT32_MAX = -(2**31), 2**31 - 1
_TEXT_PARTS = ("text", "text_file")


class AsyncCompat:
    """Services in the shape of other clients; at present, `chat`.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        #: As in ``client.compat.chat.completions.create(...)``.
        self.chat = AsyncCompatChat(caller)


class AsyncCompatChat:
    """Chat, in the shape of the OpenAI client.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        #: As in ``client.compat.chat.completions.create(...)``.
        self.completions = AsyncCompletions(caller)


class AsyncCompletions:
    """Chat completions, in the shape of the OpenAI client.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
        self._stub = AsyncChatStub(caller)

    @overload
    async def create(
        self,
        *,
        messages: Sequence[MessageParam],
        stream: Literal[True],
        model: str | None = None,
        frequency_penalty: float | None = None,
        logit_bias: Mapping[int, float] | Mapping[str, float] | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        max_tokens: int | None = None,
        n: int | None = None,
        presence_penalty: float | None = None,
        response_format: ResponseFormat | None = None,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        user: str | None = None,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        function_call: None = None,
        functions: None = None,
        tool_choice: None = None,
        tools: None = None,
        extra_headers: None = None,
        extra_query: None = None,
        extra_body: None = None,
    ) -> AsyncStream[ChatCompletionChunk]: ...

    @overload
    async def create(
        self,
        *,
        messages: Sequence[MessageParam],
        stream: Literal[False] | None = None,
        model: str | None = None,
        frequency_penalty: float | None = None,
        logit_bias: Mapping[int, float] | Mapping[str, float] | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        max_tokens: int | None = None,
        n: int | None = None,
        presence_penalty: float | None = None,
        response_format: ResponseFormat | None = None,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        user: str | None = None,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        function_call: None = None,
        functions: None = None,
        tool_choice: None = None,
        tools: None = None,
        extra_headers: None = None,
        extra_query: None = None,
        extra_body: None = None,
    ) -> ChatCompletion: ...

    @overload
    async def create(
        self,
        *,
        messages: Sequence[MessageParam],
        stream: bool | None,
        model: str | None = None,
        frequency_penalty: float | None = None,
        logit_bias: Mapping[int, float] | Mapping[str, float] | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        max_tokens: int | None = None,
        n: int | None = None,
        presence_penalty: float | None = None,
        response_format: ResponseFormat | None = None,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        user: str | None = None,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        function_call: None = None,
        functions: None = None,
        tool_choice: None = None,
        tools: None = None,
        extra_headers: None = None,
        extra_query: None = None,
        extra_body: None = None,
    ) -> ChatCompletion | AsyncStream[ChatCompletionChunk]: ...

    async def create(
        self,
        *,
        messages: Sequence[MessageParam],
        model: str | None = None,
        frequency_penalty: float | None = None,
        logit_bias: Mapping[int, float] | Mapping[str, float] | None = None,
        logprobs: bool | None = None,
        top_logprobs: int | None = None,
        max_tokens: int | None = None,
        n: int | None = None,
        presence_penalty: float | None = None,
        response_format: ResponseFormat | None = None,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        stream: bool | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        user: str | None = None,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        function_call: object = None,
        functions: object = None,
        tool_choice: object = None,
        tools: object = None,
        extra_headers: object = None,
        extra_query: object = None,
        extra_body: object = None,
    ) -> ChatCompletion | AsyncStream[ChatCompletionChunk]:
        """Let a model continue a conversation.

        None stands for the default of each argument; 0 and 0.0 are values.

        Args:
            messages: The conversation: mappings with ``role``, ``content`` (a text, or a list of
                parts) and perhaps ``name``.
            model: The model; the server's default when None.
            frequency_penalty: Makes tokens rarer the more often they occurred; 0.
            logit_bias: Added to the logits of tokens, by their ID.
            logprobs: Whether to return the log probabilities of the tokens.
            top_logprobs: How many likely tokens to return with each token.
            max_tokens: Most tokens of each choice; 128.
            n: How many choices to return; 1.
            presence_penalty: Makes tokens rarer that occurred at all; 0.
            response_format: ``{"type": "text"}`` or ``{"type": "json_object"}``.
            seed: Makes the result reproducible; random from 1 to 10,000.
            stop: One string, or several, each of which ends a choice.
            stream: Whether to return chunks as they come.
            temperature: 0 takes the likeliest token each time; 0.7.
            top_p: Only the likeliest tokens that make up this probability are candidates; 0.95.
            user: Who asks, for the service's protection against abuse.
            timeout: Seconds for the whole call, None for no limit; the client's when not given.
            function_call: Not supported.
            functions: Not supported.
            tool_choice: Not supported.
            tools: Not supported.
            extra_headers: Not supported.
            extra_query: Not supported.
            extra_body: Not supported.

        Returns:
            A `ChatCompletion`; with ``stream=True`` a stream of `ChatCompletionChunk`, which is
            also a context manager.

        Raises:
            APIError: The call failed; for a stream, while iterating.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not supported, or out of its range.

        RPC: ``/compat.chat.Chat/GetCompletion`` and ``/compat.chat.Chat/GetCompletionChunk``.
        """
        _refuse(
            function_call=function_call,
            functions=functions,
            tool_choice=tool_choice,
            tools=tools,
            extra_headers=extra_headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        if stream is not None:
            check_bool("stream", stream)
        request = pb.GetCompletionsRequest(
            messages=_messages(messages),
            model=_string("model", model),
            frequency_penalty=_number("frequency_penalty", frequency_penalty, 0.0),
            logit_bias=_bias(logit_bias),
            logprobs=_flag("logprobs", logprobs),
            top_logprobs=_integer("top_logprobs", top_logprobs, 0, low=0),
            max_tokens=_integer("max_tokens", max_tokens, 128, low=0),
            n=_integer("n", n, 1, low=0),
            presence_penalty=_number("presence_penalty", presence_penalty, 0.0),
            seed=_integer("seed", seed, random.randint(1, 10_000), low=_INT32_MIN),  # noqa: S311  # no secret
            stop=_strings("stop", stop),
            temperature=_number("temperature", temperature, 0.7),
            top_p=_number("top_p", top_p, 0.95),
            user=_string("user", user),
        )
        if response_format is not None:
            request.response_format = _format(response_format)
        if stream:
            return self._caller.stream_of(
                pb.CHAT_GET_COMPLETION_CHUNK, request, read_chunk, timeout=timeout
            )
        return read_completion(await self._stub.get_completion(request, timeout=timeout))


def _refuse(**arguments: object) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"The '{name}' argument is not supported by the xAI API. Please remove it from "
                "the completions.create call."
            )


def _string(name: str, value: str | None) -> str:
    if value is None:
        return ""
    check_str(name, value)
    return value


def _strings(name: str, value: str | Sequence[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else check_strings(name, value)


def _flag(name: str, value: bool | None) -> bool:  # noqa: FBT001  # an argument to check
    if value is None:
        return False
    check_bool(name, value)
    return value


def _integer(name: str, value: int | None, default: int, *, low: int) -> int:
    if value is None:
        return default
    check_int(name, value, low, _INT32_MAX)
    return value


def _number(name: str, value: float | None, default: float) -> float:
    if value is None:
        return default
    check_number(name, value, -_FLOAT_MAX, _FLOAT_MAX)
    return float(value)


def _bias(bias: Mapping[int, float] | Mapping[str, float] | None) -> dict[int, float]:
    if bias is None:
        return {}
    if not isinstance(bias, Mapping):
        raise TypeError(f"logit_bias must be a mapping, not {type(bias).__name__}")
    found = {}
    for key, value in bias.items():
        # JSON knows only text as a key, so programs for the OpenAI client often have it.
        token = int(key) if isinstance(key, str) and key.isdecimal() else key
        check_int(f"logit_bias key {key!r}", token, 0, _INT32_MAX)
        check_number(f"logit_bias[{key!r}]", value, -_FLOAT_MAX, _FLOAT_MAX)
        found[int(token)] = float(value)
    return found


def _format(value: ResponseFormat) -> pb.ResponseFormat:
    if not isinstance(value, Mapping):
        raise TypeError(f"response_format must be a mapping, not {type(value).__name__}")
    unknown = sorted(set(value) - {"type"})
    if unknown or "type" not in value:
        raise ValueError(f"response_format must have the one key 'type', not {sorted(value)}")
    check_str("response_format['type']", value["type"])
    return pb.ResponseFormat(type=value["type"])


def _messages(messages: Sequence[MessageParam]) -> list[pb.Message]:
    if isinstance(messages, (str, bytes, Mapping)) or not isinstance(messages, Sequence):
        raise TypeError(f"messages must be a sequence of mappings, not {type(messages).__name__}")
    return [_message(f"messages[{index}]", item) for index, item in enumerate(messages)]


def _message(name: str, message: MessageParam) -> pb.Message:
    _check_keys(name, message, ("role", "content", "name"))
    role = message.get("role")
    check_str(f"{name}['role']", role)
    author = message.get("name")
    content = message.get("content")
    where = f"{name}['content']"
    if isinstance(content, str):
        parts = [pb.Content(type="text", text=content)]
    elif isinstance(content, Sequence) and not isinstance(content, bytes):
        parts = [_part(f"{where}[{index}]", part) for index, part in enumerate(content)]
    else:
        raise TypeError(f"{where} must be a str or a list of parts, not {type(content).__name__}")
    return pb.Message(role=str(role), content=parts, name=_string(f"{name}['name']", author))


def _part(name: str, part: object) -> pb.Content:
    if not isinstance(part, Mapping):
        raise TypeError(f"{name} must be a mapping, not {type(part).__name__}")
    kind = part.get("type")
    if kind in _TEXT_PARTS:
        _check_keys(name, part, ("type", "text"))
        text = part.get("text")
        check_str(f"{name}['text']", text)
        return pb.Content(type=str(kind), text=str(text))
    if kind == "image_url":
        _check_keys(name, part, ("type", "image_url"))
        image = part.get("image_url")
        if not isinstance(image, Mapping):
            raise TypeError(f"{name}['image_url'] must be a mapping with 'url'")
        _check_keys(f"{name}['image_url']", image, ("url", "detail"))
        url, detail = image.get("url"), image.get("detail", "")
        check_str(f"{name}['image_url']['url']", url)
        check_str(f"{name}['image_url']['detail']", detail)
        target = pb.ImageUrl(url=str(url), detail=str(detail))
        return pb.Content(type="image_url", image_url=target)
    raise ValueError(
        f"The '{kind}' content type is not supported by the xAI API. Please remove it."
    )


def _check_keys(name: str, value: object, known: Sequence[str]) -> None:
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping, not {type(value).__name__}")
    unknown = [key for key in value if key not in known]
    if unknown:
        raise ValueError(f"{name} has unknown keys: {unknown}; known are {list(known)}")

"""Chat completions in the shape of the OpenAI Python client: the service compat.chat.Chat."""

import random
from collections.abc import Mapping, Sequence
from typing import Literal, overload

from xai._sentinel import NOT_GIVEN, NotGiven
from xai._streams import AsyncStream
from xai._validation import check_bool
from xai.aio.rpc.caller import AsyncCaller
from xai.options import Timeouts
from xai.prompt_ide.compat_request import completion_request, refuse_unsupported
from xai.prompt_ide.compat_results import read_chunk, read_completion
from xai.prompt_ide.compat_types import (
    ChatCompletion,
    ChatCompletionChunk,
    MessageParam,
    ResponseFormat,
)
from xai.proto.compat.chat import compat_chat as pb
from xai.proto.compat.chat.compat_chat_aio import AsyncChatStub


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
            frequency_penalty: Penalty on tokens for each time they have occurred; 0.
            logit_bias: Numbers to add to the logits of tokens, by token ID.
            logprobs: Whether to return the log probabilities of the tokens.
            top_logprobs: How many of the most probable alternatives to return for each token.
            max_tokens: The maximum number of tokens of each choice; 128.
            n: How many choices to return; 1.
            presence_penalty: Penalty on tokens that have occurred at all; 0.
            response_format: ``{"type": "text"}`` or ``{"type": "json_object"}``.
            seed: The seed for sampling; random from 1 to 10,000.
            stop: A stop sequence, or several.
            stream: Whether to stream chunks.
            temperature: Sampling temperature; 0 always takes the most probable token; 0.7.
            top_p: Nucleus sampling: the probability mass of the tokens to sample from; 0.95.
            user: An ID of the end user, for abuse detection.
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
        refuse_unsupported(
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
        request = completion_request(
            messages,
            model=model,
            frequency_penalty=frequency_penalty,
            logit_bias=logit_bias,
            logprobs=logprobs,
            top_logprobs=top_logprobs,
            max_tokens=max_tokens,
            n=n,
            presence_penalty=presence_penalty,
            response_format=response_format,
            seed=seed,
            stop=stop,
            temperature=temperature,
            top_p=top_p,
            user=user,
        )
        if seed is None:
            request.seed = random.randint(1, 10_000)  # noqa: S311  # no secret
        if stream:
            return self._caller.stream_of(
                pb.CHAT_GET_COMPLETION_CHUNK, request, read_chunk, timeout=timeout
            )
        return read_completion(await self._stub.get_completion(request, timeout=timeout))

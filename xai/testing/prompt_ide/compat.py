"""The local server's chat completions in the shape of a widespread HTTP interface."""

import asyncio
import math
import uuid
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timezone

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.compat.chat.compat_chat import (
    Choice,
    ChoiceChunk,
    CompletionMessage,
    Delta,
    GetChatCompletionChunk,
    GetChatCompletionResponse,
    GetCompletionsRequest,
    LogProb,
    LogProbs,
    TopLogProb,
    Usage,
)
from xai.proto.compat.chat.compat_chat_server import ChatBase
from xai.testing.engine.dialogue import Backend, Reply, TokenSource, TokenText
from xai.testing.engine.json_mode import JsonGeneration
from xai.testing.engine.model import IndexedPrompt, LanguageModel
from xai.testing.engine.steps import finish_in_turns
from xai.testing.prompt_ide.completion_request import Completion, read_completion

_PATH = "/compat.chat.Chat/"
_ROLE = "assistant"


class LocalCompatChat(ChatBase):
    """Serves ``compat.chat.Chat``.

    Args:
        backend: The model.
    """

    acls: Mapping[str, str] = {
        _PATH + "GetCompletion": "chat:write",
        _PATH + "GetCompletionChunk": "chat:write",
    }

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        vocabulary = "\0".join(backend.model.tokenizer.strings).encode()
        self._fingerprint = f"fp_{zlib.crc32(vocabulary):08x}"

    async def get_completion(self, request: GetCompletionsRequest) -> GetChatCompletionResponse:
        """Return the response to a conversation."""
        model_name, completion, replies = await self._begin(request)
        choices = []
        for index, reply in enumerate(replies):
            token_texts = [token_text async for token_text in reply]
            choice = Choice(
                finish_reason=reply.finish_reason,
                index=index,
                message=CompletionMessage(content=reply.text, role=_ROLE),
            )
            if request.logprobs:
                choice.logprobs = self._log_probs(token_texts, first=True)
            choices.append(choice)
        spent = sum(reply.count for reply in replies)
        prompt = len(completion.prompt)
        return GetChatCompletionResponse(
            id=_new_id(),
            choices=choices,
            created=_now(),
            model=model_name,
            system_fingerprint=self._fingerprint,
            object="chat.completion",
            usage=Usage(completion_tokens=spent, prompt_tokens=prompt, total_tokens=prompt + spent),
        )

    async def get_completion_chunk(
        self, request: GetCompletionsRequest
    ) -> AsyncIterator[GetChatCompletionChunk]:
        """Stream the choices of a response side by side, token by token."""
        model_name, _, replies = await self._begin(request)
        chunk_id, created = _new_id(), _now()

        def chunk(choice: ChoiceChunk) -> GetChatCompletionChunk:
            return GetChatCompletionChunk(
                id=chunk_id,
                choices=[choice],
                created=created,
                model=model_name,
                system_fingerprint=self._fingerprint,
                object="chat.completion.chunk",
            )

        for index in range(len(replies)):
            yield chunk(ChoiceChunk(delta=Delta(role=_ROLE), index=index))
        running = dict(enumerate(replies))
        while running:
            for index, reply in list(running.items()):
                first = reply.count == 0
                token_text = await anext_or_none(reply)
                if token_text is None:
                    del running[index]
                    end = ChoiceChunk(delta=Delta(), index=index, finish_reason=reply.finish_reason)
                    yield chunk(end)
                    continue
                choice = ChoiceChunk(delta=Delta(content=token_text.text), index=index)
                if request.logprobs:
                    choice.logprobs = self._log_probs([token_text], first=first)
                yield chunk(choice)

    async def _begin(self, request: GetCompletionsRequest) -> tuple[str, Completion, list[Reply]]:
        """Return the model's name, the parsed request, and one reply for each choice."""
        backend = self._backend
        model_name = backend.model_name(request.model)
        steps = read_completion(request, backend.model.tokenizer)
        completion = await finish_in_turns(steps)
        prompt = backend.model.index(completion.prompt)
        sources = []
        for index in range(completion.count):
            sources.append(_source(backend.model, completion, prompt, index))
            await asyncio.sleep(0)
        transaction = backend.open("compat", model_name, completion.prompt)
        # In a JSON object a stop string ends the value, not the object.
        stops = () if completion.as_json else completion.stops
        return (
            model_name,
            completion,
            [Reply(backend, source, stops, transaction) for source in sources],
        )

    def _log_probs(self, token_texts: Sequence[TokenText], *, first: bool) -> LogProbs:
        """Return the probabilities of tokens, whose texts join to the content.

        Args:
            token_texts: The tokens.
            first: Whether they begin the content, which drops the space in front of it.
        """
        content = []
        for number, token_text in enumerate(token_texts):
            begins = first and number == 0
            token, data = self._written(token_text.token.token_id, begins=begins)
            top = [
                TopLogProb(token=text, logprob=math.log(prob), bytes=raw)
                for (text, raw), prob in (
                    (self._written(token_id, begins=begins), prob)
                    for token_id, prob in token_text.token.top_k
                )
            ]
            content.append(
                LogProb(
                    token=token,
                    logprob=math.log(token_text.token.prob),
                    bytes=data,
                    top_logprobs=top,
                )
            )
        return LogProbs(content=content)

    def _written(self, token_id: int, *, begins: bool) -> tuple[str, bytes]:
        tokenizer = self._backend.model.tokenizer
        data = tokenizer.token_bytes(token_id)
        if begins:
            data = data.removeprefix(b" ")
        # Tokens that stand for no text, such as the end, are shown by their names.
        return (data.decode("utf-8", "replace") or tokenizer.strings[token_id]), data


async def anext_or_none(reply: Reply) -> TokenText | None:
    """Return the next token of a reply, or None after the last."""
    try:
        return await reply.__anext__()
    except StopAsyncIteration:
        return None


def _source(
    model: LanguageModel, completion: Completion, prompt: IndexedPrompt, index: int
) -> TokenSource:
    # Each choice has a seed of its own, or all of them would be the same.
    options = completion.options
    options = attrs.evolve(options, rng_seed=options.rng_seed + index)
    try:
        if completion.as_json:
            return JsonGeneration(model, prompt, options, completion.stops)
        return model.sample(prompt, options)
    except ValueError as error:
        raise GRPCError(Status.INVALID_ARGUMENT, str(error)) from error


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"


def _now() -> int:
    return int(datetime.now(timezone.utc).timestamp())

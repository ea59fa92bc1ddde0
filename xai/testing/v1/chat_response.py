"""Answers of today's API in the making: their outputs, whole or in chunks, and what they cost."""

import math
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timezone

import attrs

from xai.proto.xai_api.chat import (
    CompletionMessage,
    CompletionOutput,
    CompletionOutputChunk,
    Delta,
    GetChatCompletionChunk,
    GetChatCompletionResponse,
    GetCompletionsRequest,
    IncludeOption,
    LogProb,
    LogProbs,
    MessageRole,
    RequestSettings,
    ToolCall,
    TopLogProb,
)
from xai.proto.xai_api.sample import FinishReason
from xai.proto.xai_api.usage import SamplingUsage, ServiceTier
from xai.testing.engine.dialogue import Piece, Reply
from xai.testing.engine.tokenizer import IMAGE, Tokenizer
from xai.testing.v1.chat_request import DEFAULT_TEMPERATURE, DEFAULT_TOP_P, ParsedRequest
from xai.testing.v1.models import CACHED_PRICE, COMPLETION_PRICE, IMAGE_TOKEN_PRICE, PROMPT_PRICE

_ROLE = MessageRole.ROLE_ASSISTANT
_REASONS = {"stop": FinishReason.REASON_STOP, "length": FinishReason.REASON_MAX_LEN}
_ECHOED = ("max_tokens", "previous_response_id", "reasoning_effort")
_ECHOED_MESSAGES = ("response_format", "tool_choice", "search_parameters")


class Choice:
    """One output of an answer.

    Args:
        index: Which output it is.
        reply: What the model says, or writes to call tools.
        calls: The calls of tools that it stands for, if it does.
        tokenizer: What knows the texts of tokens.
    """

    def __init__(
        self, index: int, reply: Reply, calls: Sequence[ToolCall], tokenizer: Tokenizer
    ) -> None:
        self.index = index
        self.reply = reply
        self._planned = list(calls)
        self._tokenizer = tokenizer
        self._pieces: list[Piece] = []

    async def advance(self) -> Piece | None:
        """Return the next piece, or None after the last."""
        try:
            piece = await self.reply.__anext__()
        except StopAsyncIteration:
            return None
        self._pieces.append(piece)
        return piece

    @property
    def in_words(self) -> bool:
        """Whether it is an answer in words, not a call of tools."""
        return not self._planned

    @property
    def calls(self) -> list[ToolCall]:
        """The calls of tools; none if there was no room for all of them."""
        return self._planned if self.reply.finish_reason == "stop" else []

    @property
    def finish_reason(self) -> FinishReason:
        """Why it ended."""
        return FinishReason.REASON_TOOL_CALLS if self.calls else _REASONS[self.reply.finish_reason]

    def output(self, *, logprobs: bool) -> CompletionOutput:
        """Return the whole output, once it has ended."""
        message = CompletionMessage(role=_ROLE, tool_calls=self.calls)
        if self.in_words:
            message.content = self.reply.text
        output = CompletionOutput(
            finish_reason=self.finish_reason, index=self.index, message=message
        )
        if logprobs and self.in_words:
            output.logprobs = self.logprobs(self._pieces, first=True)
        return output

    def logprobs(self, pieces: Sequence[Piece], *, first: bool) -> LogProbs:
        """Return the probabilities of tokens, whose texts join to the content.

        Args:
            pieces: The tokens.
            first: Whether they begin the content, which drops the space in front of it.
        """
        content = []
        for number, piece in enumerate(pieces):
            begins = first and number == 0
            text, data = self._written(piece.token.token_id, begins=begins)
            top = []
            for token_id, prob in piece.token.top_k:
                other, raw = self._written(token_id, begins=begins)
                top.append(TopLogProb(token=other, logprob=math.log(prob), bytes=raw))
            logprob = math.log(piece.token.prob)
            content.append(LogProb(token=text, logprob=logprob, bytes=data, top_logprobs=top))
        return LogProbs(content=content)

    def _written(self, token_id: int, *, begins: bool) -> tuple[str, bytes]:
        data = self._tokenizer.token_bytes(token_id)
        if begins:
            data = data.removeprefix(b" ")
        # Tokens that stand for no text, such as the end, are shown by their names.
        return (data.decode("utf-8", "replace") or self._tokenizer.strings[token_id]), data


@attrs.define(eq=False)
class Answer:
    """All outputs of one answer.

    Attributes:
        ask: The request.
        choices: The outputs.
        model_name: The model that answers.
        system_fingerprint: The name of the server's set-up.
        cached: How many tokens of the prompt were read for a stored answer already.
    """

    ask: ParsedRequest
    choices: list[Choice]
    model_name: str
    system_fingerprint: str
    cached: int = 0
    answer_id: str = attrs.field(factory=lambda: str(uuid.uuid4()))
    created: datetime = attrs.field(factory=lambda: datetime.now(timezone.utc))

    async def finish(self) -> GetChatCompletionResponse:
        """Let all outputs come to their ends, and return the whole answer."""
        for choice in self.choices:
            while await choice.advance() is not None:
                pass
        return self.response()

    async def chunks(self) -> AsyncIterator[GetChatCompletionChunk]:
        """Stream the outputs side by side, token by token; calls of tools come in one piece."""
        request = self.ask.request
        verbose = IncludeOption.INCLUDE_OPTION_VERBOSE_STREAMING in request.include
        running = list(self.choices)
        while running:
            for choice in list(running):
                first = choice.reply.count == 0
                piece = await choice.advance()
                if piece is None:
                    running.remove(choice)
                    yield self._last(choice)
                    continue
                delta = Delta(role=_ROLE)
                output = CompletionOutputChunk(delta=delta, index=choice.index)
                if choice.in_words:
                    delta.content = piece.text
                    if request.logprobs:
                        output.logprobs = choice.logprobs([piece], first=first)
                if verbose or (choice.in_words and (piece.text or request.logprobs)):
                    yield self._chunk(output)

    def response(self) -> GetChatCompletionResponse:
        """Return the whole answer, once all outputs have ended."""
        request = self.ask.request
        return GetChatCompletionResponse(
            id=self.answer_id,
            outputs=[choice.output(logprobs=request.logprobs) for choice in self.choices],
            created=self.created,
            model=self.model_name,
            system_fingerprint=self.system_fingerprint,
            usage=self.usage(),
            settings=_settings(request),
            service_tier=_tier(request),
        )

    def usage(self) -> SamplingUsage:
        """Return what the answer has cost so far."""
        spent = sum(choice.reply.count for choice in self.choices)
        return make_usage(self.ask.prompt, spent, self.cached)

    def _last(self, choice: Choice) -> GetChatCompletionChunk:
        delta = Delta(role=_ROLE, tool_calls=choice.calls)
        return self._chunk(
            CompletionOutputChunk(
                delta=delta, index=choice.index, finish_reason=choice.finish_reason
            )
        )

    def _chunk(self, output: CompletionOutputChunk) -> GetChatCompletionChunk:
        return GetChatCompletionChunk(
            id=self.answer_id,
            outputs=[output],
            created=self.created,
            model=self.model_name,
            system_fingerprint=self.system_fingerprint,
            usage=self.usage(),
            service_tier=_tier(self.ask.request),
        )


def make_usage(prompt: Sequence[int], completion: int, cached: int = 0) -> SamplingUsage:
    """Return what a prompt and the answer to it cost, in tokens and in money.

    Args:
        prompt: The tokens of the prompt.
        completion: How many tokens the answer has.
        cached: How many tokens of the prompt were seen before.
    """
    images = sum(token_id == IMAGE for token_id in prompt)
    text = len(prompt) - images
    cached = min(cached, text)
    return SamplingUsage(
        completion_tokens=completion,
        prompt_tokens=len(prompt),
        total_tokens=len(prompt) + completion,
        prompt_text_tokens=text,
        cached_prompt_text_tokens=cached,
        prompt_image_tokens=images,
        cost_in_usd_ticks=(text - cached) * PROMPT_PRICE
        + cached * CACHED_PRICE
        + images * IMAGE_TOKEN_PRICE
        + completion * COMPLETION_PRICE,
    )


def _tier(request: GetCompletionsRequest) -> ServiceTier:
    return request.service_tier or ServiceTier.SERVICE_TIER_DEFAULT


def _settings(request: GetCompletionsRequest) -> RequestSettings:
    settings = RequestSettings(
        parallel_tool_calls=request.parallel_tool_calls is not False,
        temperature=DEFAULT_TEMPERATURE if request.temperature is None else request.temperature,
        top_p=DEFAULT_TOP_P if request.top_p is None else request.top_p,
        tools=request.tools,
        user=request.user,
        store_messages=request.store_messages,
        use_encrypted_content=request.use_encrypted_content,
        include=request.include,
    )
    for name in _ECHOED:
        setattr(settings, name, getattr(request, name))
    for name in _ECHOED_MESSAGES:
        if request.is_set(name):
            setattr(settings, name, getattr(request, name))
    return settings

"""Responses of v1's chat while they are sampled: outputs, chunks, usage and cost."""

import copy
import math
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
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
    InlineCitation,
    LogProb,
    LogProbs,
    MessageRole,
    RequestSettings,
    ToolCall,
    TopLogProb,
)
from xai.proto.xai_api.sample import FinishReason
from xai.proto.xai_api.usage import SamplingUsage, ServiceTier
from xai.testing.engine.dialogue import Reply, TokenText
from xai.testing.engine.tokenizer import IMAGE, Tokenizer
from xai.testing.v1.chat_request import DEFAULT_TEMPERATURE, DEFAULT_TOP_P, ParsedRequest
from xai.testing.v1.models import (
    CACHED_PRICE,
    COMPLETION_PRICE,
    IMAGE_TOKEN_PRICE,
    PROMPT_PRICE,
    SEARCH_PRICE,
)
from xai.testing.v1.reasoning import Reasoning
from xai.testing.v1.server_tools import ToolRun

_ROLE = MessageRole.ROLE_ASSISTANT
_REASONS = {"stop": FinishReason.REASON_STOP, "length": FinishReason.REASON_MAX_LEN}
_ECHOED = ("max_tokens", "previous_response_id", "reasoning_effort")
_ECHOED_MESSAGES = ("response_format", "tool_choice", "search_parameters")


class Choice:
    """One output of a response.

    Args:
        index: Which output it is, the steps before it left out.
        reply: Samples the text of the output, or the text of its tool calls.
        calls: The tool calls of the output; empty when it is a text.
        tokenizer: The tokenizer of the model.
    """

    def __init__(
        self, index: int, reply: Reply, calls: Sequence[ToolCall], tokenizer: Tokenizer
    ) -> None:
        self.index = index
        self.reply = reply
        self._planned = list(calls)
        self._tokenizer = tokenizer
        self._token_texts: list[TokenText] = []

    async def advance(self) -> TokenText | None:
        """Sample the next token; return None after the last."""
        try:
            token_text = await self.reply.__anext__()
        except StopAsyncIteration:
            return None
        self._token_texts.append(token_text)
        return token_text

    @property
    def in_words(self) -> bool:
        """Whether the output is a text, not tool calls."""
        return not self._planned

    @property
    def calls(self) -> list[ToolCall]:
        """The tool calls; none if there was no room for all of them."""
        return self._planned if self.reply.finish_reason == "stop" else []

    @property
    def finish_reason(self) -> FinishReason:
        """Why the output ended."""
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
            output.logprobs = self.logprobs(self._token_texts, first=True)
        return output

    def logprobs(self, token_texts: Sequence[TokenText], *, first: bool) -> LogProbs:
        """Return the log probabilities of tokens, whose texts join to the content.

        Args:
            token_texts: The tokens and their texts.
            first: Whether they are the start of the content, where a leading space is dropped.
        """
        content = []
        for number, token_text in enumerate(token_texts):
            begins = first and number == 0 and not self.reply.raw
            text, data = self._written(token_text.token.token_id, begins=begins)
            top = []
            for token_id, prob in token_text.token.top_k:
                other, raw = self._written(token_id, begins=begins)
                top.append(TopLogProb(token=other, logprob=math.log(prob), bytes=raw))
            logprob = math.log(token_text.token.prob)
            content.append(LogProb(token=text, logprob=logprob, bytes=data, top_logprobs=top))
        return LogProbs(content=content)

    def _written(self, token_id: int, *, begins: bool) -> tuple[str, bytes]:
        data = self._tokenizer.token_bytes(token_id)
        if begins:
            data = data.removeprefix(b" ")
        # Tokens that stand for no text, such as the end, are shown by their names.
        return (data.decode("utf-8", "replace") or self._tokenizer.strings[token_id]), data


@attrs.define(eq=False)
class Completion:
    """All outputs of one response, which are sampled on demand.

    Attributes:
        parsed: The parsed request.
        choices: The outputs.
        model_name: The name of the model.
        system_fingerprint: Identifies the server's configuration.
        cached: How many tokens of the prompt were read for a stored completion already.
        reasoning: What the model thinks before each output, if it does.
        runs: The calls of the server's own tools, which come before the outputs.
    """

    parsed: ParsedRequest
    choices: list[Choice]
    model_name: str
    system_fingerprint: str
    cached: int = 0
    reasoning: Reasoning | None = None
    runs: Sequence[ToolRun] = ()
    completion_id: str = attrs.field(factory=lambda: str(uuid.uuid4()))
    created: datetime = attrs.field(factory=lambda: datetime.now(timezone.utc))

    async def finish(self) -> GetChatCompletionResponse:
        """Sample all outputs to their end, and return the whole response."""
        for choice in self.choices:
            while await choice.advance() is not None:
                pass
        return self.response()

    async def chunks(self) -> AsyncIterator[GetChatCompletionChunk]:
        """Stream the outputs side by side, token by token; tool calls come as a whole."""
        request = self.parsed.request
        verbose = IncludeOption.INCLUDE_OPTION_VERBOSE_STREAMING in request.include
        for step in self._steps():
            yield self._chunk(_as_chunk(step))
        for delta, index in self._thoughts():
            yield self._chunk(CompletionOutputChunk(delta=delta, index=index))
        running = list(self.choices)
        while running:
            for choice in list(running):
                first = choice.reply.count == 0
                token_text = await choice.advance()
                if token_text is None:
                    running.remove(choice)
                    yield self._last(choice)
                    continue
                delta = Delta(role=_ROLE)
                index = self._first + choice.index
                output = CompletionOutputChunk(delta=delta, index=index)
                if choice.in_words:
                    delta.content = token_text.text
                    if request.logprobs:
                        output.logprobs = choice.logprobs([token_text], first=first)
                if verbose or (choice.in_words and (token_text.text or request.logprobs)):
                    yield self._chunk(output)

    def response(self) -> GetChatCompletionResponse:
        """Return the whole response, once all outputs have ended."""
        request = self.parsed.request
        response = GetChatCompletionResponse(
            id=self.completion_id,
            outputs=[*self._steps(), *map(self._output, self.choices)],
            created=self.created,
            model=self.model_name,
            system_fingerprint=self.system_fingerprint,
            usage=self.usage(),
            citations=self._citations(),
            settings=_settings(request),
            service_tier=_tier(request),
        )
        if self.reasoning is not None:
            for output in response.outputs[-len(self.choices) :]:
                output.message.reasoning_content = self.reasoning.text
                output.message.encrypted_content = self.reasoning.encrypted
        return response

    def _thoughts(self) -> Iterator[tuple[Delta, int]]:
        """Return the reasoning in parts, with the output that each is for."""
        if self.reasoning is None:
            return
        for choice in self.choices:
            index = self._first + choice.index
            for sentence in self.reasoning.sentences:
                yield Delta(role=_ROLE, reasoning_content=sentence), index
            if self.reasoning.encrypted:
                yield Delta(role=_ROLE, encrypted_content=self.reasoning.encrypted), index

    def usage(self) -> SamplingUsage:
        """Return the usage so far."""
        spent = sum(choice.reply.count for choice in self.choices)
        usage = make_usage(self.parsed.prompt, spent, self.cached)
        if self.reasoning is not None:
            usage.reasoning_tokens = self.reasoning.count * len(self.choices)
            usage.total_tokens += usage.reasoning_tokens
            cost = usage.reasoning_tokens * COMPLETION_PRICE
            usage.cost_in_usd_ticks = (usage.cost_in_usd_ticks or 0) + cost
        usage.server_side_tools_used = [run.tool for run in self.runs]
        usage.cost_in_usd_ticks = (usage.cost_in_usd_ticks or 0) + SEARCH_PRICE * len(self.runs)
        return usage

    @property
    def _first(self) -> int:
        """The index of the first choice: each run of a tool is two outputs."""
        return 2 * len(self.runs)

    def _steps(self) -> list[CompletionOutput]:
        include = self.parsed.request.include
        steps = [output for run in self.runs for output in run.outputs(include)]
        for index, step in enumerate(steps):
            step.index = index
        return steps

    def _output(self, choice: Choice) -> CompletionOutput:
        output = choice.output(logprobs=self.parsed.request.logprobs)
        output.index = self._first + choice.index
        marks, citations = self._inline(choice)
        output.message.content += marks
        output.message.citations = citations
        return output

    def _citations(self) -> list[str]:
        return list(dict.fromkeys(found.url for run in self.runs for found in run.found))

    def _inline(self, choice: Choice) -> tuple[str, list[InlineCitation]]:
        """Return what goes behind the text of a choice to name its sources, and where it is."""
        wanted = IncludeOption.INCLUDE_OPTION_INLINE_CITATIONS in self.parsed.request.include
        if not wanted or not choice.in_words:
            return "", []
        place = len(choice.reply.text)
        marks, citations = "", []
        for number, found in enumerate((each for run in self.runs for each in run.found), 1):
            mark = f"[[{number}]]({found.url})"
            citation = copy.copy(found.citation)
            citation.id = str(number)
            citation.start_index = place + len(marks)
            citation.end_index = citation.start_index + len(mark)
            marks += mark
            citations.append(citation)
        return marks, citations

    def _last(self, choice: Choice) -> GetChatCompletionChunk:
        marks, citations = self._inline(choice)
        delta = Delta(role=_ROLE, content=marks, tool_calls=choice.calls, citations=citations)
        index = self._first + choice.index
        chunk = self._chunk(
            CompletionOutputChunk(delta=delta, index=index, finish_reason=choice.finish_reason)
        )
        chunk.citations = self._citations()
        return chunk

    def _chunk(self, output: CompletionOutputChunk) -> GetChatCompletionChunk:
        return GetChatCompletionChunk(
            id=self.completion_id,
            outputs=[output],
            created=self.created,
            model=self.model_name,
            system_fingerprint=self.system_fingerprint,
            usage=self.usage(),
            service_tier=_tier(self.parsed.request),
        )


def _as_chunk(output: CompletionOutput) -> CompletionOutputChunk:
    message = output.message
    delta = Delta(role=message.role, content=message.content, tool_calls=message.tool_calls)
    return CompletionOutputChunk(
        delta=delta, index=output.index, finish_reason=output.finish_reason
    )


def make_usage(prompt: Sequence[int], completion: int, cached: int = 0) -> SamplingUsage:
    """Return the usage of a prompt and its response: tokens and cost.

    Args:
        prompt: The tokens of the prompt.
        completion: The number of tokens in the response.
        cached: The number of tokens in the prompt that were read before.
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

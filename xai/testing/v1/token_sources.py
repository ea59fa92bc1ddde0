"""What the local server's model says to a request of today's API, as tokens; pure."""

import json
import random
import re
from collections.abc import Iterator, Sequence

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.xai_api.chat import FormatType, ResponseFormat
from xai.testing.engine.dialogue import TokenSource
from xai.testing.engine.json_mode import JsonGeneration
from xai.testing.engine.model import IndexedPrompt, LanguageModel, SampledToken
from xai.testing.v1.chat_request import ParsedRequest
from xai.testing.v1.prompt_facts import PromptEntities
from xai.testing.v1.schema_validation import MalformedSchemaError
from xai.testing.v1.schema_values import SchemaSampler, UnsatisfiableError

_PHRASE, _PHRASES = 12, 100
_FORMATS = (
    FormatType.FORMAT_TYPE_INVALID,
    FormatType.FORMAT_TYPE_TEXT,
    FormatType.FORMAT_TYPE_JSON_OBJECT,
    FormatType.FORMAT_TYPE_JSON_SCHEMA,
)


class Written(Iterator[SampledToken]):
    """Tokens of a text that is settled: each has the probability 1.

    Args:
        ids: The tokens.
        max_len: How many of them there may be.
        top_k: How many of the likeliest tokens to report; there is only one.

    Attributes:
        finish_reason: ``stop`` or ``length`` when there are no more tokens, else empty.
    """

    def __init__(self, ids: Sequence[int], max_len: int | None, top_k: int) -> None:
        self.finish_reason = ""
        self._ids = iter(ids if max_len is None else ids[:max_len])
        self._end = "stop" if max_len is None or len(ids) <= max_len else "length"
        self._top_k = top_k

    def __next__(self) -> SampledToken:
        """Return the next token."""
        for token_id in self._ids:
            return SampledToken(token_id, 1.0, [(token_id, 1.0)][: self._top_k], [])
        self.finish_reason = self._end
        raise StopIteration


def check_format(response_format: ResponseFormat) -> None:
    """Refuse a form of answers that is not known.

    Raises:
        GRPCError: It is not.
    """
    if response_format.format_type not in _FORMATS:
        text = f"response_format.format_type is unknown: {int(response_format.format_type)}."
        raise GRPCError(Status.INVALID_ARGUMENT, text)


def stops_of(ask: ParsedRequest) -> Sequence[str]:
    """Return the strings that end an answer in words."""
    form = ask.request.response_format.format_type
    if form == FormatType.FORMAT_TYPE_JSON_OBJECT:
        # There they end the value, and the object is closed behind it.
        return ()
    return ask.request.stop if form == FormatType.FORMAT_TYPE_JSON_SCHEMA else ask.stops


def source_of(
    model: LanguageModel, ask: ParsedRequest, prompt: IndexedPrompt, index: int
) -> TokenSource:
    """Return the tokens of one choice.

    Args:
        model: The model.
        ask: The request.
        prompt: Its prompt.
        index: Which choice it is.

    Raises:
        GRPCError: The schema of the answer makes no sense, or can't be satisfied.
    """
    # Each choice has a seed of its own, or all of them would be the same.
    options = attrs.evolve(ask.options, rng_seed=ask.options.rng_seed + index)
    ask = attrs.evolve(ask, options=options)
    form = ask.request.response_format
    if form.format_type == FormatType.FORMAT_TYPE_JSON_OBJECT:
        # The rule about the first token is the value's own there.
        return JsonGeneration(model, prompt, attrs.evolve(options, not_first=()), ask.stops)
    if form.format_type == FormatType.FORMAT_TYPE_JSON_SCHEMA:
        return written(model, ask, _filled(model, ask, prompt))
    return model.sample(prompt, options)


def written(model: LanguageModel, ask: ParsedRequest, text: str) -> Written:
    """Return a text that is settled as tokens, within the limit of the request."""
    ids = model.tokenizer.tokenize(text)
    return Written(ids, ask.request.max_tokens, ask.options.top_k)


def _filled(model: LanguageModel, ask: ParsedRequest, prompt: IndexedPrompt) -> str:
    try:
        schema = json.loads(ask.request.response_format.schema or "")
    except (ValueError, RecursionError) as error:
        text = f"response_format.schema is no JSON: {error}"
        raise GRPCError(Status.INVALID_ARGUMENT, text) from error
    seeds = random.Random(ask.options.rng_seed)  # noqa: S311 - it has to be repeatable
    said: list[str] = []

    def say() -> str:
        """Return what the model says in a line, anew each time as long as that is no burden."""
        if len(said) >= _PHRASES:
            return seeds.choice(said)
        options = attrs.evolve(
            ask.options,
            max_len=_PHRASE,
            rng_seed=seeds.getrandbits(32),
            stop_tokens=("\n",),
            top_k=0,
        )
        ids = [token.token_id for token in model.sample(prompt, options)]
        said.append(model.tokenizer.detokenize(ids).strip())
        return said[-1]

    try:
        value = SchemaSampler(schema, PromptEntities(ask.last_words()), seeds, say).fill()
    except MalformedSchemaError as error:
        raise GRPCError(Status.INVALID_ARGUMENT, f"response_format.schema: {error}") from error
    except UnsatisfiableError as error:
        text = f"response_format.schema can't be satisfied: {error}"
        raise GRPCError(Status.UNIMPLEMENTED, text) from error
    # A schema may ask for half a surrogate pair, which has no other form than this.
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if re.search("[\ud800-\udfff]", text) else text

"""Where the tokens of a v1 response come from: the model, a JSON grammar, or a fixed text; pure."""

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
from xai.testing.v1.schema_errors import MalformedSchemaError
from xai.testing.v1.schema_values import SchemaSampler, UnsatisfiableError

_PHRASE, _PHRASES = 12, 100
_FORMATS = (
    FormatType.FORMAT_TYPE_INVALID,
    FormatType.FORMAT_TYPE_TEXT,
    FormatType.FORMAT_TYPE_JSON_OBJECT,
    FormatType.FORMAT_TYPE_JSON_SCHEMA,
)


class FixedTokens(Iterator[SampledToken]):
    """Tokens of a fixed text, each with the probability 1.

    Args:
        ids: The tokens.
        max_len: The largest number of them, or None for all.
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
    """Refuse an unknown response format.

    Raises:
        GRPCError: The format is unknown.
    """
    if response_format.format_type not in _FORMATS:
        text = f"response_format.format_type is unknown: {int(response_format.format_type)}."
        raise GRPCError(Status.INVALID_ARGUMENT, text)


def stops_of(parsed: ParsedRequest) -> Sequence[str]:
    """Return the stop strings of a text."""
    form = parsed.request.response_format.format_type
    if form == FormatType.FORMAT_TYPE_JSON_OBJECT:
        # In a JSON object they end the string in it, and the object is closed after that.
        return ()
    return parsed.request.stop if form == FormatType.FORMAT_TYPE_JSON_SCHEMA else parsed.stops


def source_of(
    model: LanguageModel, parsed: ParsedRequest, prompt: IndexedPrompt, index: int
) -> TokenSource:
    """Return the source of tokens of one choice.

    Args:
        model: The model.
        parsed: The parsed request.
        prompt: The prompt of the request.
        index: Which choice it is.

    Raises:
        GRPCError: The schema of the answer makes no sense, or can't be satisfied.
    """
    # Each choice has a seed of its own; with the same one all choices would be equal.
    options = attrs.evolve(parsed.options, rng_seed=parsed.options.rng_seed + index)
    parsed = attrs.evolve(parsed, options=options)
    form = parsed.request.response_format
    if form.format_type == FormatType.FORMAT_TYPE_JSON_OBJECT:
        # Which tokens may come first is decided for the string in the object.
        return JsonGeneration(model, prompt, attrs.evolve(options, not_first=()), parsed.stops)
    if form.format_type == FormatType.FORMAT_TYPE_JSON_SCHEMA:
        return fixed_tokens(model, parsed, _filled(model, parsed, prompt))
    return model.sample(prompt, options)


def fixed_tokens(model: LanguageModel, parsed: ParsedRequest, text: str) -> FixedTokens:
    """Return the tokens of a fixed text, up to the limit of the request."""
    ids = model.tokenizer.tokenize(text)
    return FixedTokens(ids, parsed.request.max_tokens, parsed.options.top_k)


def _filled(model: LanguageModel, parsed: ParsedRequest, prompt: IndexedPrompt) -> str:
    try:
        schema = json.loads(parsed.request.response_format.schema or "")
    except (ValueError, RecursionError) as error:
        text = f"response_format.schema is no JSON: {error}"
        raise GRPCError(Status.INVALID_ARGUMENT, text) from error
    seeds = random.Random(parsed.options.rng_seed)  # noqa: S311 - it has to be repeatable
    lines: list[str] = []

    def sample_line() -> str:
        """Sample a line of text; after many of them return one that was sampled before."""
        if len(lines) >= _PHRASES:
            return seeds.choice(lines)
        options = attrs.evolve(
            parsed.options,
            max_len=_PHRASE,
            rng_seed=seeds.getrandbits(32),
            stop_tokens=("\n",),
            top_k=0,
        )
        ids = [token.token_id for token in model.sample(prompt, options)]
        lines.append(model.tokenizer.detokenize(ids).strip())
        return lines[-1]

    try:
        entities = PromptEntities(parsed.last_words())
        value = SchemaSampler(schema, entities, seeds, sample_line, complete=True).fill()
    except MalformedSchemaError as error:
        raise GRPCError(Status.INVALID_ARGUMENT, f"response_format.schema: {error}") from error
    except UnsatisfiableError as error:
        text = f"response_format.schema can't be satisfied: {error}"
        raise GRPCError(Status.UNIMPLEMENTED, text) from error
    # Half a surrogate pair, which a schema may require, can only be written as an escape.
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if re.search("[\ud800-\udfff]", text) else text

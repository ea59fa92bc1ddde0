"""What the local server's model says to a request of today's API, as tokens; pure."""

import json
import random
from collections.abc import Iterator, Sequence

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.xai_api.chat import FormatType, ResponseFormat
from xai.testing.dialogue import TokenSource
from xai.testing.json_mode import JsonGeneration
from xai.testing.model import LanguageModel, SampledToken
from xai.testing.v1.facts import Facts
from xai.testing.v1.forms import FormFiller, UnsatisfiableError
from xai.testing.v1.request import Ask

_PHRASE = 12
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


def is_json(response_format: ResponseFormat) -> bool:
    """Tell whether an answer has to be JSON."""
    return response_format.format_type in _FORMATS[2:]


def source_of(model: LanguageModel, ask: Ask, index: int) -> TokenSource:
    """Return the tokens of one choice.

    Raises:
        GRPCError: The format of the answer makes no sense, or can't be kept to.
    """
    # Each choice has a seed of its own, or all of them would be the same.
    options = attrs.evolve(ask.options, rng_seed=ask.options.rng_seed + index)
    ask = attrs.evolve(ask, options=options)
    form = ask.request.response_format
    if form.format_type not in _FORMATS:
        text = f"response_format.format_type is unknown: {int(form.format_type)}."
        raise GRPCError(Status.INVALID_ARGUMENT, text)
    if form.format_type == FormatType.FORMAT_TYPE_JSON_OBJECT:
        # The rule about the first token is the value's own there.
        return JsonGeneration(model, ask.prompt, attrs.evolve(options, not_first=()), ask.stops)
    if form.format_type == FormatType.FORMAT_TYPE_JSON_SCHEMA:
        return written(model, ask, _filled(model, ask, form))
    return model.sample(ask.prompt, options)


def written(model: LanguageModel, ask: Ask, text: str) -> Written:
    """Return a text that is settled as tokens, within the limit of the request."""
    ids = model.tokenizer.tokenize(text)
    return Written(ids, ask.request.max_tokens, ask.options.top_k)


def _filled(model: LanguageModel, ask: Ask, form: ResponseFormat) -> str:
    try:
        schema = json.loads(form.schema or "")
    except ValueError as error:
        text = f"response_format.schema is no JSON: {error}"
        raise GRPCError(Status.INVALID_ARGUMENT, text) from error
    seeds = random.Random(ask.options.rng_seed)  # noqa: S311 - it has to be repeatable

    def say() -> str:
        """Return what the model says in a line, anew each time."""
        options = attrs.evolve(
            ask.options,
            max_len=_PHRASE,
            rng_seed=seeds.getrandbits(32),
            stop_tokens=("\n",),
            top_k=0,
        )
        ids = [token.token_id for token in model.sample(ask.prompt, options)]
        return model.tokenizer.detokenize(ids).strip()

    try:
        value = FormFiller(schema, Facts(ask.last_words()), seeds, say).fill()
    except UnsatisfiableError as error:
        text = f"response_format.schema can't be satisfied: {error}"
        raise GRPCError(Status.UNIMPLEMENTED, text) from error
    return json.dumps(value, ensure_ascii=False)

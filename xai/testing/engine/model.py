"""The embedded language model: the longest context seen before decides what comes next; pure.

The model has read the built-in text and reads the prompt. To predict a token it looks up every
place where the last tokens occurred before. What followed there gets a share of the probability
that grows with the length of the match; the rest goes to shorter matches and in the end to plain
frequencies (interpolated backing off after Witten and Bell). So the numbers are a distribution over
the whole vocabulary, nothing is canned, and nothing but two special tokens is impossible.
"""

import functools
import math
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import attrs

from xai.testing.engine.corpus import DOCUMENTS
from xai.testing.engine.distribution import Base, Chooser, Merged, share
from xai.testing.engine.tokenizer import EOS, IMAGE, PAD, Tokenizer

# Longer matches than this are as good as certain, and comparing them costs time.
_MAX_MATCH = 24
# Only the latest places in the prompt are looked at, or "a a a a …" would cost quadratic time.
_MAX_PLACES = 24
_UNSEEN_PIECE = 0.05
_UNSEEN_BYTE = 0.0005
#: Together, since each is compared with every token that is drawn.
MAX_STOP_CHARACTERS: Final = 10_000
#: More tokens are never drawn, whatever is asked for: memory and time have an end.
MAX_OUTPUT_LENGTH: Final = 1_048_576


@attrs.frozen
class SampleOptions:
    """How to sample.

    Attributes:
        max_len: The largest number of tokens; 0 gives none.
        temperature: 0 always takes the likeliest token.
        nucleus_p: Only the likeliest tokens that make up this much probability are drawn from.
        rng_seed: The same seed and the same request give the same tokens.
        stop_tokens: Tokens, written out, that end the output without being part of it.
        stop_strings: Strings that end the output and are part of it; they may span tokens.
        allowed_tokens: The only tokens that may be drawn, written out or by ID; empty: all.
        disallowed_tokens: Tokens that are never drawn, written out or by ID.
        return_attention: Whether to say what each prediction rests on.
        top_k: How many of the likeliest tokens to report at each position.
        logit_bias: What to add to the logarithm of a token's probability, by ID.
        frequency_penalty: What a token loses there for each time it was drawn.
        presence_penalty: What a token loses there for having been drawn at all.
        not_first: IDs of tokens that the output can't begin with.
    """

    max_len: int = 256
    temperature: float = 0.7
    nucleus_p: float = 0.95
    rng_seed: int = 0
    stop_tokens: Sequence[str] = ()
    stop_strings: Sequence[str] = ()
    allowed_tokens: Sequence[str | int] = ()
    disallowed_tokens: Sequence[str | int] = ()
    return_attention: bool = False
    top_k: int = 8
    logit_bias: Mapping[int, float] = attrs.field(factory=dict)
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    not_first: Sequence[int] = ()

    def __attrs_post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if self.max_len < 0:
            raise ValueError(f"max_len must not be negative, got {self.max_len}.")
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            raise ValueError(f"temperature must be a number of 0 or more, got {self.temperature}.")
        if not 0 <= self.nucleus_p <= 1:
            raise ValueError(f"nucleus_p must be between 0 and 1, got {self.nucleus_p}.")
        if self.allowed_tokens and self.disallowed_tokens:
            raise ValueError("allowed_tokens and disallowed_tokens must not be given together.")
        if sum(map(len, self.stop_strings)) > MAX_STOP_CHARACTERS:
            raise ValueError(f"stop_strings must have {MAX_STOP_CHARACTERS:,} characters in all.")


@attrs.frozen
class SampledToken:
    """One token that the model produced.

    Attributes:
        token_id: Its number in the vocabulary.
        prob: The model's probability for it, with bias and penalties, before temperature and
            nucleus narrow the choice.
        top_k: The likeliest tokens at this position with their probabilities.
        attention: The weight of every earlier position; empty unless asked for.
    """

    token_id: int
    prob: float
    top_k: list[tuple[int, float]]
    attention: list[float]


@attrs.frozen(eq=False)
class IndexedPrompt:
    """A prompt in which the model can look up where a token occurred; outputs may share it.

    Attributes:
        ids: The tokens.
        places: The last positions that follow each token, except the end of the prompt.
    """

    ids: Sequence[int]
    places: Mapping[int, Sequence[int]]


@attrs.define
class _Match:
    """A place where the context occurred before: how many tokens agree, and what followed."""

    length: int
    following: int
    # Position of the token that followed, when the place is in the caller's own text.
    place: int = -1


class LanguageModel:
    """A small language model over a text that it has read once.

    Args:
        documents: What the model reads; at the end of each it learns to stop.
    """

    def __init__(self, documents: Sequence[str] = DOCUMENTS) -> None:
        self.tokenizer = Tokenizer("".join(documents))
        ids = [EOS]
        for document in documents:
            ids += self.tokenizer.tokenize(document)
            ids.append(EOS)
        self._ids = ids
        self._after_pair: dict[tuple[int, int], list[int]] = {}
        self._after_one: dict[int, Counter[int]] = {}
        for place in range(1, len(ids)):
            self._after_one.setdefault(ids[place - 1], Counter())[ids[place]] += 1
            if place > 1:
                self._after_pair.setdefault((ids[place - 2], ids[place - 1]), []).append(place)
        self._base = self._unmasked()

    def index(self, prompt: Sequence[int]) -> IndexedPrompt:
        """Return a prompt with an index, for sampling several outputs from it.

        Raises:
            ValueError: A token ID isn't in the vocabulary.
        """
        self.check_ids(prompt)
        places: dict[int, deque[int]] = {}
        # What the last token is followed by is not known yet.
        for place, token_id in enumerate(prompt[:-1], 1):
            if token_id not in places:
                places[token_id] = deque(maxlen=_MAX_PLACES)
            places[token_id].append(place)
        return IndexedPrompt(prompt, {token_id: list(last) for token_id, last in places.items()})

    def sample(
        self, prompt: "Sequence[int] | IndexedPrompt", options: SampleOptions
    ) -> "Generation":
        """Return the continuation of a prompt, token by token.

        Raises:
            ValueError: A token ID isn't in the vocabulary, or no token may be drawn.
        """
        return Generation(self, prompt, options)

    def check_ids(self, ids: Sequence[int]) -> None:
        """Refuse token IDs that are not in the vocabulary."""
        for token_id in ids:
            if not 0 <= token_id < len(self.tokenizer):
                raise ValueError(
                    f"Token ID {token_id} is not in the vocabulary of {len(self.tokenizer)}."
                )

    def predict(
        self, context: Sequence[int], prompt: IndexedPrompt
    ) -> tuple[dict[int, float], float, list[_Match]]:
        """Return what may follow a context.

        Args:
            context: The tokens so far, or the end of them.
            prompt: What the context begins with.

        Returns:
            Sparse probabilities, the weight of the plain frequencies that has to be added to
            them, and the matches that they rest on, longest first.
        """
        matches = self._find(context, prompt)
        sparse: dict[int, float] = {}
        rest = 1.0
        counts: dict[int, int] = {}
        total = 0
        for number, match in enumerate(matches):
            counts[match.following] = counts.get(match.following, 0) + 1
            total += 1
            if number + 1 < len(matches) and matches[number + 1].length == match.length:
                continue
            rest = share(sparse, counts, total * match.length, rest, match.length)
        after = self._after_one.get(context[-1] if context else EOS)
        if after is not None:
            rest = share(sparse, after, sum(after.values()), rest, 1)
        return sparse, rest, matches

    def base(self, options: SampleOptions) -> Base:
        """Return the plain frequencies over the tokens that a caller lets the model draw."""
        if not options.allowed_tokens and not options.disallowed_tokens:
            return self._base
        if options.allowed_tokens:
            drawable = self._resolve(options.allowed_tokens)
        else:
            drawable = set(range(len(self.tokenizer))) - self._resolve(options.disallowed_tokens)
        if not drawable:
            raise ValueError("The vocabulary has none of the tokens that may be drawn.")
        order = [token_id for token_id in self._base.order if token_id in drawable]
        order += sorted(drawable.difference(order))
        mass = sum(self._base.probs[token_id] for token_id in order)
        probs = [0.0] * len(self.tokenizer)
        for token_id in order:
            probs[token_id] = self._base.probs[token_id] / mass if mass else 1 / len(order)
        return Base(probs, order, frozenset(order), mass)

    def distribution(self, prompt: Sequence[int], options: SampleOptions) -> list[float]:
        """Return the probability of every token of the vocabulary to follow a prompt."""
        merged = Generation(self, prompt, options).merged()[0]
        return [merged.prob(token_id) for token_id in range(len(self.tokenizer))]

    def _unmasked(self) -> Base:
        size = len(self.tokenizer)
        weights = [_UNSEEN_PIECE] * size
        for token_id in range(size):
            if token_id in (PAD, IMAGE):
                weights[token_id] = 0.0
            elif IMAGE < token_id <= IMAGE + 256:
                # Seldom drawn: single bytes hardly ever make up a character.
                weights[token_id] = _UNSEEN_BYTE
        for token_id, count in Counter(self._ids).items():
            weights[token_id] += count
        mass = sum(weights)
        probs = [weight / mass for weight in weights]
        order = sorted(range(size), key=lambda token_id: (-probs[token_id], token_id))
        return Base(probs, [token_id for token_id in order if probs[token_id] > 0])

    def _resolve(self, tokens: Sequence[str | int]) -> set[int]:
        ids = [token for token in tokens if isinstance(token, int)]
        self.check_ids(ids)
        found = set(ids)
        for token in tokens:
            if isinstance(token, str):
                token_id = self.tokenizer.find(token)
                # Callers send every string with and without the marker; not all of them exist.
                if token_id is not None:
                    found.add(token_id)
        return found

    def _find(self, context: Sequence[int], prompt: IndexedPrompt) -> list[_Match]:
        """Return the places where the end of the context occurred before, longest match first."""
        if not context:
            return []
        last = context[-1]
        before = context[-2] if len(context) > 1 else EOS
        text = self._ids
        # A prompt is read like the beginning of a document.
        tail = [EOS, *context[-_MAX_MATCH:]] if len(context) < _MAX_MATCH else context
        matches = [
            _Match(_agreement(text, place, tail), text[place])
            for place in self._after_pair.get((before, last), ())
        ]
        matches += [
            _Match(_agreement(prompt.ids, place, context), prompt.ids[place], place)
            for place in prompt.places.get(last, ())
        ]
        matches.sort(key=lambda match: -match.length)
        return matches


def _agreement(text: Sequence[int], place: int, tail: Sequence[int]) -> int:
    """Return how many tokens before a place agree with the end of the tail."""
    limit = min(place, len(tail), _MAX_MATCH)
    length = 0
    while length < limit and text[place - 1 - length] == tail[-1 - length]:
        length += 1
    return length


class Generation(Iterator[SampledToken]):
    """The tokens that the model adds to a prompt, drawn when asked for.

    Attributes:
        finish_reason: ``stop`` or ``length`` when there are no more tokens, else empty.
        prompt: What it continues.
    """

    def __init__(
        self,
        model: LanguageModel,
        prompt: "Sequence[int] | IndexedPrompt",
        options: SampleOptions,
    ) -> None:
        self.prompt = prompt if isinstance(prompt, IndexedPrompt) else model.index(prompt)
        model.check_ids([*options.logit_bias, *options.not_first])
        self.finish_reason = ""
        self._model = model
        self._options = options
        self._base = model.base(options)
        self._left = min(options.max_len, MAX_OUTPUT_LENGTH)
        self._chooser = Chooser(
            self._base, options.temperature, options.nucleus_p, options.rng_seed
        )
        self._stop_tokens = frozenset(options.stop_tokens)
        stops = [stop.encode("utf-8", "surrogatepass") for stop in options.stop_strings]
        self._stops = [stop for stop in stops if stop]
        self._tail_size = max(map(len, self._stops), default=1) - 1
        self._tail = b""
        # As much as is ever compared. The output isn't indexed, as the prompt is: it would
        # repeat itself for ever.
        self._context = list(self.prompt.ids[-_MAX_MATCH:])
        self._size = len(self.prompt.ids)
        self._drawn: Counter[int] = Counter()

    def __next__(self) -> SampledToken:
        """Draw the next token."""
        if not self.finish_reason and self._left <= 0:
            self.finish_reason = "length"
        if self.finish_reason:
            raise StopIteration
        merged, matches = self.merged()
        token_id = self._chooser.draw(merged)
        if token_id == EOS or self._model.tokenizer.strings[token_id] in self._stop_tokens:
            self.finish_reason = "stop"
            raise StopIteration
        token = SampledToken(
            token_id,
            merged.prob(token_id),
            list(islice(merged, self._options.top_k)),
            self._attend(token_id, matches) if self._options.return_attention else [],
        )
        self._left -= 1
        self._context.append(token_id)
        del self._context[:-_MAX_MATCH]
        self._size += 1
        self._drawn[token_id] += 1
        self._look_for_stop(token_id)
        return token

    def merged(self) -> tuple[Merged, list[_Match]]:
        """Return the distribution of the next token and the matches it rests on."""
        sparse, rest, matches = self._model.predict(self._context, self.prompt)
        sparse, rest = self._base.narrow(sparse, rest)
        merged = Merged(sparse, rest, self._base)
        shifts = self._shifts()
        return (merged.shifted(shifts) if shifts else merged), matches

    def _shifts(self) -> dict[int, float]:
        """Return what bias and penalties add to logarithms of probabilities at this position."""
        options = self._options
        shifts = dict(options.logit_bias)
        if options.frequency_penalty or options.presence_penalty:
            for token_id, count in self._drawn.items():
                penalty = options.presence_penalty + options.frequency_penalty * count
                shifts[token_id] = shifts.get(token_id, 0.0) - penalty
        if not self._drawn:
            shifts.update(dict.fromkeys(options.not_first, -math.inf))
        return shifts

    def _look_for_stop(self, token_id: int) -> None:
        if not self._stops:
            return
        data = self._tail + self._model.tokenizer.token_bytes(token_id)
        if any(stop in data for stop in self._stops):
            self.finish_reason = "stop"
        self._tail = data[max(0, len(data) - self._tail_size) :]

    def _attend(self, token_id: int, matches: list[_Match]) -> list[float]:
        """Spread attention over the longest context that suggested the token.

        Half of it goes to the token that was copied, if that one is in the caller's own text;
        the rest to the agreeing tokens, the nearest the most.
        """
        size = self._size
        if not size:
            return []
        match = next((match for match in matches if match.following == token_id), None)
        length = min(match.length, size) if match is not None and match.length else 1
        weights = [0.0] * size
        for distance in range(1, length + 1):
            weights[size - distance] = 1 / distance
        whole = sum(weights)
        if match is not None and match.place >= 0:
            weights[match.place] += whole
            whole *= 2
        return [weight / whole for weight in weights]


@functools.cache
def default_model() -> LanguageModel:
    """Return the model over the built-in text; it is read once in a process."""
    return LanguageModel()

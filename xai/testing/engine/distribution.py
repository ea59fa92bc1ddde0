"""Distributions over the vocabulary, and drawing from them; pure.

A prediction names few tokens: those that followed the context somewhere. All others keep the
proportions of the plain frequencies. Both parts are kept apart, so that a step costs as much as the
few, not as much as the vocabulary.
"""

import math
import random
from collections.abc import Iterator, Mapping

import attrs


@attrs.frozen
class Base:
    """Plain frequencies over the tokens that may be drawn.

    Attributes:
        probs: Probability by token ID; 0 for tokens that may not be drawn.
        order: The drawable tokens, likeliest first.
        drawable: The same, or None for all that the model ever draws by itself.
        mass: What these tokens have of the frequencies of the whole vocabulary.
    """

    probs: list[float]
    order: list[int]
    drawable: frozenset[int] | None = None
    mass: float = 1.0

    def narrow(self, sparse: dict[int, float], rest: float) -> tuple[dict[int, float], float]:
        """Take out the tokens that may not be drawn and scale the others up to 1."""
        if self.drawable is None:
            return sparse, rest
        kept = {token_id: prob for token_id, prob in sparse.items() if token_id in self.drawable}
        rest *= self.mass
        whole = sum(kept.values()) + rest
        if not whole:
            return {}, 1.0
        return {token_id: prob / whole for token_id, prob in kept.items()}, rest / whole


class Merged:
    """One distribution, from sparse probabilities over plain frequencies, likeliest first."""

    def __init__(self, sparse: dict[int, float], rest: float, base: Base) -> None:
        self.rest = rest
        self._base = base
        self.sparse = sparse
        probs = base.probs
        # Ordered once; ties go to the smaller ID so that greedy sampling is reproducible.
        self.ranked = sorted(
            ((token_id, prob + rest * probs[token_id]) for token_id, prob in sparse.items()),
            key=_likelier,
        )

    def prob(self, token_id: int) -> float:
        """Return the probability of one token."""
        return self.sparse.get(token_id, 0.0) + self.rest * self._base.probs[token_id]

    def shifted(self, shifts: Mapping[int, float]) -> "Merged":
        """Return this distribution with numbers added to logarithms of probabilities.

        Costs as much as the vocabulary. When nothing would be left, nothing is changed.
        """
        scores = {
            token_id: math.log(prob) + shifts.get(token_id, 0.0) for token_id, prob in self if prob
        }
        high = max(scores.values())
        if high == -math.inf:
            return self
        weights = {token_id: math.exp(score - high) for token_id, score in scores.items()}
        whole = math.fsum(weights.values())
        kept = {token_id: weight / whole for token_id, weight in weights.items() if weight}
        # An order of none: whatever isn't among them can't be drawn.
        return Merged(kept, 0.0, Base(self._base.probs, []))

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Go through all tokens that may be drawn, likeliest first."""
        sparse, rest, probs = self.sparse, self.rest, self._base.probs
        others = (t for t in self._base.order if t not in sparse)
        other = next(others, None)
        for item in self.ranked:
            while other is not None and rest * probs[other] > item[1]:
                yield other, rest * probs[other]
                other = next(others, None)
            yield item
        while other is not None:
            yield other, rest * probs[other]
            other = next(others, None)


def _likelier(item: tuple[int, float]) -> tuple[float, int]:
    return -item[1], item[0]


def share(
    sparse: dict[int, float], counts: dict[int, int], total: int, rest: float, factor: int
) -> float:
    """Give one context length its part of the probability and return what is left."""
    whole = total + len(counts)
    scale = rest * factor / whole
    for token_id, count in counts.items():
        sparse[token_id] = sparse.get(token_id, 0.0) + scale * count
    return rest * len(counts) / whole


class Chooser:
    """Draws tokens the way one request asks for.

    Args:
        base: The plain frequencies over what may be drawn.
        temperature: 0 takes the likeliest token.
        nucleus_p: Draws from the likeliest tokens that make up this much probability.
        rng_seed: Equal seeds draw equally.
    """

    def __init__(self, base: Base, temperature: float, nucleus_p: float, rng_seed: int) -> None:
        self._base = base
        self._temperature = temperature
        self._nucleus_p = nucleus_p
        self._random = random.Random(rng_seed)  # noqa: S311 - reproducible, no secret
        self._weights: tuple[list[float], float] | None = None

    def draw(self, merged: Merged) -> int:
        """Draw one token."""
        best, best_prob = next(iter(merged))
        nucleus_p = self._nucleus_p
        if self._temperature == 0 or nucleus_p == 0:
            return best
        power = 1 / self._temperature
        whole = self._whole(merged, best_prob, power)
        if nucleus_p < 1:
            whole = self._nucleus(merged, best_prob, power, nucleus_p * whole)
        point = self._random.random() * whole
        drawn = best
        for drawn, prob in merged:  # noqa: B007 - rounding may leave the last one
            point -= (prob / best_prob) ** power
            if point < 0:
                break
        return drawn

    def _whole(self, merged: Merged, best_prob: float, power: float) -> float:
        """Return the sum of the weights of all tokens, without going through all of them.

        Weights are relative to the best token, so that a small temperature can't make all of
        them 0. Tokens that no match speaks for keep their proportions at every step.
        """
        if self._weights is None:
            top = self._base.probs[self._base.order[0]]
            weights = [(prob / top) ** power for prob in self._base.probs]
            self._weights = weights, math.fsum(weights)
        weights, total = self._weights
        top = self._base.probs[self._base.order[0]]
        for token_id in merged.sparse:
            total -= weights[token_id]
        others: float = max(total, 0.0) * min(merged.rest * top / best_prob, 1.0) ** power
        return others + math.fsum((prob / best_prob) ** power for _, prob in merged.ranked)

    @staticmethod
    def _nucleus(merged: Merged, best_prob: float, power: float, limit: float) -> float:
        """Return the weight of the likeliest tokens that reach a limit together."""
        mass = 0.0
        for _, prob in merged:
            mass += (prob / best_prob) ** power
            if mass >= limit:
                break
        return mass

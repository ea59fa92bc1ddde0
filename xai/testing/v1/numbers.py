"""Numbers that satisfy a JSON schema; pure."""

import math
import random
from collections.abc import Mapping
from typing import Any

from xai.testing.v1.facts import Facts

_SPAN = 100
_DIGITS = 9


def make_number(schema: Mapping[str, Any], facts: Facts, rng: random.Random) -> float:
    """Return a number within the limits of a schema, of the message if that has one.

    Args:
        schema: What is asked of it; ``type`` is ``integer`` or anything else.
        facts: What the message offers.
        rng: Decides otherwise.

    Raises:
        ValueError: There is no such number.
    """
    integer = schema.get("type") == "integer"
    step = schema.get("multipleOf", 1 if integer else 0)

    def fits(value: float) -> bool:
        return _within(schema, value) and (not step or _is_multiple(value, step))

    found = facts.number(fits, integer=integer)
    if found is not None:
        return found
    low, high = _limits(schema, step or 1)
    if step:
        first, last = math.ceil(low / step), math.floor(high / step)
        for _ in range(_SPAN):
            chosen = rng.randint(min(first, last), max(first, last)) * step
            value: float = round(chosen) if integer else round(chosen, _DIGITS)
            if fits(value):
                return value
    # With two decimals where that is enough.
    for digits in (2, _DIGITS, 17):
        for _ in range(_SPAN):
            value = round(rng.uniform(low, high), digits)
            value = round(value) if integer else value
            if fits(value):
                return value
    raise ValueError("no number is within the limits.")


def _within(schema: Mapping[str, Any], value: float) -> bool:
    low, high = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    inside: bool = low < value < high
    return inside and schema.get("minimum", low) <= value <= schema.get("maximum", high)


def _limits(schema: Mapping[str, Any], step: float) -> tuple[float, float]:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    if low == -math.inf:
        low = min(0, high - _SPAN * step) if high != math.inf else 0
    return low, low + _SPAN * step if high == math.inf else high


def _is_multiple(value: float, step: float) -> bool:
    quotient = value / step
    return math.isclose(quotient, round(quotient), rel_tol=1e-9, abs_tol=1e-9)

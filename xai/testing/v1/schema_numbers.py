"""Numbers that satisfy a JSON schema; pure."""

import math
import random
from collections.abc import Mapping
from typing import Any

from xai.testing.v1.prompt_facts import PromptEntities

_SPAN = 100
_DIGITS = 9


def make_number(schema: Mapping[str, Any], facts: PromptEntities, rng: random.Random) -> float:
    """Return a number within the limits of a schema, of the message if that has one.

    Args:
        schema: What is asked of it; ``type`` is ``integer`` or anything else.
        facts: What the message offers.
        rng: Decides otherwise.

    Raises:
        ValueError: There is no such number.
        OverflowError: The limits are beyond what can be counted with.
    """
    integer = schema.get("type") == "integer"
    step = schema.get("multipleOf", 1 if integer else 0)

    def fits(value: float) -> bool:
        return is_allowed(schema, value)

    found = facts.number(fits, integer=integer)
    if found is not None:
        return found
    low, high = _limits(schema, step or 1)
    if step:
        first, last = math.ceil(low / step), math.floor(high / step)
        for _ in range(_SPAN):
            chosen = rng.randint(min(first, last), max(first, last)) * step
            value: float = round(chosen) if integer else _plain(round(chosen, _DIGITS))
            if fits(value):
                return value
    # With two decimals where that is enough.
    for digits in (2, _DIGITS, 17):
        for _ in range(_SPAN):
            value = round(rng.uniform(low, high), digits)
            value = round(value) if integer else _plain(value)
            if fits(value):
                return value
    raise ValueError("no number is within the limits.")


def is_allowed(schema: Mapping[str, Any], value: float) -> bool:
    """Tell whether a number is within the limits of a schema, and a multiple as it asks for."""
    low, high = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    inside: bool = low < value < high
    inside = inside and schema.get("minimum", low) <= value <= schema.get("maximum", high)
    return inside and ("multipleOf" not in schema or _is_multiple(value, schema["multipleOf"]))


def _limits(schema: Mapping[str, Any], step: float) -> tuple[float, float]:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    if low == -math.inf:
        low = min(0, high - _SPAN * step) if high != math.inf else 0
    return low, low + _SPAN * step if high == math.inf else high


def _is_multiple(value: float, step: float) -> bool:
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    quotient = value / step
    return math.isclose(quotient, round(quotient), rel_tol=1e-9, abs_tol=1e-9)


def _plain(value: float) -> float:
    """Return a whole number without a fraction, since it is the same to JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value

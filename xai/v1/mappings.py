"""Checks of mappings that stand for typed values."""

from collections.abc import Mapping


def checked_keys(
    argument: str, given: object, kind: str, needed: tuple[str, ...], optional: tuple[str, ...]
) -> Mapping[str, object]:
    """Return a mapping that has the needed keys, and no others than these and the optional ones.

    Raises:
        TypeError: It is not a mapping.
        ValueError: A key is missing or unknown.
    """
    choices = ", ".join((*needed, *optional))
    if not isinstance(given, Mapping):
        wanted = f"mapping with {choices}" if kind == "mapping" else f"{kind} or a mapping"
        raise TypeError(f"{argument} must be a {wanted}, not {type(given).__name__}")
    for key in given:
        if key not in needed and key not in optional:
            raise ValueError(f"{argument} has the unknown key {key!r}; there are {choices}")
    for key in needed:
        if key not in given:
            raise ValueError(f"{argument} must have the key {key!r}")
    return given

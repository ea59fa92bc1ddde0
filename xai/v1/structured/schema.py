"""JSON schemas of Python types.

The dialect is JSON Schema 2020-12, https://json-schema.org/draft/2020-12/schema.
"""

import copy

from xai.v1.structured.extra import require_extra
from xai.v1.structured.json_value import JsonValue


def schema_of(shape: object) -> dict[str, JsonValue]:
    """Return the JSON schema of a type.

    The type may be anything that pydantic knows, and a class of attrs. A pydantic model gives its
    own schema. Elsewhere docstrings become descriptions, and dataclasses, attrs classes, named
    tuples and `TypedDict` allow no other members than their own.

    Args:
        shape: The type.

    Returns:
        A new dictionary, made of JSON values only.

    Raises:
        ImportError: The extra ``pydantic`` is not installed.
        TypeError: Pydantic does not know the type, or JSON has no form for it.
    """
    require_extra("a schema of a type")
    from xai.v1.structured.adapter import adapter_of

    return copy.deepcopy(adapter_of(shape).schema)


schema_of.__module__ = "xai.v1"

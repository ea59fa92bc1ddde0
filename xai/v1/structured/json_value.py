"""The type of JSON values."""

from typing_extensions import TypeAliasType

#: Any value of JSON.
JsonValue = TypeAliasType(
    "JsonValue", "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
)

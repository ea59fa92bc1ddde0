"""Responses as JSON that can be stored, and read again by a later version."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from xai._annotations import resolve_lazily
from xai._validation import kind_of
from xai.proto import xai_api as pb
from xai.proto.base import Message
from xai.v1.structured.encode import plain

if TYPE_CHECKING:
    from xai.v1.structured.json_value import JsonValue

M = TypeVar("M", bound=Message)

VERSION: Final = 1
_RESPONSE: Final = "response"
_REDACTED: Final = "<redacted>"
#: The fields of an MCP tool that are not written out.
_SECRETS: Final = ("authorization", "extra_headers")


def save_response(index: int | None, outputs: Sequence[Message]) -> "dict[str, JsonValue]":
    """Return what a stored response has besides the values that people read."""
    return {
        "version": VERSION,
        "kind": _RESPONSE,
        "index": index,
        "outputs": [plain(output) for output in outputs],
    }


def read_response(
    data: "Mapping[str, JsonValue]",
) -> tuple[pb.GetChatCompletionResponse, int | None]:
    """Return the message of a stored response, and the index of its choice.

    Raises:
        TypeError: It is no mapping.
        ValueError: It is no stored response.
    """
    check_saved(data, _RESPONSE)
    index = data.get("index")
    if isinstance(index, bool) or not isinstance(index, (int, type(None))):
        raise ValueError(f"data is no stored response: its index is {index!r}")  # noqa: TRY004  # the value is wrong
    fields = ("id", "model", "system_fingerprint", "citations", "output_files", "usage", "outputs")
    values = {name: data.get(name) for name in fields}
    # The start of 1970 stands for a time that the server did not give.
    created = data.get("created")
    values["created"] = None if str(created).startswith("1970-01-01T00:00:00+") else created
    values["settings"] = without_secrets(data.get("request_settings"))
    tier = data.get("service_tier")
    # A number that this version has no name for is part of what stands for the name.
    number = str(tier).rpartition("_")[2]
    values["service_tier"] = int(number) if number.isdecimal() else tier
    return read_message(pb.GetChatCompletionResponse, values, _RESPONSE), index


def check_saved(data: object, kind: str) -> "Mapping[str, JsonValue]":
    """Return what was stored, if it is of a kind and a version that is known.

    Raises:
        TypeError: It is no mapping.
        ValueError: It is something else.
    """
    if not isinstance(data, Mapping):
        raise TypeError(f"data must be what to_dict() returned, not {kind_of(data)}")
    if data.get("kind") != kind:
        raise ValueError(f"data is no stored {kind}: its kind is {data.get('kind')!r}")
    version = data.get("version")
    if version != VERSION:
        raise ValueError(
            f"data is a {kind} of version {version!r}, and this version of xai reads {VERSION}"
        )
    return data


def read_message(message: type[M], value: object, kind: str) -> M:
    """Return a message from its values.

    Raises:
        TypeError: It is another message.
        ValueError: A value does not fit its field.
    """
    try:
        found = message().from_dict(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"data is no stored {kind}: {error}") from error
    if not isinstance(found, message):
        raise TypeError(f"data is no stored {kind}")
    return found


def without_secrets(value: "JsonValue") -> "JsonValue":
    """Return a value without the fields that were blanked out in it."""
    if isinstance(value, list):
        return [without_secrets(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_secrets(each)
        for name, each in value.items()
        if not (name in _SECRETS and each == _REDACTED)
    }


resolve_lazily(globals())

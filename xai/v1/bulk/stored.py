"""Results of bulk work as lines of a checkpoint, and back."""

import base64
import json
from typing import TYPE_CHECKING, Any, cast

import attrs

from xai._annotations import resolve_lazily
from xai._validation import kind_of
from xai.v1.bulk.result import CheckpointError, Result
from xai.v1.bulk.task import ChatTask
from xai.v1.chat.enums import ServerSideTool
from xai.v1.chat.response import Response
from xai.v1.chat.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xai.v1.structured.json_value import JsonValue


def line_of(result: Result[object, object], item: str, text: str | None) -> "dict[str, JsonValue]":
    """Return the line of a result.

    Args:
        result: The result of an item that succeeded.
        item: The digest of the item.
        text: The JSON that the value was read from, if it was.

    Raises:
        TypeError: The value has no form in JSON.
    """
    line: dict[str, JsonValue] = {"key": result.key, "item": item}
    value = result.value
    if text is not None:
        line["value"] = json.loads(text)
    elif isinstance(value, Response):
        line["value"] = value.content
        line["response"] = base64.b64encode(bytes(value.proto)).decode()
        line["index"] = value.index
    else:
        line["value"] = _checked(value)
    if result.usage is not None:
        line["usage"] = {
            name: [int(tool) for tool in found] if isinstance(found, tuple) else found
            for name, found in attrs.asdict(result.usage, recurse=False).items()
        }
    return {**line, "attempts": result.attempts, "seconds": round(result.seconds, 6)}


def _checked(value: object) -> "JsonValue":
    try:
        same = json.loads(json.dumps(value, allow_nan=False)) == value
    except (TypeError, ValueError, RecursionError):
        same = False
    if not same:
        raise TypeError(
            "with a checkpoint the task must return what JSON has a form for (or a Response), not"
            f" {kind_of(value)}: it is to be the same when it is read from the file"
        )
    return cast("JsonValue", value)


def restore(
    line: "Mapping[str, JsonValue]", key: str | int, item: object, task: object
) -> Result[Any, Any]:
    """Return the result that a line stands for.

    Args:
        line: The line.
        key: What names the item.
        item: The item.
        task: What was done with it.

    Raises:
        CheckpointError: It makes no sense.
    """
    try:
        return Result(
            key=key,
            item=item,
            value=_value(line, task),
            usage=_usage(line.get("usage")),
            attempts=cast("int", line["attempts"]),
            seconds=cast("float", line["seconds"]),
            restored=True,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"the checkpoint has no valid line for {key!r}: {error}") from error


def _value(line: "Mapping[str, JsonValue]", task: object) -> object:
    if "response" in line:
        from xai.proto.xai_api.chat import GetChatCompletionResponse

        data = base64.b64decode(str(line["response"]))
        return Response(GetChatCompletionResponse().parse(data), cast("int | None", line["index"]))
    if isinstance(task, ChatTask) and task.shape is not None:
        from xai.v1.structured.adapter import adapter_of

        return adapter_of(task.shape).read_json(json.dumps(line["value"]))
    return line["value"]


def _usage(found: object) -> Usage | None:
    if not isinstance(found, dict):
        return None
    tools = tuple(ServerSideTool(tool) for tool in found.pop("server_side_tools_used", ()))
    return Usage(**found, server_side_tools_used=tools)


resolve_lazily(globals())

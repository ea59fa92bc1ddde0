"""Messages, tools and response formats as programs for the OpenAI client have them: as dicts."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from xai._annotations import resolve_lazily
from xai._validation import kind_of
from xai.proto import xai_api as pb
from xai.v1.chat import messages as made

if TYPE_CHECKING:
    from xai.v1.chat.enums import ImageDetail
    from xai.v1.structured.json_value import JsonValue

_ROLES: Final = {
    "system": pb.MessageRole.ROLE_SYSTEM,
    "developer": pb.MessageRole.ROLE_DEVELOPER,
    "user": pb.MessageRole.ROLE_USER,
    "assistant": pb.MessageRole.ROLE_ASSISTANT,
    "tool": pb.MessageRole.ROLE_TOOL,
    "function": pb.MessageRole.ROLE_FUNCTION,
}
#: What the OpenAI client's responses have besides, and this API has no place for.
_EMPTY_ONLY: Final = ("refusal", "audio", "annotations", "function_call")
_DATA_URL: Final = re.compile(r"data:([^,;]*);base64,")


def check_message(argument: str, value: object) -> pb.Message:
    """Return a message as it is, or the one that a dict in the OpenAI client's form stands for.

    Args:
        argument: The name of the argument, for errors.
        value: The message.

    Raises:
        TypeError: It is something else.
        ValueError: The dict lacks something, or has what no message has.
    """
    if isinstance(value, Mapping):
        return read_message(argument, value)
    if not isinstance(value, pb.Message):
        raise TypeError(
            f"{argument} must be a Message, as xai.v1.user(), system() and assistant() return,"
            f" not {kind_of(value)}"
        )
    return value


def read_message(argument: str, value: "Mapping[str, object]") -> pb.Message:
    """Return the message that a dict such as ``{"role": "user", "content": "Hi"}`` stands for.

    Args:
        argument: The name of the argument, for errors.
        value: The dict.

    Raises:
        TypeError: Something in it is of another type.
        ValueError: It lacks something, has something unknown, or names no role.
    """
    found = _Members(argument, value)
    name = found.text("role")
    if name not in _ROLES:
        raise ValueError(f"{argument}['role'] must be {_names(_ROLES)}, not {name!r}")
    message = pb.Message(role=_ROLES[name], content=_content(found))
    if (author := found.optional_text("name")) is not None:
        message.name = author
    if (reasoning := found.optional_text("reasoning_content")) is not None:
        message.reasoning_content = reasoning
    if (answered := found.optional_text("tool_call_id")) is not None:
        message.tool_call_id = answered
    message.tool_calls = [
        _tool_call(f"{argument}['tool_calls'][{i}]", call)
        for i, call in enumerate(found.items("tool_calls"))
    ]
    for key in _EMPTY_ONLY:
        if found.take(key):
            raise ValueError(f"{argument}[{key!r}] has no counterpart in this API")
    found.finish()
    if not message.content and not message.tool_calls:
        raise ValueError(f"{argument} has neither 'content' nor 'tool_calls'")
    return message


def read_tool(argument: str, value: "Mapping[str, object]") -> pb.Tool:
    """Return the tool that a dict such as ``{"type": "function", "function": {…}}`` stands for.

    Args:
        argument: The name of the argument, for errors.
        value: The dict; also with the members of ``function`` beside ``type``.

    Raises:
        TypeError: Something in it is of another type.
        ValueError: It lacks something, has something unknown, or is no function.
    """
    outer = _Members(argument, value)
    kind = outer.text("type")
    if kind != "function":
        raise ValueError(
            f"{argument}['type'] must be 'function', not {kind!r}; tools that the server runs are"
            " made by xai.v1.web_search(), x_search(), code_execution() and their siblings"
        )
    found = outer
    if "function" in value:
        found = outer.members("function")
        outer.finish()
    function = pb.Function(name=found.text("name"))
    function.description = found.optional_text("description") or ""
    parameters = found.take("parameters")
    if parameters is None:
        parameters = {"type": "object", "properties": {}}
    function.parameters = _json(found.place("parameters"), parameters)
    strict = found.take("strict")
    if strict is not None and not isinstance(strict, bool):
        raise TypeError(f"{found.place('strict')} must be a bool, not {kind_of(strict)}")
    function.strict = bool(strict)
    found.finish()
    return pb.Tool(function=function)


def read_tool_choice(value: "Mapping[str, object]") -> pb.ToolChoice:
    """Return the choice that ``{"type": "function", "function": {"name": …}}`` stands for.

    Raises:
        TypeError: Something in it is of another type.
        ValueError: It lacks something, or has something unknown.
    """
    outer = _Members("tool_choice", value)
    if (kind := outer.text("type")) != "function":
        raise ValueError(f"tool_choice['type'] must be 'function', not {kind!r}")
    found = outer.members("function") if "function" in value else outer
    name = found.text("name")
    found.finish()
    outer.finish()
    return pb.ToolChoice(function_name=name)


def read_format(value: "Mapping[str, JsonValue]") -> "str | Mapping[str, JsonValue]":
    """Return what a dict such as ``{"type": "json_schema", "json_schema": {…}}`` asks for.

    Args:
        value: The dict; its type is ``"text"``, ``"json_object"`` or ``"json_schema"``.

    Returns:
        The name of a format, or a JSON schema.

    Raises:
        TypeError: Something in it is of another type.
        ValueError: It lacks something, or has something unknown.
    """
    outer = _Members("response_format", value)
    kind = outer.text("type")
    if kind != "json_schema":
        outer.finish()
        return kind
    found = outer.members("json_schema") if "json_schema" in value else outer
    schema = found.take("schema")
    if not isinstance(schema, Mapping):
        raise TypeError(f"{found.place('schema')} must be a JSON schema, not {kind_of(schema)}")
    # The API has no names for schemas, and always keeps to them.
    for key in ("name", "description", "strict"):
        found.take(key)
    found.finish()
    outer.finish()
    return schema


class _Members:
    """The members of a dict; each is taken once, and what is left over is an error."""

    def __init__(self, argument: str, value: "Mapping[str, object]") -> None:
        self._argument = argument
        self._left = dict(value)

    def place(self, key: str) -> str:
        """Return how errors call a member."""
        return f"{self._argument}[{key!r}]"

    def take(self, key: str) -> object:
        """Take a member; None when there is none."""
        return self._left.pop(key, None)

    def text(self, key: str) -> str:
        """Take a member that must be there, and be text."""
        if key not in self._left:
            raise ValueError(f"{self._argument} lacks {key!r}")
        found = self.optional_text(key)
        if not found:
            raise ValueError(f"{self.place(key)} must not be empty")
        return found

    def optional_text(self, key: str) -> str | None:
        """Take a member that must be text if it is there."""
        value = self.take(key)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{self.place(key)} must be a str, not {kind_of(value)}")
        return value

    def members(self, key: str) -> "_Members":
        """Take a member that must be a dict itself."""
        value = self.take(key)
        if not isinstance(value, Mapping):
            raise TypeError(f"{self.place(key)} must be a dict, not {kind_of(value)}")
        return _Members(self.place(key), value)

    def items(self, key: str) -> Sequence[object]:
        """Take a member that must be a list if it is there."""
        value = self.take(key)
        if value is None:
            return ()
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            raise TypeError(f"{self.place(key)} must be a list, not {kind_of(value)}")
        return value

    def finish(self) -> None:
        """Refuse what was not taken: nothing is dropped silently."""
        if self._left:
            unknown = _names(self._left)
            raise ValueError(f"{self._argument} has what this API has no place for: {unknown}")


def _content(message: _Members) -> list[pb.Content]:
    content = message.take("content")
    if content is None:
        return []
    place = message.place("content")
    if isinstance(content, str):
        return [pb.Content(text=content)]
    if isinstance(content, bytes) or not isinstance(content, Sequence):
        raise TypeError(f"{place} must be a str or a list of parts, not {kind_of(content)}")
    return [_part(f"{place}[{i}]", part) for i, part in enumerate(content)]


def _part(place: str, value: object) -> pb.Content:
    if isinstance(value, pb.Content):
        return value
    if not isinstance(value, Mapping):
        raise TypeError(f"{place} must be a dict with a 'type', not {kind_of(value)}")
    part = _Members(place, value)
    kind = part.text("type")
    if kind in ("text", "input_text", "output_text"):
        text = part.optional_text("text")
        if text is None:
            raise ValueError(f"{place} lacks 'text'")
        part.take("annotations")
        found = pb.Content(text=text)
    elif kind in ("image_url", "input_image"):
        found = _image(part, value)
    elif kind in ("file", "input_file"):
        found = _file(part, value)
    else:
        known = "'text', 'image_url' or 'file'"
        raise ValueError(f"{place}['type'] must be {known}, not {kind!r}")
    part.finish()
    return found


def _image(part: _Members, value: "Mapping[str, object]") -> pb.Content:
    inner = part
    url: str | None
    if isinstance(value.get("image_url"), Mapping):
        inner = part.members("image_url")
        url = inner.text("url")
    else:
        url = part.optional_text("image_url")
    detail = inner.optional_text("detail") or "auto"
    file_id = part.optional_text("file_id")
    if inner is not part:
        inner.finish()
    if detail not in ("auto", "low", "high"):
        raise ValueError(f"{inner.place('detail')} must be 'auto', 'low' or 'high', not {detail!r}")
    return made.image(url, file_id=file_id, detail=cast("ImageDetail", detail))


def _file(part: _Members, value: "Mapping[str, object]") -> pb.Content:
    inner = part.members("file") if "file" in value else part
    file_id = inner.optional_text("file_id")
    data = inner.optional_text("file_data")
    url = inner.optional_text("file_url")
    filename = inner.optional_text("filename")
    if inner is not part:
        inner.finish()
    if file_id is not None:
        return made.file(file_id)
    if url is not None:
        return made.file(url=url, filename=filename)
    place = inner.place("file_data")
    if data is None:
        raise ValueError(f"{place} or 'file_id' must be given")
    head = _DATA_URL.match(data)
    try:
        content = base64.b64decode(data[head.end() :] if head else data, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{place} must be base64, with or without a data URL's head") from error
    return made.file(data=content, filename=filename, mime_type=(head and head[1]) or None)


def _tool_call(place: str, value: object) -> pb.ToolCall:
    if isinstance(value, pb.ToolCall):
        return value
    if not isinstance(value, Mapping):
        raise TypeError(f"{place} must be a dict, not {kind_of(value)}")
    call = _Members(place, value)
    if (kind := call.optional_text("type") or "function") != "function":
        raise ValueError(f"{place}['type'] must be 'function', not {kind!r}")
    function = call.members("function")
    found = pb.ToolCall(
        id=call.text("id"),
        type=pb.ToolCallType.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL,
        function=pb.FunctionCall(
            name=function.text("name"), arguments=function.optional_text("arguments") or "{}"
        ),
    )
    function.finish()
    call.take("index")
    call.finish()
    return found


def _json(place: str, value: object) -> str:
    if not isinstance(value, Mapping):
        raise TypeError(f"{place} must be a JSON schema, not {kind_of(value)}")
    try:
        return json.dumps(dict(value), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"{place} must be a JSON schema: {error}") from error


def _names(names: "Mapping[str, object]") -> str:
    return ", ".join(map(repr, names))


resolve_lazily(globals())

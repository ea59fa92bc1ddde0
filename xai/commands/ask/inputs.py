"""What a prompt is made of: documents, attachments, schemas and tools."""

import contextlib
import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import xai
from xai.commands.output import CommandError

_PICTURES: Final = (".gif", ".jpeg", ".jpg", ".png", ".webp")
_TYPES: Final = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
#: The tools that the server runs, by their names on the command line.
SERVER_TOOLS: Final = ("web_search", "x_search", "code_execution")


def read_input() -> bytes:
    """Return what is piped into the command; nothing when the input is a terminal or closed."""
    if sys.stdin is None or sys.stdin.isatty():
        return b""
    return sys.stdin.buffer.read()


def as_text(data: bytes) -> str:
    """Return the standard input as one document."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CommandError(
            "the standard input is not UTF-8 text; -a - attaches it as a file"
        ) from None


def attachment(source: str, piped: bytes = b"") -> "xai.v1.Part":
    """Return what is attached to a prompt.

    Args:
        source: A path, a URL, or ``-`` for the standard input.
        piped: The standard input.

    Raises:
        OSError: The file can't be read.
        CommandError: There is nothing to attach.
    """
    if source == "-":
        if not piped:
            raise CommandError("there is nothing in the standard input to attach", 2)
        # What is no picture is a file; which of the two is seen from the content.
        with contextlib.suppress(ValueError):
            return xai.v1.image(data=piped)
        return xai.v1.file(data=piped, filename="stdin")
    picture = source.partition("?")[0].lower().endswith(_PICTURES)
    if re.match("https?://", source):
        return xai.v1.image(source) if picture else xai.v1.file(url=source)
    path = Path(source).expanduser()
    return xai.v1.image(path=path) if picture else xai.v1.file(path=path)


def schema(text: str) -> "dict[str, xai.v1.JsonValue]":
    """Return the JSON schema that an option asks for.

    Args:
        text: The path of a file with one, one itself, or fields such as ``name str, age int``;
            what follows a colon describes a field, and a field without a type is a text.

    Raises:
        CommandError: It is none of these.
    """
    path = Path(text).expanduser()
    if text.lstrip().startswith("{"):
        return _json_schema(text, "--schema")
    if path.is_file():
        return _json_schema(path.read_text("utf-8"), text)
    if text.endswith(".json") or os.sep in text:
        raise CommandError(f"{text}: there is no such file", 2)
    fields: dict[str, xai.v1.JsonValue] = {}
    for field in filter(str.strip, re.split("[,\n]", text)):
        named, _, described = field.partition(":")
        words = named.split()
        name, kind = words[0] if words else "", words[1] if len(words) > 1 else "str"
        if not name.isidentifier() or kind not in _TYPES or len(words) > 2:
            raise CommandError(
                f"--schema: not a field: {field.strip()!r}; write NAME TYPE, with one of the types "
                f"{', '.join(_TYPES)}",
                2,
            )
        shape: dict[str, xai.v1.JsonValue] = {"type": _TYPES[kind]}
        if described.strip():
            shape["description"] = described.strip()
        fields[name] = shape
    if not fields:
        raise CommandError("--schema: there are no fields", 2)
    return {
        "type": "object",
        "properties": fields,
        "required": [*fields],
        "additionalProperties": False,
    }


def _json_schema(text: str, name: str) -> "dict[str, xai.v1.JsonValue]":
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandError(f"{name}: not JSON: {error}", 2) from None
    if not isinstance(found, dict):
        raise CommandError(f"{name}: a JSON schema is an object", 2)
    return found


def server_tool(name: str) -> object:
    """Return a tool that the server runs."""
    makers: dict[str, Callable[[], object]] = {
        "web_search": xai.v1.web_search,
        "x_search": xai.v1.x_search,
        "code_execution": xai.v1.code_execution,
    }
    return makers[name]()


def function_tool(name: str) -> Callable[..., object]:
    """Return the Python function that a name such as ``module:function`` leads to.

    Args:
        name: The name of the module, which may be in the current folder, and of the function.

    Raises:
        CommandError: There is none.
    """
    module, _, path = name.partition(":")
    if not module or not path:
        near = ", ".join(SERVER_TOOLS)
        raise CommandError(f"--tool: {name!r} is neither module:function nor one of {near}", 2)
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: object = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise CommandError(f"--tool: {name}: {error}", 2) from error
    if not callable(found):
        raise CommandError(f"--tool: {name} is no function", 2)
    return found


def tools(names: Sequence[str]) -> tuple[list[object], list[Callable[..., object]]]:
    """Return the tools that the server runs, and the functions that are run here.

    Args:
        names: What the options name.
    """
    server = [server_tool(name) for name in names if name in SERVER_TOOLS]
    return server, [function_tool(name) for name in names if name not in SERVER_TOOLS]

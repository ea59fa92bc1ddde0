"""Functions that a model can call."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import ParamSpec, TypeVar, cast, overload

from xai._validation import check_bool, check_str
from xai.proto import xai_api as pb
from xai.v1.chat.enums import ToolCallType
from xai.v1.chat.functions import FunctionTool
from xai.v1.chat.response_format import schema_text
from xai.v1.structured.json_value import JsonValue
from xai.v1.validation import non_empty

P = ParamSpec("P")
R = TypeVar("R")


@overload
def tool(
    function: Callable[P, R],
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    strict: bool | None = False,
    in_thread: bool | None = True,
) -> FunctionTool[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    strict: bool | None = False,
    in_thread: bool | None = True,
) -> Callable[[Callable[P, R]], FunctionTool[P, R]]: ...


@overload
def tool(
    name: str, description: str, parameters: Mapping[str, JsonValue], *, strict: bool | None = False
) -> pb.Tool: ...


def tool(
    first: object = None,
    /,
    description: object = None,
    parameters: object = None,
    *,
    name: object = None,
    strict: bool | None = False,
    in_thread: bool | None = True,
) -> object:
    """Return a function as a tool for the model.

    Of a Python function, also as a decorator with or without parentheses, it makes a
    `FunctionTool`, which can still be called. A name, a description and the JSON schema of the
    parameters make a message; calls of it are for the caller to carry out.

    Args:
        first: The function, whose parameters need annotations; or the name.
        description: What it does and when to call it; by default a function's docstring.
        parameters: The JSON schema of the parameters; that of a function follows from its
            annotations.
        name: The name of the tool; by default the name of the function.
        strict: Whether the model must keep exactly to the schema.
        in_thread: Let the runs of an asynchronous client call a plain function in a thread of its
            own, so that the event loop is not held up.

    Raises:
        ImportError: It is a function, and the extra ``pydantic`` is not installed.
        TypeError: An argument is missing or of another type, or the function can't be called by
            a model; the error names it.
        ValueError: The name is empty, or a function has none.
    """
    strict = False if strict is None else strict
    in_thread = True if in_thread is None else in_thread
    make = partial(_function_tool, strict=strict, in_thread=in_thread)
    if first is None and parameters is None:
        return partial(make, name=name, description=description)
    if not callable(first) and not isinstance(first, classmethod):
        if first is not None and name is not None:
            raise TypeError("name is given twice")
        return _declared(name if first is None else first, description, parameters, strict=strict)
    if parameters is not None:
        raise TypeError("parameters can't be given for a function: they follow from annotations")
    return make(cast("Callable[..., object]", first), name=name, description=description)


def required_tool(name: str) -> pb.ToolChoice:
    """Return a tool choice that makes the model call one function.

    Args:
        name: The name of the function.

    Raises:
        TypeError: The name is not a str.
        ValueError: It is empty.
    """
    return pb.ToolChoice(function_name=non_empty("name", name))


def get_tool_call_type(call: pb.ToolCall) -> str:
    """Return the kind of a tool call, such as ``"client_side_tool"`` or ``"mcp_tool"``.

    It is ``"invalid"`` where the server named none, and has the number where this version knows
    no name: ``"unknown_17"``.

    Raises:
        TypeError: It is not a ToolCall.
    """
    if not isinstance(call, pb.ToolCall):
        raise TypeError(f"call must be a ToolCall, not {type(call).__name__}")
    kind = ToolCallType(int(call.type))
    known = kind.name in ToolCallType.__members__
    return kind.name.lower() if known else f"unknown_{kind.value}"


def _function_tool(
    function: Callable[P, R], name: object, description: object, *, strict: bool, in_thread: bool
) -> FunctionTool[P, R]:
    # Their types are checked there, because it can be made without `tool` too.
    return FunctionTool(
        function,
        name=cast("str | None", name),
        description=cast("str | None", description),
        strict=strict,
        in_thread=in_thread,
    )


def _declared(name: object, description: object, parameters: object, *, strict: bool) -> pb.Tool:
    called = non_empty("name", name)
    check_str("description", description)
    if not isinstance(parameters, Mapping):
        raise TypeError(
            "parameters must be a JSON schema as a mapping of names to JSON values,"
            f" not {type(parameters).__name__}"
        )
    check_bool("strict", strict)
    schema = schema_text("parameters", parameters)
    return pb.Tool(
        function=pb.Function(
            name=called, description=str(description), strict=strict, parameters=schema
        )
    )


for _function in (tool, required_tool, get_tool_call_type):
    _function.__module__ = "xai.v1"

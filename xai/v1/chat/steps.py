"""The steps of a run: responses of the model and calls of functions."""

from collections.abc import Callable, Mapping, Sequence
from inspect import iscoroutine, iscoroutinefunction
from typing import Final, Generic, Literal, NoReturn, TypeAlias

import attrs
from typing_extensions import TypeVar

from xai._validation import check_int, check_sequence, given
from xai.proto import xai_api as pb
from xai.proto.base import which_one_of
from xai.v1.chat.chunks import Chunk
from xai.v1.chat.functions import FunctionTool
from xai.v1.chat.request import MAX_TOOLS, functions_of
from xai.v1.chat.response import Response
from xai.v1.chat.usage import Usage
from xai.v1.detailed_error import DetailedError
from xai.v1.structured.surrogates import without_surrogates

#: What becomes of an error of a function: the model is told, or it is raised.
OnToolError = Literal["model", "raise"]
#: A function that a model may call, as it is or with its description.
Callables: TypeAlias = Sequence[FunctionTool[..., object] | Callable[..., object]]

_MAX_TURNS = 2**31 - 1
#: The limit of `run` when none is given.
_DEFAULT_TURNS: Final = 10

T_co = TypeVar("T_co", covariant=True, default=None)


@attrs.frozen(eq=False, repr=False)
class ModelStep:
    """A response of the model, which is part of the conversation now.

    Attributes:
        turn: The number of the turn, from 1.
        response: The response. It may have tool calls.
    """

    turn: int
    response: Response

    def _repr_markdown_(self) -> str:
        """Show the content of the response in a notebook, which reads it as Markdown."""
        return self.response.content

    def __repr__(self) -> str:
        """Show which turn it was and how it ended, and nothing of what was said."""
        return f"<ModelStep of turn {self.turn}: {self.response!r}>"


@attrs.frozen(eq=False, repr=False)
class ToolStep:
    """A tool call that was executed; its result is part of the conversation now.

    Attributes:
        turn: The number of the turn, from 1.
        call: The tool call of the model.
        arguments: The arguments of the function; None when it was not called, since the model
            named an unknown function or the arguments were not valid.
        result: What the model is told: the result, or that there was an error.
        error: The exception; None when there was none.
        seconds: How long the function took.
    """

    turn: int
    call: pb.ToolCall
    arguments: Mapping[str, object] | None
    result: str
    error: Exception | None
    seconds: float

    @property
    def name(self) -> str:
        """The name of the function, as the model gave it."""
        return called(self.call).name

    def __repr__(self) -> str:
        """Show which function it was and how it ended, but no argument and no result."""
        end = "no error" if self.error is None else type(self.error).__name__
        return f"<ToolStep of turn {self.turn}: {self.name!r}, {self.seconds:.3f} s, {end}>"


@attrs.frozen(eq=False, repr=False)
class ChunkStep:
    """A chunk of a streamed response.

    Attributes:
        turn: The number of the turn, from 1.
        response: The response so far.
        chunk: What is new in it.
    """

    turn: int
    response: Response
    chunk: Chunk

    def __repr__(self) -> str:
        """Show which turn it belongs to, and nothing of what was said."""
        return f"<ChunkStep of turn {self.turn}>"


Step: TypeAlias = ModelStep | ToolStep | ChunkStep
"""What `run_stream` yields and `on_step` is called with."""


@attrs.frozen(eq=False, repr=False)
class RunResult(Generic[T_co]):
    """The result of a run.

    Attributes:
        response: The last response, which calls no function.
        steps: All steps, in order; of a streamed response the whole, without its chunks.
        turns: The number of turns.
        usage: The usage of all responses together.
        value: The value of the last response, when a type was given as its format; else None.
    """

    response: Response
    steps: tuple[ModelStep | ToolStep, ...]
    turns: int
    usage: Usage
    value: T_co

    @property
    def cost_usd(self) -> float | None:
        """The cost of all responses in US dollars; None when the server did not say."""
        return self.usage.cost_usd

    def _repr_markdown_(self) -> str:
        """Show the content of the response in a notebook, which reads it as Markdown."""
        return self.response.content

    def __repr__(self) -> str:
        """Show how long it was and the last response, and nothing of what was said."""
        return f"<RunResult of {self.turns} turns, {len(self.steps)} steps: {self.response!r}>"


@attrs.frozen(eq=False)
class RunSettings:
    """The checked settings of a run."""

    functions: Mapping[str, FunctionTool[..., object]]
    max_turns: int
    on_tool_error: OnToolError
    on_step: Callable[[Step], object] | None
    response_format: object

    def refuse_observer(self, told: object = None) -> NoReturn:
        """Raise the TypeError for an observer that has to be awaited."""
        if iscoroutine(told):
            told.close()  # else it warns that nobody awaited it
        raise TypeError(
            "on_step must be a plain function here: a coroutine function can be awaited by the"
            " chat of an AsyncClient only"
        )


def check_run(
    tools: "Callables | None",
    max_turns: int | None,
    on_tool_error: "OnToolError | None",
    on_step: Callable[[Step], object] | None,
    response_format: object,
) -> RunSettings:
    """Return the settings of a run.

    Raises:
        TypeError: One is of the wrong type; the error names it.
        ValueError: One is out of range or not known; the error names it.
    """
    tools, max_turns = given(tools, ()), given(max_turns, _DEFAULT_TURNS)
    on_tool_error = given(on_tool_error, "model")
    check_sequence("tools", tools, "functions")
    for index, tool in enumerate(tools):
        if isinstance(tool, pb.Tool):
            raise TypeError(f"tools[{index}] must be a function: give a Tool to chat.create")
    check_int("max_turns", max_turns, 1, _MAX_TURNS)
    if on_tool_error not in ("model", "raise"):
        raise ValueError(f"on_tool_error must be 'model' or 'raise', not {on_tool_error!r}")
    if on_step is not None and not callable(on_step):
        raise TypeError(f"on_step must be callable or None, not {type(on_step).__name__}")
    return RunSettings(functions_of(tools), max_turns, on_tool_error, on_step, response_format)


def resolve_tools(
    tools: Sequence[pb.Tool],
    known: Mapping[str, FunctionTool[..., object]],
    added: Mapping[str, FunctionTool[..., object]],
) -> list[pb.Tool]:
    """Return the tools of a request in a run, whose functions can all be called.

    Args:
        tools: Those of the chat.
        known: The functions among them.
        added: The functions of this run alone.

    Raises:
        ValueError: Two have the same name, one has no function, or there are more than 128.
    """
    for tool in tools:
        kind, function = which_one_of(tool, "tool")
        if kind != "function":
            continue
        if function.name in added:
            raise ValueError(f"tools must not repeat a tool of the chat: {function.name!r}")
        if function.name not in known:
            raise ValueError(
                f"tools of the chat must have functions to be run: {function.name!r} has a schema"
                " only"
            )
    if len(tools) + len(added) > MAX_TOOLS:
        raise ValueError(f"tools must have at most {MAX_TOOLS} items, those of the chat included")
    return [*tools, *(function.to_proto() for function in added.values())]


def refuse_waiting(
    functions: Mapping[str, FunctionTool[..., object]], settings: RunSettings
) -> None:
    """Raise a TypeError when a function, or the observer, would have to be awaited."""
    on_step = settings.on_step
    if iscoroutinefunction(on_step) or iscoroutinefunction(type(on_step).__call__):
        settings.refuse_observer()
    for name, function in functions.items():
        if function.is_async:
            raise TypeError(
                f"tools must be plain functions here: {name!r} is a coroutine function, which only"
                " the chat of an AsyncClient can run"
            )


def wanted(response: Response) -> list[pb.ToolCall]:
    """Return the calls in a response that are for the caller to make, each ID once."""
    calls: list[pb.ToolCall] = []
    seen: set[str] = set()
    for call in response.tool_calls:
        ours = call.type == pb.ToolCallType.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL
        if ours and call.id not in seen:
            calls.append(call)
            # Without an ID there is no telling whether it is the same again.
            seen.update({call.id} - {""})
    return calls


def called(call: pb.ToolCall) -> pb.FunctionCall:
    """Return what a call asks for; without a name if it does not say."""
    _, function = which_one_of(call, "tool")
    return function if isinstance(function, pb.FunctionCall) else pb.FunctionCall()


def is_awaited(call: pb.ToolCall, functions: Mapping[str, FunctionTool[..., object]]) -> bool:
    """Tell whether what a call asks for is a coroutine function."""
    function = functions.get(called(call).name)
    return function is not None and function.is_async


def unknown(name: str, functions: Mapping[str, FunctionTool[..., object]]) -> LookupError:
    """Return the error for a function that the model made up."""
    return LookupError(f"there is no function {name!r}, only: {', '.join(functions) or 'none'}")


def described(error: Exception) -> str:
    """Return what a model is told of an error."""
    return without_surrogates(f"error: {type(error).__name__}: {error}")


def shown(parts: Sequence[pb.Content]) -> str:
    """Return what is readable of the parts of a message; others are named in brackets."""
    return "".join(_shown(part) for part in parts)


def _shown(part: pb.Content) -> str:
    kind, value = which_one_of(part, "content")
    return str(value) if kind == "text" else f"[{kind or 'nothing'}]"


class TurnLimitError(DetailedError):
    """The model still called functions after the maximum number of turns.

    Args:
        message: The number of turns.
        steps: The steps of all turns, in order.
    """

    steps: Sequence[Step]

    def __init__(self, message: str, *, steps: Sequence[Step] = ()) -> None:
        super().__init__(message)
        self.steps = steps


for _class in (TurnLimitError, ModelStep, ToolStep, ChunkStep, RunResult):
    _class.__module__ = "xai.v1"

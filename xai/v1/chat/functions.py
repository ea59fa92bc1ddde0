"""Python functions that a model may call."""

import inspect
import json
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from types import MethodType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

import attrs

from xai._annotations import resolve_lazily
from xai._validation import check_bool, check_str
from xai.proto.xai_api import Content, Function, Tool
from xai.v1.chat.errors import ToolArgumentsError
from xai.v1.structured.annotations import inner_function
from xai.v1.structured.extra import require_extra
from xai.v1.structured.surrogates import without_surrogates

if TYPE_CHECKING:
    from typing_extensions import Self

    from xai.v1.structured.adapter import Parameters
    from xai.v1.structured.json_value import JsonValue

P = ParamSpec("P")
R = TypeVar("R")
Q = ParamSpec("Q")


@attrs.frozen(eq=False, init=False, slots=False)
class FunctionTool(Generic[P, R]):
    """A function together with what a model needs to know to call it.

    Calling it calls the function. In the body of a class it makes a method: taken from an
    instance, it is a tool that knows the instance.

    Args:
        function: A function whose parameters are annotated and can be given by name. What
            `functools.partial` gave it already is not offered to the model.
        name: What the model calls it; the function's own name by default.
        description: What it does and when to use it; by default the docstring up to the first
            section.
        strict: Whether the model must keep exactly to the schema.
        in_thread: Let an asynchronous run call a plain function in a thread of its own, so that
            the event loop is not held up. Coroutine functions run on the event loop, and the runs
            of a blocking client call everything in the thread of their caller.

    Raises:
        ImportError: The extra ``pydantic`` is not installed.
        TypeError: A parameter has no annotation, or one without a form in JSON, or can't be given
            by name; the error names it. For a function in the body of a class this is raised when
            the tool is first used.
        ValueError: The function has no name of its own and none is given.
    """

    function: Callable[P, R]
    name: str
    description: str
    strict: bool
    in_thread: bool = attrs.field(repr=False)

    def __init__(
        self,
        function: Callable[P, R],
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool | None = False,
        in_thread: bool | None = True,
    ) -> None:
        strict = False if strict is None else strict
        in_thread = True if in_thread is None else in_thread
        if not callable(function) and not isinstance(function, classmethod):
            raise TypeError(f"function must be callable, not {type(function).__name__}")
        require_extra("a function as a tool")
        from xai.v1.structured.docstrings import read_docstring

        plain = inner_function(function)
        if isinstance(plain, FunctionTool):
            name = plain.name if name is None else name
            description = plain.description if description is None else description
            function = _without_tool(function)
        if name is None:
            name = str(getattr(plain, "__name__", ""))
            if not name.isidentifier():
                raise ValueError(f"name must be given for a function without one ({function!r})")
        check_str("name", name)
        if not name:
            raise ValueError("name must not be empty")
        if description is None:
            description = read_docstring(inspect.getdoc(plain)).summary
        check_str("description", description)
        check_bool("strict", strict)
        check_bool("in_thread", in_thread)
        self.__attrs_init__(function, name, description, strict, in_thread)
        if not _is_in_class(inner_function(function)):
            _ = self._parameters  # mistakes are reported here, not by the first use

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.function(*args, **kwargs)

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> "Self": ...

    @overload
    def __get__(
        self: "FunctionTool[Concatenate[Any, Q], R]", instance: object, owner: type | None = None
    ) -> "FunctionTool[Q, R]": ...

    def __get__(self, instance: object, owner: type | None = None) -> "FunctionTool[..., R]":
        """Return the tool of a method, where the function is one."""
        function: Any = self.function
        if not _is_in_class(function) or not hasattr(function, "__get__"):
            return self
        bound = function.__get__(instance, owner)
        if bound is function:
            return self
        return FunctionTool(
            bound,
            name=self.name,
            description=self.description,
            strict=self.strict,
            in_thread=self.in_thread,
        )

    def __deepcopy__(self, memo: object) -> "Self":
        """Return itself: a copy of a conversation calls the same functions."""
        return self

    @property
    def __wrapped__(self) -> Callable[P, R]:
        """The function, where `inspect.signature` and others look for it."""
        return self.function

    @property
    def is_async(self) -> bool:
        """Whether calling it gives a coroutine."""
        return inspect.iscoroutinefunction(self.function) or inspect.iscoroutinefunction(
            type(self.function).__call__
        )

    @property
    def runs_in_thread(self) -> bool:
        """Whether an asynchronous run calls it in another thread."""
        return self.in_thread and not self.is_async

    @property
    def parameters(self) -> "Mapping[str, JsonValue]":
        """The JSON schema of the parameters."""
        return self._parameters.schema

    @cached_property
    def _parameters(self) -> "Parameters":
        from xai.v1.structured.adapter import Parameters

        return Parameters(self.function)

    def to_proto(self) -> Tool:
        """Return the message that offers it to a model."""
        return Tool(
            function=Function(
                name=self.name,
                description=without_surrogates(self.description),
                strict=self.strict,
                parameters=json.dumps(self.parameters),
            )
        )

    def arguments(self, text: str) -> dict[str, object]:
        """Return the arguments of a call, converted to what the parameters are annotated with.

        Args:
            text: A JSON object, as a model writes it; no text at all is an object without
                members. Parameters with a default may be missing, and stay missing. Half a
                character becomes U+FFFD.

        Raises:
            ToolArgumentsError: It is not JSON, or does not fit the parameters; the cause is what
                pydantic or a validator says about it.
        """
        try:
            return self._parameters.read_json(text if text.strip() else "{}")
        except Exception as error:  # whatever a validator raises: the arguments do not fit
            raise ToolArgumentsError(f"{self.name}: {_said(error)}") from error


def as_tool(function: Callable[..., object]) -> FunctionTool[..., object]:
    """Return the tool that a function is, or makes.

    Raises:
        ImportError: As for `FunctionTool`.
        TypeError: As for `FunctionTool`.
        ValueError: As for `FunctionTool`.
    """
    if isinstance(function, FunctionTool):
        return function
    if isinstance(function, MethodType) and isinstance(function.__func__, FunctionTool):
        # What a classmethod makes of a tool, from Python 3.13 on.
        return cast("FunctionTool[..., object]", function.__func__.__get__(function.__self__))
    return FunctionTool(function)


def result_parts(value: object) -> list[Content]:
    """Return the parts of the message that tells a model what a function returned.

    A string is sent as it is, and so are parts made by `xai.v1.image` and the like, also in a
    list together with others. Anything else is sent as JSON: what pydantic writes, classes of
    attrs, and messages of the API. Half a character is sent as U+FFFD.

    Raises:
        TypeError: The value, or one inside it, has no form in JSON.
        ValueError: The value contains itself.
    """
    several = isinstance(value, (list, tuple)) and any(isinstance(part, Content) for part in value)
    parts = cast("list[object]", value) if several else [value]
    return [
        part if isinstance(part, Content) else Content(text=result_text(part)) for part in parts
    ]


def result_text(value: object) -> str:
    """Return the text that tells a model what a function returned.

    Raises:
        TypeError: The value, or one inside it, has no form in JSON.
        ValueError: The value contains itself.
    """
    if type(value) is str:
        return without_surrogates(value)
    if inspect.iscoroutine(value):
        value.close()
        raise TypeError("the result: a coroutine can be awaited by the chat of an AsyncClient only")
    from xai.v1.structured.result_json import to_json

    return to_json(value)


def _without_tool(function: Any) -> Any:  # noqa: ANN401  # a function, as the caller has it
    """Return what a tool, or a `functools.partial` of one, calls in the end."""
    if isinstance(function, FunctionTool):
        return _without_tool(function.function)
    if isinstance(function, partial):
        return partial(_without_tool(function.func), *function.args, **function.keywords)
    return function


def _is_in_class(function: object) -> bool:
    """Tell whether a function was written in the body of a class."""
    if isinstance(function, MethodType):
        return False
    path = str(getattr(function, "__qualname__", "")).rpartition(".")[0]
    return bool(path) and not path.endswith("<locals>") and not isinstance(function, type)


def _said(error: Exception) -> str:
    from xai.v1.structured.errors import InvalidShapeError

    return (
        str(error) if isinstance(error, InvalidShapeError) else f"{type(error).__name__}: {error}"
    )


FunctionTool.__module__ = "xai.v1"


resolve_lazily(globals())

"""What the model of the local server says when a test has told it so."""

import dataclasses
import inspect
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Protocol, TypeAlias, cast

import attrs

from xai._validation import check_int, kind_of
from xai.proto.base import Message, which_one_of
from xai.proto.xai_api.batch import AddBatchRequestsRequest
from xai.proto.xai_api.chat import GetCompletionsRequest
from xai.testing.control.calls import Call
from xai.testing.v1.chat_request import text_of


class DataclassValue(Protocol):
    """An instance of a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


class ModelValue(Protocol):
    """An instance of a pydantic model: not everybody has pydantic."""

    def model_dump_json(self) -> str:
        """Return the JSON of the instance."""
        ...


#: A text, or a value that is written as JSON.
Answer: TypeAlias = str | Mapping[str, object] | ModelValue | DataclassValue | attrs.AttrsInstance
#: A call of a tool: its name, and its arguments or the text that the model writes for them.
ToolAnswer: TypeAlias = tuple[str, Mapping[str, object] | str]
#: Decides whether an answer is for a request.
Condition: TypeAlias = str | Callable[[GetCompletionsRequest], bool]

_MOST_TIMES: Final = 2**31 - 1


@attrs.frozen
class PlannedCall:
    """A call of a tool that the model is to make.

    Attributes:
        name: The name of the function.
        arguments: Its arguments as JSON, or what the model writes instead.
    """

    name: str
    arguments: str


@attrs.frozen
class Said:
    """What the model says instead of a response of its own.

    Attributes:
        text: The text; empty when it calls tools.
        calls: The calls of tools.
    """

    text: str = ""
    calls: Sequence[PlannedCall] = ()


@attrs.define(eq=False)
class _Planned:
    said: Said
    when: "Condition | None"
    left: int | None

    def fits(self, request: GetCompletionsRequest) -> bool:
        if isinstance(self.when, str):
            return self.when in _last_text(request)
        return self.when is None or bool(self.when(request))

    def __repr__(self) -> str:
        said = self.said.text if not self.said.calls else list(self.said.calls)
        when = "" if self.when is None else f", when={self.when!r}"
        return f"answer({said!r}{when}), left for {self.left} request(s)"


class AnswerPlan:
    """The answers that still wait for a request; safe to change from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[_Planned] = []

    def add(self, answers: Sequence[Said], when: object, times: int | None) -> None:
        """Append answers, to be given in this order.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.
        """
        if when is not None and not isinstance(when, str) and not callable(when):
            raise TypeError(
                f"when must be a text, or a function of the request, not {kind_of(when)}"
            )
        if inspect.iscoroutinefunction(when):
            raise TypeError("when must be a plain function, not a coroutine function")
        if times is not None:
            check_int("times", times, 1, _MOST_TIMES)
        elif len(answers) > 1:
            raise ValueError(
                "times=None gives the first answer to every request, so the others would never be"
                " given: pass one answer"
            )
        condition = cast("Condition | None", when)
        with self._lock:
            self._planned += [_Planned(said, condition, times) for said in answers]

    def take(self, request: GetCompletionsRequest) -> Said | None:
        """Use up the answer for a request: the oldest with a condition, or else without one."""
        with self._lock:
            waiting = sorted(self._planned, key=lambda planned: planned.when is None)
        # Outside of the lock: a condition may ask the server something.
        for planned in waiting:
            if not planned.fits(request):
                continue
            with self._lock:
                if planned not in self._planned:
                    continue
                if planned.left is not None:
                    planned.left -= 1
                    if not planned.left:
                        self._planned.remove(planned)
                return planned.said
        return None

    def unused(self) -> list[str]:
        """Describe the answers that were meant for a number of requests that never came."""
        with self._lock:
            return [repr(planned) for planned in self._planned if planned.left is not None]

    def clear(self) -> None:
        """Drop all answers."""
        with self._lock:
            self._planned.clear()


def read_answers(answer: object, tool: object) -> list[Said]:
    """Return what the model is to say, from the arguments of `LocalServer.answer`.

    Raises:
        ImportError: A value is not a mapping, and the extra ``pydantic`` is not installed.
        TypeError: An argument is of the wrong type.
        ValueError: There is no answer, there are two kinds of them, or one can't be sent.
    """
    if (answer is None) is (tool is None):
        raise ValueError("pass either an answer or tool=(name, arguments)")
    if tool is not None:
        return [Said(calls=_calls(tool))]
    if not isinstance(answer, (list, tuple)):
        return [Said(_text("answer", answer))]
    if not answer:
        raise ValueError("answer must not be an empty sequence")
    return [Said(_text(f"answer[{index}]", each)) for index, each in enumerate(answer)]


def _text(where: str, value: object) -> str:
    if isinstance(value, str):
        return _sendable(where, value)
    if isinstance(value, Mapping):
        return _json(where, value)
    if isinstance(value, Message):
        raise TypeError(
            f"{where} must be what the model says, not the message {type(value).__name__}:"
            " reply() takes whole messages"
        )
    if isinstance(value, type):
        raise TypeError(f"{where} must be a value, not the class {value.__name__}")
    # A class of pydantic is known by what it has: not everybody has pydantic.
    known = hasattr(type(value), "model_dump_json") or attrs.has(type(value))
    if not known and not dataclasses.is_dataclass(value):
        raise TypeError(
            f"{where} must be a text, a mapping, or an instance of a pydantic model, a dataclass or"
            f" a class of attrs, not {kind_of(value)}"
        )
    from xai.v1.structured.extra import require_extra

    require_extra("an answer that is an instance of a class")
    from xai.v1.structured.result_json import to_json

    try:
        return to_json(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{where}: {error}") from error


def _calls(tool: object) -> list[PlannedCall]:
    if isinstance(tool, list):
        if not tool:
            raise ValueError("tool must not be an empty list")
        return [_call(f"tool[{index}]", each) for index, each in enumerate(tool)]
    return [_call("tool", tool)]


def _call(where: str, call: object) -> PlannedCall:
    if not isinstance(call, tuple) or [isinstance(part, str) for part in call[:1]] != [True]:
        raise TypeError(f"{where} must be a pair (name, arguments), not {kind_of(call)}")
    if len(call) != 2:
        raise ValueError(f"{where} must be a pair (name, arguments), not {len(call)} items")
    name, arguments = call
    if not name:
        raise ValueError(f"{where} must have the name of a function, and has an empty one")
    _sendable(f"{where}[0]", name)
    if isinstance(arguments, str):
        return PlannedCall(name, _sendable(f"{where}[1]", arguments))
    if not isinstance(arguments, Mapping):
        raise TypeError(
            f"{where}[1] must be the arguments as a mapping or a text, not {kind_of(arguments)}"
        )
    return PlannedCall(name, _json(f"{where}[1]", arguments))


def _json(where: str, value: Mapping[str, object]) -> str:
    try:
        return _sendable(where, json.dumps(dict(value), ensure_ascii=False, allow_nan=False))
    except TypeError as error:
        raise TypeError(f"{where} has no form in JSON: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} has no form in JSON: {error}") from error


def _sendable(where: str, text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{where} has half a surrogate pair, which can't be sent") from error
    return text


def chat_requests(calls: Iterable[Call]) -> list[GetCompletionsRequest]:
    """Return the requests for completions among calls, those of batches included."""
    found: list[GetCompletionsRequest] = []
    for call in calls:
        try:
            request = call.request
        except LookupError:
            continue
        if isinstance(request, GetCompletionsRequest):
            found.append(request)
        elif isinstance(request, AddBatchRequestsRequest):
            wanted = (which_one_of(each, "request") for each in request.batch_requests)
            found += [each for kind, each in wanted if kind == "completion_request"]
    return found


def _last_text(request: GetCompletionsRequest) -> str:
    """Return the text of the last message of a request, whoever wrote it."""
    return text_of(request.messages[-1]) if request.messages else ""

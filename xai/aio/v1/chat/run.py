"""Conversations in which the model calls functions of the program until it needs no more."""

import copy
from collections import deque
from collections.abc import Callable
from inspect import isawaitable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, cast

from typing_extensions import TypeVar

from xai._annotations import resolve_lazily
from xai._clock import monotonic
from xai.errors import APIError
from xai.proto.xai_api.chat import GetCompletionsRequest, Message, ToolCall
from xai.runtime.tasks import call_function, perform_together  # twin: async-only
from xai.v1.chat.errors import ToolArgumentsError, ToolError
from xai.v1.chat.functions import FunctionTool, result_parts
from xai.v1.chat.messages import tool_result
from xai.v1.chat.response import Response
from xai.v1.chat.response_format import is_type, make_format, read_response
from xai.v1.chat.steps import (
    ChunkStep,
    ModelStep,
    RunResult,
    RunSettings,
    Step,
    ToolStep,
    TurnLimitError,
    called,
    described,
    is_awaited,
    refuse_waiting,
    resolve_tools,
    shown,
    unknown,
    wanted,
)
from xai.v1.chat.usage import Usage

if TYPE_CHECKING:
    from typing_extensions import Self

    from xai.aio.v1.chat.base import AsyncChatBase
    from xai.aio.v1.chat.streams import AsyncChatStream

T_co = TypeVar("T_co", covariant=True, default=None)

#: Whether a function may return something that has to be waited for.
# twin: sync _CAN_WAIT: Final[bool] = False
_CAN_WAIT: Final[bool] = True
#: What the model reads of a call whose turn has not come, and of one that did not return.
_NOT_RUN: Final = "not run"
_INTERRUPTED: Final = "error: interrupted before there was a result"


class AsyncRun:
    """A run under way: the responses of a model, and the function calls in them.

    As soon as a response is part of the conversation, so is a result for each of its calls, which
    says at first that it was not run. The conversation can therefore be continued wherever the
    run ends: after an error, an interrupt, or when nobody reads on.

    Args:
        chat: The conversation.
        settings: The settings of the run.
        outgoing: Returns the request of the next call, which may be changed.
        turn_of: Returns what a response adds to the conversation.

    Raises:
        TypeError: A function can't be run by this kind of chat.
        ValueError: The chat has a tool without a function, or one with the name of a function of
            the run; or the chat has no messages.
    """

    def __init__(
        self,
        chat: "AsyncChatBase",
        settings: RunSettings,
        outgoing: Callable[[], GetCompletionsRequest],
        turn_of: Callable[[Response], list[Message]],
    ) -> None:
        self._chat = chat
        self._settings = settings
        self._outgoing = outgoing
        self._turn_of = turn_of
        self._functions = {**chat.functions, **settings.functions}
        if not _CAN_WAIT:
            refuse_waiting(self._functions, settings)
        form: Any = settings.response_format
        self._form = None if form is None else make_format(form)
        self._pending: deque[tuple[ToolCall, Message]] = deque()
        self._called: deque[ToolStep] = deque()
        self._steps: list[ModelStep | ToolStep] = []
        self._response: Response | None = None
        self._usage = Usage()
        self._result: RunResult[object] | None = None
        self.whole = False
        self.turn = 0
        # Mistakes are reported now, not by the first iteration.
        self._make_request()

    def request(self) -> GetCompletionsRequest:
        """Begin the next turn, and return its request.

        Raises:
            TurnLimitError: There is none left.
        """
        limit = self._settings.max_turns
        if self.turn == limit:
            turns = "1 turn" if limit == 1 else f"{limit} turns"
            raise TurnLimitError(
                f"there is no final response after {turns}", steps=tuple(self._steps)
            )
        request = self._make_request()
        self.turn += 1
        return request

    def _make_request(self) -> GetCompletionsRequest:
        request = copy.copy(self._outgoing())
        request.tools = resolve_tools(request.tools, self._chat.functions, self._settings.functions)
        if self._form is not None:
            request.response_format = self._form
        return request

    def add_response(self, response: Response) -> ModelStep:
        """Add a response to the conversation, with a result for each call in it."""
        calls = [(call, tool_result(_NOT_RUN, call.id or None)) for call in wanted(response)]
        results = [message for _, message in calls]
        self._chat.messages.extend((*self._turn_of(response), *results))
        self._pending.extend(calls)
        self._response = response
        self._usage += response.usage
        self.whole = not calls
        step = ModelStep(self.turn, response)
        self._steps.append(step)
        return step

    @property
    def pending(self) -> bool:
        """Whether a function is to be called next."""
        return bool(self._pending or self._called)

    def result(self) -> RunResult[object]:
        """Return what came of the run.

        Raises:
            ParseError: The last response is not of the type that was asked for.
            RuntimeError: The run is not at its end.
        """
        if not self.whole or self._response is None:
            raise RuntimeError("there is no result before the end of the run")
        if self._result is None:
            form: Any = self._settings.response_format
            value = read_response(form, self._response) if is_type(form) else None
            steps = tuple(self._steps)
            self._result = RunResult(self._response, steps, self.turn, self._usage, value)
        return self._result

    async def call_next(self) -> ToolStep:
        """Call the next function, and note what it gave.

        Raises:
            APIError: The function made a call of its own, which failed.
        """
        if not self._called:
            calls = self._next_calls()
            # twin: sync self._called.extend(self._perform(*each) for each in calls)
            self._called.extend(await perform_together(self._perform, calls, self._is_awaited))
        step = self._called.popleft()
        self._steps.append(step)
        return step

    def _next_calls(self) -> list[tuple[ToolCall, Message]]:
        """Return the next call, or all that are left of a turn if one of them is awaited."""
        together = _CAN_WAIT and any(self._is_awaited(call) for call, _ in self._pending)
        count = len(self._pending) if together else 1
        return [self._pending.popleft() for _ in range(count)]

    def _is_awaited(self, call: ToolCall) -> bool:
        return is_awaited(call, self._functions)

    async def _perform(self, call: ToolCall, message: Message) -> ToolStep:
        message.content = tool_result(_INTERRUPTED).content
        arguments: dict[str, object] | None = None
        error: Exception | None = None
        begun = monotonic()
        try:
            function = self._find(call)
            arguments = function.arguments(called(call).arguments)
            begun = monotonic()
            parts = result_parts(await _call(function, arguments))
        except APIError:
            raise
        except Exception as caught:  # noqa: BLE001  # whatever a function raises is its result
            if isinstance(caught, ToolArgumentsError) and arguments is None:
                caught.call = call
            error = caught
            parts = tool_result(described(caught)).content
        seconds = monotonic() - begun
        message.content = parts
        return ToolStep(self.turn, call, arguments, shown(parts), error, seconds)

    def _find(self, call: ToolCall) -> FunctionTool[..., object]:
        name = called(call).name
        function = self._functions.get(name)
        if function is None:
            raise unknown(name, self._functions)
        return function

    async def show(self, step: Step) -> None:
        """Tell whoever wants to know of a step, and raise its error if it is to be raised.

        Raises:
            ToolError: The step is an error of a function.
        """
        if self._settings.on_step is not None:
            told = self._settings.on_step(step)
            if isawaitable(told):
                # twin: sync self._settings.refuse_observer(told)
                await told
        if self._settings.on_tool_error == "model" or not isinstance(step, ToolStep):
            return
        if step.error is not None:
            raise ToolError(f"{step.name}: {step.error}", call=step.call) from step.error


async def _call(function: FunctionTool[..., object], arguments: dict[str, object]) -> object:
    # twin: sync return function(**arguments)
    return await call_function(function, arguments, threaded=function.runs_in_thread)


async def run_to_end(run: AsyncRun, sample: "AsyncSampleOne") -> RunResult[object]:
    """Sample responses and call the functions that they ask for, until one asks for none.

    Args:
        run: The run.
        sample: Sends a request and returns the response.

    Raises:
        APIError: A call failed.
        ParseError: The last response is not of the type that was asked for.
        ToolError: A function failed, and its errors are to be raised.
        TurnLimitError: The model still called functions in its last turn.
    """
    while not run.whole:
        await run.show(run.add_response(await sample(run.request())))
        while run.pending:
            await run.show(await run.call_next())
    return run.result()


class AsyncSampleOne(Protocol):
    """Sends a request, and samples a response."""

    async def __call__(self, request: GetCompletionsRequest, /) -> Response:
        """Return the response."""
        ...


class AsyncRunStream(Generic[T_co]):
    """The steps of a run, the chunks of its responses among them; iterate over it once.

    It is an `xai.AsyncStream`. The run goes on only while it is read. Leaving early (`close`, the
    end of an ``async with`` block, garbage collection) cancels the response that is under way, of
    which nothing is kept in the conversation, and leaves what was not run.

    Args:
        run: The run.
        open_stream: Sends a request and returns the stream of the response.
    """

    def __init__(
        self, run: AsyncRun, open_stream: "Callable[[GetCompletionsRequest], AsyncChatStream]"
    ) -> None:
        self._run = run
        self._open = open_stream
        self._stream: AsyncChatStream | None = None
        self._over = False
        self._reading = False

    def __repr__(self) -> str:
        """Show how far it is, and nothing of what was said."""
        state = "whole" if self._run.whole else "not at its end"
        return f"<{type(self).__name__}, turn {self._run.turn}, {state}>"

    @property
    def result(self) -> RunResult[T_co]:
        """What came of the run.

        Raises:
            ParseError: The last response is not of the type that was asked for.
            RuntimeError: The run has not been read to its end.
        """
        return cast("RunResult[T_co]", self._run.result())

    async def until_done(self) -> RunResult[T_co]:
        """Read the rest, and return what came of the run.

        Raises:
            APIError: A call failed; ``partial`` is the response as far as it came.
            ParseError: The last response is not of the type that was asked for.
            RuntimeError: The run was closed before its end.
            ToolError: A function failed, and its errors are to be raised.
            TurnLimitError: The model still called functions in its last turn.
        """
        async for _ in self:
            pass
        return self.result

    def __aiter__(self) -> "Self":
        """Return the stream itself."""
        return self

    async def __anext__(self) -> Step:
        """Wait for the next step and return it.

        Raises:
            APIError: A call failed; ``partial`` is the response as far as it came.
            RuntimeError: The run is being read already, such as by one of its functions.
            ToolError: A function failed, and its errors are to be raised.
            TurnLimitError: The model still called functions in its last turn.
        """
        if self._reading:
            raise RuntimeError("the run is being read already")
        self._reading = True
        try:
            step = await self._next()
            if step is not None:
                await self._run.show(step)
                return step
        except BaseException:
            # Also an interrupt: nobody must take the beginning of a response for all of it.
            await self.close()
            raise
        finally:
            self._reading = False
        raise StopAsyncIteration

    async def _next(self) -> Step | None:
        if self._over:
            return None
        if self._run.pending:
            return await self._run.call_next()
        if self._run.whole:
            return None
        stream = self._stream
        if stream is None:
            stream = self._stream = self._open(self._run.request())
        async for response, chunk in stream:
            return ChunkStep(self._run.turn, response, chunk)
        self._stream = None
        # Closed meanwhile, by another reader: the response is not complete.
        return None if self._over else self._run.add_response(stream.response)

    async def close(self) -> None:
        """End the run here; a second call does nothing."""
        self._over = True
        if self._stream is not None:
            await self._stream.close()

    async def __aenter__(self) -> "Self":
        """Return the stream itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the run."""
        await self.close()


resolve_lazily(globals())

# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/chat/chat.py
"""A chat of the v1 API, and its calls."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar, overload

from xai._annotations import resolve_lazily
from xai._validation import check_bool, given
from xai.proto.xai_api.chat import CHAT_GET_COMPLETION
from xai.sync.v1.chat.base import ChatBase, turn_of
from xai.sync.v1.chat.compaction import compact_messages
from xai.v1.chat.history import Compaction
from xai.v1.chat.response import Response, responses, single_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import TypeForm

    from xai.proto.xai_api.chat import ResponseFormat
    from xai.sync.v1.chat.deferred import Deferred
    from xai.sync.v1.chat.parse import ParseStream
    from xai.sync.v1.chat.run import Run, RunStream
    from xai.sync.v1.chat.streams import BatchStream, ChatStream
    from xai.v1.chat.messages import Part
    from xai.v1.chat.steps import Callables, OnToolError, RunResult, Step
    from xai.v1.structured.json_value import JsonValue

T = TypeVar("T")


class Chat(ChatBase):
    """A chat: its messages, its parameters, and the calls that sample responses.

    Created by `Chats.create`. Responses are not appended unless ``auto_append`` is set or
    `ask` is used. Each call sends the messages as they are when the call is made; what is appended
    meanwhile does not disturb it. A chat must not be changed from several threads at once.
    """

    def sample(self) -> Response:
        """Sample a response.

        Returns:
            The response.

        Raises:
            APIError: The call failed.
            ValueError: The chat has no messages.

        RPC: ``/xai_api.Chat/GetCompletion``.
        """
        # As `_answer` does: one file less on the way of most calls.
        request = self._outgoing()
        read = partial(single_response, request.tools)
        return self._finished(self._caller.unary_with_metadata(CHAT_GET_COMPLETION, request, read))

    def sample_batch(self, n: int) -> list[Response]:
        """Sample several responses to the same messages; none of them is appended.

        Args:
            n: The number of choices, 1 to 128.

        Returns:
            The responses, at most n.

        Raises:
            APIError: The call failed.
            TypeError: n is not an int.
            ValueError: n is out of range, or the chat has no messages.

        RPC: ``/xai_api.Chat/GetCompletion``.
        """
        request = self._outgoing(n)
        return self._caller.unary_with_metadata(
            CHAT_GET_COMPLETION, request, lambda reply, metadata: responses(reply, n, metadata)
        )

    def stream(self) -> "ChatStream":
        """Sample a response and stream it.

        Nothing is sent before the first iteration. Leave the stream early with `close`, or use it
        in an ``with`` block.

        Returns:
            A stream of pairs: the response so far, and the chunk that was added to it.

        Raises:
            ValueError: The chat has no messages.

        RPC: ``/xai_api.Chat/GetCompletionChunk``.
        """
        from xai.sync.v1.chat.streams import ChatStream

        return ChatStream(self._caller, self._outgoing(), self._finished)

    def stream_batch(self, n: int) -> "BatchStream":
        """Sample several responses and stream them; none of them is appended.

        Args:
            n: The number of choices, 1 to 128.

        Returns:
            A stream of pairs of lists: each response so far, and the chunk that was added to each.

        Raises:
            TypeError: n is not an int.
            ValueError: n is out of range, or the chat has no messages.

        RPC: ``/xai_api.Chat/GetCompletionChunk``.
        """
        from xai.sync.v1.chat.streams import BatchStream

        return BatchStream(self._caller, self._outgoing(n), n)

    @overload
    def parse(self, shape: type[T]) -> tuple[Response, T]: ...

    @overload
    def parse(self, shape: "TypeForm[T]") -> tuple[Response, T]: ...

    def parse(self, shape: "TypeForm[T]") -> tuple[Response, T]:
        """Sample a response in JSON of a certain shape, and read it.

        The shape holds for this call only.

        Args:
            shape: A pydantic model, a dataclass, an attrs class, a TypedDict, a union of these, or
                any other type that pydantic knows.

        Returns:
            The response, and what its content stands for.

        Raises:
            APIError: The call failed.
            ImportError: The extra ``pydantic`` is not installed.
            ParseError: The response does not have the shape; it is in the error, and not appended.
            TypeError: The shape has no form in JSON.
            ValueError: The chat has no messages.

        RPC: ``/xai_api.Chat/GetCompletion``.
        """
        from xai.v1.chat.response_format import format_of_type, read_response

        response = self._answer(self._outgoing(shape=format_of_type(shape)))
        value = read_response(shape, response)
        return self._finished(response), value

    @overload
    def stream_parse(self, shape: type[T]) -> "ParseStream[T]": ...

    @overload
    def stream_parse(self, shape: "TypeForm[T]") -> "ParseStream[T]": ...

    def stream_parse(self, shape: "TypeForm[T]") -> "ParseStream[T]":
        """Stream a response in JSON of a certain shape, and see its value grow.

        Args:
            shape: As for `parse`.

        Returns:
            A stream of pairs: the response so far, and what is readable of its value. After its
            end ``result`` has the value in its shape.

        Raises:
            ImportError: The extra ``pydantic`` is not installed.
            TypeError: The shape has no form in JSON.
            ValueError: The chat has no messages.

        RPC: ``/xai_api.Chat/GetCompletionChunk``.
        """
        from xai.sync.v1.chat.parse import ParseStream
        from xai.v1.chat.response_format import format_of_type

        request = self._outgoing(shape=format_of_type(shape))
        return ParseStream(self._caller, request, shape, self._finished)

    def start_deferred(self, n: int | None = 1) -> "Deferred":
        """Start a deferred completion, which is fetched later, perhaps by another process.

        Args:
            n: The number of choices, 1 to 128.

        Returns:
            The deferred completion; none of its responses is appended.

        Raises:
            APIError: The call failed.
            DeferredFailedError: The server returned no ID for the request.
            TypeError: n is not an int.
            ValueError: n is out of range, or the chat has no messages.

        RPC: ``/xai_api.Chat/StartDeferredCompletion``.
        """
        from xai.sync.v1.chat.deferred import Deferred

        n = given(n, 1)
        return Deferred.start(self._caller, self._outgoing(n), n)

    def defer(
        self,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
    ) -> Response:
        """Start a deferred completion, and poll until it is done.

        Args:
            timeout: Seconds to wait in total; 600 when None, no limit when infinite.
            interval: Seconds between polls; 0.1 at first, growing to 1, when None.

        Returns:
            The response.

        Raises:
            APIError: A call failed.
            DeferredExpiredError: The response has expired on the server.
            DeferredFailedError: The server failed to process the request.
            DeferredTimeoutError: It is still pending; it can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not more than 0, or the chat has no messages.

        RPC: ``/xai_api.Chat/StartDeferredCompletion``, ``/xai_api.Chat/GetDeferredCompletion``.
        """
        from xai.sync.v1.chat.deferred import Deferred
        from xai.sync.v1.polling import WaitTimeout

        wait = WaitTimeout(self._caller, timeout, interval)
        deferred = Deferred.start(wait.limited(), self._outgoing(), 1, self._caller)
        return self._finished(deferred.wait_within(wait)[0])

    def defer_batch(
        self,
        n: int,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
    ) -> list[Response]:
        """Start a deferred completion with several choices, and poll until it is done.

        None of the responses is appended.

        Args:
            n: The number of choices, 1 to 128.
            timeout: As for `defer`.
            interval: As for `defer`.

        Returns:
            The responses, at most n.

        Raises:
            APIError: A call failed.
            DeferredExpiredError: The responses have expired on the server.
            DeferredFailedError: The server failed to process the request.
            DeferredTimeoutError: It is still pending; it can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is out of range, or the chat has no messages.

        RPC: ``/xai_api.Chat/StartDeferredCompletion``, ``/xai_api.Chat/GetDeferredCompletion``.
        """
        from xai.sync.v1.chat.deferred import Deferred
        from xai.sync.v1.polling import WaitTimeout

        wait = WaitTimeout(self._caller, timeout, interval)
        deferred = Deferred.start(wait.limited(), self._outgoing(n), n, self._caller)
        return deferred.wait_within(wait)

    def ask(self, *content: "Part") -> Response:
        """Append a user message, sample a response, and append that too.

        Args:
            content: Content parts, in order: strings, and what `xai.v1.text`, `xai.v1.image` and
                `xai.v1.file` return.

        Returns:
            The response.

        Raises:
            APIError: The call failed; nothing was appended.
            TypeError: A part is of the wrong type.
            ValueError: There is no part.

        RPC: ``/xai_api.Chat/GetCompletion``.
        """
        from xai.v1.chat.messages import user

        if not content:
            raise ValueError("content must have at least one part")
        question = user(*content)
        response = self._answer(self._outgoing(question=question))
        self.messages.extend((question, *turn_of(response)))
        return response

    def compact(self, *, keep_system: bool | None = True) -> Compaction:
        """Compact the conversation into an encrypted summary that only the server can read.

        Args:
            keep_system: Whether the system and developer messages at the beginning stay as they
                are.

        Returns:
            The compaction, which has replaced the messages.

        Raises:
            APIError: The call failed; the conversation is as it was.
            TypeError: keep_system is not a bool.
            ValueError: The chat has no messages.

        RPC: ``/xai_api.Chat/CompactContext``.
        """
        keep_system = given(keep_system, default=True)
        check_bool("keep_system", keep_system)
        compaction = compact_messages(self._caller, self.model, self.messages)
        self._replace(compaction, keep_system=keep_system)
        return compaction

    @overload
    def run(
        self,
        *,
        tools: "Callables | None" = (),
        max_turns: int | None = 10,
        on_tool_error: "OnToolError | None" = "model",
        on_step: "Callable[[Step], object] | None" = None,
        response_format: "str | ResponseFormat | Mapping[str, JsonValue] | None" = None,
    ) -> "RunResult[None]": ...

    @overload
    def run(
        self,
        *,
        tools: "Callables | None" = (),
        max_turns: int | None = 10,
        on_tool_error: "OnToolError | None" = "model",
        on_step: "Callable[[Step], object] | None" = None,
        response_format: type[T],
    ) -> "RunResult[T]": ...

    @overload
    def run(
        self,
        *,
        tools: "Callables | None" = (),
        max_turns: int | None = 10,
        on_tool_error: "OnToolError | None" = "model",
        on_step: "Callable[[Step], object] | None" = None,
        response_format: "TypeForm[T]",
    ) -> "RunResult[T]": ...

    def run(
        self,
        *,
        tools: "Callables | None" = (),
        max_turns: int | None = 10,
        on_tool_error: "OnToolError | None" = "model",
        on_step: "Callable[[Step], object] | None" = None,
        response_format: object = None,
    ) -> "RunResult[object]":
        """Sample a response, and call the functions it asks for, until it asks for none.

        Responses and results are appended as they come, so the conversation can go on from wherever
        the run ends; a call that was not made has a result that says so. Functions are called in
        the order of the model, which their results have in any case. A ``tool_choice`` that
        requires a function does so in every turn.

        Args:
            tools: Functions for this run, besides those of the chat.
            max_turns: The maximum number of responses to sample, 1 or more.
            on_tool_error: Whether the model is told of an error of a function, or it is raised.
                Unknown functions and arguments that are not valid are such errors.
            on_step: Is given each step when it is done. What it raises ends the run.
            response_format: The form of the responses, as for `Chats.create`. With a type,
                `RunResult.value` is what the last response stands for.

        Returns:
            The last response, its value, the steps, and what all responses cost.

        Raises:
            APIError: A call failed, also one that a function made.
            ImportError: There are functions, or a type, and the extra ``pydantic`` is not
                installed.
            ParseError: The last response does not have the form; it is in the error, and part of
                the conversation.
            ToolError: A function failed, and its errors are to be raised.
            TurnLimitError: The model still called functions in its last turn.
            TypeError: An argument is of the wrong type, or a function can't be called from here.
            ValueError: An argument is not valid, a tool of the chat has no function, or the chat
                has no messages.

        RPC: ``/xai_api.Chat/GetCompletion``.
        """
        from xai.sync.v1.chat.run import run_to_end

        run = self._start_run(tools, max_turns, on_tool_error, on_step, response_format)
        return run_to_end(run, self._answer)

    @overload
    def run_stream(
        self,
        *,
        tools: "Callables | None" = (),
        max_turns: int | None = 10,
        on_tool_error: "OnToolError | None" = "model",
        on_step: "Callable[[Step], object] | None" = None,
        response_format: "str | ResponseFormat | Mapping[str, JsonValue] | None" = None,
    ) -> "RunStream[None]": ...

    @overload
    def run_stream(
        self,
        *,
        tools: "Callables | None" = (),
        max_turns: int | None = 10,
        on_tool_error: "OnToolError | None" = "model",
        on_step: "Callable[[Step], object] | None" = None,
        response_format: type[T],
    ) -> "RunStream[T]": ...

    @overload
    def run_stream(
        self,
        *,
        tools: "Callables | None" = (),
        max_turns: int | None = 10,
        on_tool_error: "OnToolError | None" = "model",
        on_step: "Callable[[Step], object] | None" = None,
        response_format: "TypeForm[T]",
    ) -> "RunStream[T]": ...

    def run_stream(
        self,
        *,
        tools: "Callables | None" = (),
        max_turns: int | None = 10,
        on_tool_error: "OnToolError | None" = "model",
        on_step: "Callable[[Step], object] | None" = None,
        response_format: object = None,
    ) -> "RunStream[object]":
        """Do as `run` does, and see the responses grow.

        Args:
            tools: As for `run`.
            max_turns: As for `run`.
            on_tool_error: As for `run`.
            on_step: As for `run`.
            response_format: As for `run`.

        Returns:
            A stream of steps, the chunks of the responses among them. After its end ``result`` has
            what `run` returns.

        Raises:
            ImportError: As for `run`.
            TypeError: As for `run`.
            ValueError: As for `run`.

        RPC: ``/xai_api.Chat/GetCompletionChunk``.
        """
        from xai.sync.v1.chat.run import RunStream
        from xai.sync.v1.chat.streams import ChatStream

        run = self._start_run(tools, max_turns, on_tool_error, on_step, response_format)
        return RunStream(run, partial(ChatStream, self._caller))

    def _start_run(
        self,
        tools: "Callables | None",
        max_turns: int | None,
        on_tool_error: "OnToolError | None",
        on_step: "Callable[[Step], object] | None",
        response_format: object,
    ) -> "Run":
        from xai.sync.v1.chat.run import Run
        from xai.v1.chat.steps import check_run

        settings = check_run(tools, max_turns, on_tool_error, on_step, response_format)
        return Run(self, settings, self._outgoing, turn_of)


resolve_lazily(globals())

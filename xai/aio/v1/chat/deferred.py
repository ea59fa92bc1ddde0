"""Deferred completions: requests whose response is fetched later."""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import attrs

from xai._validation import check_sequence
from xai.aio.rpc.caller import AsyncCaller
from xai.errors import DeadlineExceededError, Metadata
from xai.proto.xai_api.chat import (
    CHAT_GET_DEFERRED_COMPLETION,
    CHAT_START_DEFERRED_COMPLETION,
    GetChatCompletionResponse,
    GetCompletionsRequest,
    Tool,
)
from xai.proto.xai_api.deferred import DeferredStatus, GetDeferredRequest
from xai.runtime.retry.throttle import Clock
from xai.v1.chat.errors import DeferredExpiredError, DeferredFailedError, DeferredTimeoutError
from xai.v1.chat.request import check_choices
from xai.v1.chat.response import Response, responses, select_index
from xai.v1.validation import non_empty

#: How long an answer is waited for when nothing else is said, in seconds.
DEFAULT_WAIT: Final = 600.0
_FIRST_PAUSE = 0.1
_GROWTH = 1.5
_LONGEST_PAUSE = 1.0
#: The longest piece of a pause: a client that is closed meanwhile is noticed then.
_PIECE = 0.25


class WaitTimeout:
    """How long somebody waits, from now on, and how often they ask.

    Args:
        clock: The time.
        timeout: Seconds to wait in total; 600 when None.
        interval: Seconds between polls; 0.1 at first, growing to 1, when None.

    Raises:
        TypeError: An argument is not a number or a timedelta.
        ValueError: An argument is not more than 0, or the interval is infinite.
    """

    def __init__(
        self,
        clock: Clock,
        timeout: float | timedelta | None,
        interval: float | timedelta | None,
    ) -> None:
        self.seconds = DEFAULT_WAIT if timeout is None else _seconds("timeout", timeout)
        self._given = None if interval is None else _seconds("interval", interval)
        if self._given is not None and math.isinf(self._given):
            raise ValueError("interval must be finite")
        self._clock = clock
        self._end = clock.now() + self.seconds
        self._pause = self._given or _FIRST_PAUSE

    @property
    def left(self) -> float:
        """The seconds that are left, at least 0."""
        return max(0.0, self._end - self._clock.now())

    def limited(self, caller: AsyncCaller) -> AsyncCaller:
        """Return what makes calls that take no longer than this lasts."""
        total = caller.context.timeouts.total
        left = self.left if total is None else min(total, self.left)
        return caller.with_options(timeout=attrs.evolve(caller.context.timeouts, total=left))

    async def pause(self, caller: AsyncCaller) -> None:
        """Wait until the next question is due, or the time is over.

        Raises:
            RuntimeError: The client was closed.
        """
        seconds = min(self._pause, self.left)
        if self._given is None:
            self._pause = min(self._pause * _GROWTH, _LONGEST_PAUSE)
        end = self._clock.now() + seconds
        self._clock.skip(seconds)
        while (left := end - self._clock.now()) > 0.0:
            await caller.context.transport.sleep(min(left, _PIECE))


class AsyncDeferred:
    """A deferred completion, identified by the ID of its request.

    The ID can be stored, and the response fetched by another process: see `AsyncChats.deferred`.

    Args:
        caller: Makes the calls.
        request_id: The ID.
        n: The number of choices that were requested.
        tools: The tools of the request, which decide how its response is read.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: The ID is empty, or n is out of range.
    """

    def __init__(
        self,
        caller: AsyncCaller,
        request_id: str,
        *,
        n: int = 1,
        tools: Sequence[Tool] = (),
    ) -> None:
        self._request_id = non_empty("request_id", request_id)
        check_choices(n)
        check_sequence("tools", tools, "Tool")
        for index, tool in enumerate(tools):
            if not isinstance(tool, Tool):
                raise TypeError(f"tools[{index}] must be a Tool, not {type(tool).__name__}")
        self._caller = caller
        self._n = n
        self._tools = tuple(tools)

    @classmethod
    async def start(
        cls,
        caller: AsyncCaller,
        request: GetCompletionsRequest,
        n: int,
        later: AsyncCaller | None = None,
    ) -> "AsyncDeferred":
        """Start a deferred completion.

        Args:
            caller: Makes the call.
            request: The request.
            n: The number of choices it asks for.
            later: Runs the calls that come after it; the same when None.

        Raises:
            APIError: The call failed.
            DeferredFailedError: The server returned no ID for the request.

        RPC: ``/xai_api.Chat/StartDeferredCompletion``.
        """
        reply = await caller.unary(CHAT_START_DEFERRED_COMPLETION, request)
        if not reply.request_id:
            text = "the server began to work on a deferred request, and gave it no ID"
            raise DeferredFailedError(text, request_id="")
        return cls(later or caller, reply.request_id, n=n, tools=request.tools)

    @property
    def request_id(self) -> str:
        """The ID of the request."""
        return self._request_id

    async def get(self) -> Response | None:
        """Poll once for the response.

        Returns:
            The response, the first where several were requested; None while it is pending.

        Raises:
            APIError: The call failed.
            DeferredExpiredError: The response has expired on the server.
            DeferredFailedError: The server failed to process the request.

        RPC: ``/xai_api.Chat/GetDeferredCompletion``.
        """
        found = await self._ask(self._caller)
        return None if found is None else found[0]

    async def get_batch(self) -> list[Response] | None:
        """Poll once for all responses.

        Returns:
            The responses, at most as many as were requested; None while they are pending.

        Raises:
            APIError: The call failed.
            DeferredExpiredError: The responses have expired on the server.
            DeferredFailedError: The server failed to process the request.

        RPC: ``/xai_api.Chat/GetDeferredCompletion``.
        """
        return await self._ask(self._caller)

    async def wait(
        self,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
    ) -> Response:
        """Poll until the response is there.

        Args:
            timeout: Seconds to wait in total; 600 when None, no limit when infinite.
            interval: Seconds between polls; 0.1 at first, growing to 1, when None.

        Returns:
            The response, the first where several were requested.

        Raises:
            APIError: A call failed.
            DeferredExpiredError: The response has expired on the server.
            DeferredFailedError: The server failed to process the request.
            DeferredTimeoutError: It is still pending; it can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not more than 0.

        RPC: ``/xai_api.Chat/GetDeferredCompletion``.
        """
        return (await self.wait_batch(timeout=timeout, interval=interval))[0]

    async def wait_batch(
        self,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
    ) -> list[Response]:
        """Poll until all responses are there, as `wait` does for one.

        Args:
            timeout: As for `wait`.
            interval: As for `wait`.

        Returns:
            The responses, at most as many as were requested.

        Raises:
            APIError: A call failed.
            DeferredExpiredError: The responses have expired on the server.
            DeferredFailedError: The server failed to process the request.
            DeferredTimeoutError: It is still pending; it can be waited for again.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not more than 0.

        RPC: ``/xai_api.Chat/GetDeferredCompletion``.
        """
        return await self.wait_within(
            WaitTimeout(self._caller.context.retry_state.clock, timeout, interval)
        )

    async def wait_within(self, patience: WaitTimeout) -> list[Response]:
        """Poll until the responses are there, within a timeout that may have started before.

        Args:
            patience: How long, and how often.
        """
        while True:
            try:
                found = await self._ask(patience.limited(self._caller))
            except DeadlineExceededError as error:
                if patience.left:
                    # A limit of the client's, or of the server.
                    raise
                raise self._timeout(patience) from error
            if found is not None:
                return found
            await patience.pause(self._caller)
            if not patience.left:
                raise self._timeout(patience)

    def __repr__(self) -> str:
        """Return the ID."""
        return f"<{type(self).__name__} {self._request_id}>"

    def _timeout(self, patience: WaitTimeout) -> DeferredTimeoutError:
        text = f"the deferred request {self._request_id} is not done after {patience.seconds:g} s"
        return DeferredTimeoutError(text, request_id=self._request_id)

    async def _ask(self, caller: AsyncCaller) -> list[Response] | None:
        name = self._request_id
        request = GetDeferredRequest(request_id=name)
        reply, metadata = await caller.unary_with_metadata(CHAT_GET_DEFERRED_COMPLETION, request)
        if reply.status == DeferredStatus.EXPIRED:
            text = f"the server keeps the answer to the deferred request {name} no longer"
            raise DeferredExpiredError(text, request_id=name)
        if reply.status == DeferredStatus.FAILED:
            text = f"the server could not answer the deferred request {name}"
            raise DeferredFailedError(text, request_id=name)
        if reply.status != DeferredStatus.DONE:
            # Also for a status that this version has no name for: time will tell.
            return None
        if reply.response is None:
            text = f"the server says that the deferred request {name} is done, and has no answer"
            raise DeferredFailedError(text, request_id=name)
        return self._read(reply.response, metadata)

    def _read(self, reply: GetChatCompletionResponse, metadata: Metadata) -> list[Response]:
        if self._n == 1:
            return [Response(reply, select_index(self._tools, reply.outputs), metadata)]
        return responses(reply, self._n, metadata) or [Response(reply, 0, metadata)]


def _seconds(argument: str, value: object) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        kind = type(value).__name__
        raise TypeError(f"{argument} must be a number of seconds or a timedelta, not {kind}")
    if math.isnan(value) or value <= 0:
        raise ValueError(f"{argument} must be more than 0 seconds, not {value!r}")
    return float(value)

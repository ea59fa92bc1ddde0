# Produced from xai/aio/attempts.py by "nox -s generate". Do not edit.
"""From a message to its reply: the deadline of a whole call, its attempts, and its errors.

Everything here runs where the call was made, log lines included.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

import betterproto

from xai._sentinel import NOT_GIVEN, NotGiven
from xai.errors import APIError, StatusCode, make_error
from xai.options import RetryPolicy, Timeouts, resolve_timeouts
from xai.proto.base import Method
from xai.runtime import codec
from xai.runtime.endpoint import Headers, check_metadata
from xai.runtime.portal import ByteStream, Transport
from xai.runtime.request import Request
from xai.runtime.retry import (
    CallFailed,
    Failure,
    deadline_after,
    may_retry,
    retry_rules,
    stream_closed_failure,
)

if TYPE_CHECKING:
    import tenacity
    from typing_extensions import Self

_log = logging.getLogger("xai")

Q = TypeVar("Q", bound=betterproto.Message)
R = TypeVar("R", bound=betterproto.Message)
R_co = TypeVar("R_co", bound=betterproto.Message, covariant=True)
T = TypeVar("T")


class Attempts:
    """Runs the calls of a client (a ``Caller`` of the generated services).

    Args:
        transport: Carries the bytes.
        timeouts: Limits for a call that brings none.
        retry: When a call is tried again.
        metadata: Pairs sent with every call, after those of the transport.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        timeouts: Timeouts,
        retry: RetryPolicy,
        metadata: Headers = (),
    ) -> None:
        self.transport = transport
        self.timeouts = timeouts
        self.retry = retry
        self.metadata = metadata

    def unary(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] = (),
    ) -> R:
        """Make a call with one reply.

        Args:
            method: The RPC.
            request: Its message.
            timeout: Seconds for the whole call, None for no limit; the client's when not given.
            metadata: Pairs for this call.

        Returns:
            The reply.

        Raises:
            APIError: The call failed.
            TypeError: The request is not of the RPC's type.
            RuntimeError: The client is closed.
        """
        call = _UnaryCall(self, method, request, timeout, metadata)
        return call.decode(call.run())

    def stream(
        self,
        method: Method[Q, R],
        request: Q,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] = (),
    ) -> "ReplyStream[R]":
        """Prepare a call with a streamed reply; it is sent by the first iteration.

        Args:
            method: The RPC.
            request: Its message.
            timeout: Seconds for the whole call, None for no limit; the client's when not given.
            metadata: Pairs for this call.

        Returns:
            The stream of replies.

        Raises:
            TypeError: The request is not of the RPC's type.
            RuntimeError: The client is closed.
        """
        return self.stream_of(method, request, _unchanged, timeout=timeout, metadata=metadata)

    def stream_of(
        self,
        method: Method[Q, R],
        request: Q,
        read: Callable[[R], T | None],
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Sequence[tuple[str, str]] = (),
    ) -> "ReplyStream[T]":
        """Prepare a call whose replies are turned into something else.

        Args:
            method: The RPC.
            request: Its message.
            read: Makes an item from a reply, or None to go on to the next one.
            timeout: As in `stream`.
            metadata: As in `stream`.

        Returns:
            The stream of items.

        Raises:
            TypeError: The request is not of the RPC's type.
            RuntimeError: The client is closed.
        """
        call = _Opening(self, method, request, timeout, metadata)
        return ReplyStream(call, lambda data: read(call.decode(data)))


def _unchanged(reply: R) -> R:
    return reply


class _Call(Generic[T, R_co]):
    """One call: its request, encoded once, and the loop over its attempts."""

    def __init__(
        self,
        attempts: Attempts,
        method: Method[Q, R_co],
        request: Q,
        timeout: float | Timeouts | NotGiven | None,
        metadata: Sequence[tuple[str, str]],
    ) -> None:
        attempts.transport.check_open()
        if not isinstance(request, method.request):
            expected, found = method.request.__name__, type(request).__name__
            raise TypeError(f"request must be a {expected}, not a {found}")
        self.transport = attempts.transport
        self.path = method.path
        self.number = 0
        self._reply = method.reply
        self._policy = attempts.retry
        self._timeouts = resolve_timeouts(timeout, attempts.timeouts)
        self._metadata = attempts.metadata
        if metadata:
            self._metadata += check_metadata(metadata)
        self._payload = codec.encode(request)
        self._streaming = method.server_streaming
        self._first: CallFailed | None = None

    def attempt(self, request: Request) -> T:
        """Try once."""
        raise NotImplementedError

    def run(self) -> T:
        """Try until it succeeds, or until the policy or the deadline says no."""
        timeouts = self._timeouts
        self._request = Request(
            self.path,
            self._payload,
            metadata=self._metadata,
            deadline=deadline_after(timeouts.total),
            connect=timeouts.connect,
            idle=timeouts.idle,
            streaming=self._streaming,
        )
        self.number = 1
        try:
            return self.attempt(self._request)
        except CallFailed as failed:
            if self._policy.max_attempts == 1 or not may_retry(failed.failure, self._policy):
                self.fail(failed.failure)
            self._first = failed
        try:
            return self._try_again()
        except CallFailed as failed:
            self.fail(failed.failure)

    def _try_again(self) -> T:
        from tenacity import Retrying

        rules = retry_rules(self._policy, self._request.deadline)
        retrying = Retrying(
            sleep=self.transport.sleep,
            retry=rules.retry,
            stop=rules.stop,
            wait=rules.wait,
            before_sleep=self._note,
            reraise=True,
        )
        return retrying(self._next_attempt)

    def _next_attempt(self) -> T:
        if self._first is not None:
            # The attempt before tenacity came in counts as its first.
            first, self._first = self._first, None
            raise first
        self.number += 1
        return self.attempt(self._request)

    def _note(self, state: "tenacity.RetryCallState") -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        code = error.failure.code.name if isinstance(error, CallFailed) else "UNKNOWN"
        _log.warning(
            "%s: attempt %d failed with %s, trying again in %.3f s",
            self.path,
            self.number,
            code,
            state.upcoming_sleep,
        )

    def decode(self, data: bytes) -> R_co:
        """Read a reply."""
        try:
            return codec.decode(self._reply, data)
        except codec.DecodeError as error:
            text = f"the reply is not a valid {self._reply.__name__}: {error}"
            self.fail(Failure(StatusCode.INTERNAL, text, final=True, cause=error))

    def fail(self, failure: Failure) -> NoReturn:
        """Raise what stands for a failure, made anew in the caller's thread (H23)."""
        if failure.closed:
            raise RuntimeError(failure.message) from None
        raise self._error(failure) from failure.cause

    def _error(self, failure: Failure) -> APIError:
        return make_error(
            failure.code,
            failure.message,
            details=_read_details(failure.details),
            metadata=failure.trailers,
            method=self.path,
            attempts=self.number,
            host=self.transport.config.endpoint.authority,
            connection=failure.connection,
        )


class _UnaryCall(_Call[bytes, R_co]):
    def attempt(self, request: Request) -> bytes:
        return self.transport.unary(request)


class _Opening(_Call[ByteStream, R_co]):
    """A streamed call up to its first message; until then it may be tried again."""

    first: deque[bytes] | None = None
    wire: ByteStream | None = None
    closed = False

    def attempt(self, request: Request) -> ByteStream:
        self._check_open()
        wire = self.wire = self.transport.stream(request)
        try:
            # Again: a thread that closed in between could not see what to close.
            self._check_open()
            self.first = wire.receive()
        except BaseException:
            wire.close()
            raise
        return wire

    def _check_open(self) -> None:
        if self.closed:
            raise CallFailed(stream_closed_failure())

    def close(self) -> None:
        """Cancel the attempt that is under way, and let no other one start."""
        self.closed = True
        if self.wire is not None:
            self.wire.close()


class ReplyStream(Generic[T]):
    """The items of a streamed reply, in order; iterate over it once.

    The call is sent by the first iteration. Leaving the stream early (`close`, the end of an
    ``with`` block, garbage collection) cancels it on the wire.
    """

    def __init__(
        self, call: "_Opening[betterproto.Message]", read: Callable[[bytes], T | None]
    ) -> None:
        self._call = call
        self._read = read
        self._turn = call.transport.turn()
        self._wire: ByteStream | None = None
        self._batch: deque[bytes] = deque()
        self._over = False

    def __iter__(self) -> "Self":
        """Return the stream itself."""
        return self

    def __next__(self) -> T:
        """Wait for the next item and return it.

        Raises:
            APIError: The call failed; the items before that were returned.
            RuntimeError: The stream or the client was closed while this waited.
        """
        with self._turn:
            try:
                while not self._over:
                    if not self._batch:
                        self._fill()
                        continue
                    item = self._read(self._batch.popleft())
                    if item is not None:
                        return item
            except BaseException:
                # Whatever came up, an interrupt included: nobody will read the rest.
                self.close()
                raise
        raise StopIteration

    def _fill(self) -> None:
        try:
            if self._wire is None:
                self._wire = self._call.run()
                batch = self._call.first
            else:
                batch = self._wire.receive()
        except CallFailed as failed:
            if self._call.closed:
                raise RuntimeError("the stream was closed while it was being read") from None
            self._call.fail(failed.failure)
        if batch is None:
            self._over = True
        else:
            self._batch = batch

    def close(self) -> None:
        """Cancel what is left of the call; a second call does nothing."""
        self._over = True
        self._batch = deque()
        self._call.close()

    def __enter__(self) -> "Self":
        """Return the stream itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the stream."""
        self.close()


def _read_details(data: bytes) -> list[object]:
    """Decode what ``grpc-status-details-bin`` holds; an unknown type stays (name, bytes)."""
    if not data:
        return []
    from xai.proto.google import rpc

    try:
        status = codec.decode(rpc.Status, data)
    except codec.DecodeError:
        # A malformed attachment must not take the place of the status it came with (G19).
        return []
    details: list[object] = []
    for item in status.details:
        name = item.type_url.rpartition("/")[2]
        known = None
        # The name comes from the wire: only a message this library knows is looked up.
        if name.startswith("google.rpc.") and name.removeprefix("google.rpc.") in rpc.__all__:
            known = getattr(rpc, name.removeprefix("google.rpc."))
        try:
            details.append((name, item.value) if known is None else codec.decode(known, item.value))
        except codec.DecodeError:
            details.append((name, item.value))
    return details

"""One call: its request, its deadline, the loop over its attempts, and its error.

Everything here runs where the call was made, log lines and hooks included.
"""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Generic, NoReturn, TypeVar

import betterproto

from xai._annotations import resolve_lazily
from xai._instrumentation import CallObserver, CallScope, call_scope, observe_call
from xai._secrets import NOTHING, Secret, conceal
from xai._sentinel import NOT_GIVEN, NotGiven
from xai.aio.rpc.context import AsyncCallContext
from xai.aio.rpc.retry_wait import announce, sleep_until
from xai.errors import APIError, Metadata, StatusCode, make_error
from xai.options import Timeouts, resolve_timeouts
from xai.proto.base import Method
from xai.proto.status_details import read_details, retry_delay
from xai.runtime.codec import api as codec
from xai.runtime.codec.reading import read_within
from xai.runtime.codec.wire import Check
from xai.runtime.net.config import ChannelConfig, check_size
from xai.runtime.net.endpoint import check_metadata
from xai.runtime.retry.controller import RetryController
from xai.runtime.retry.policy import (
    PREVIOUS_ATTEMPTS,
    CallFailed,
    Failure,
    deadline_after,
    remaining,
)
from xai.runtime.retry.throttle import FULL
from xai.runtime.transport.request import Progress, Request

if TYPE_CHECKING:
    from xai._masking import Masker

Q = TypeVar("Q", bound=betterproto.Message)
R_co = TypeVar("R_co", bound=betterproto.Message, covariant=True)
R = TypeVar("R", bound=betterproto.Message)
T = TypeVar("T")
V = TypeVar("V")

#: Messages of more bytes are decoded beside the event loop, with an eye on the deadline. What is
#: smaller takes less time than going elsewhere would.
LARGE_REPLY: Final = 256 * 2**10


class AsyncRetryLoop(Generic[T]):
    """The attempts of one call or download, made until one succeeds or there is no other one."""

    #: What it shares with the client's other calls.
    context: AsyncCallContext
    #: What is tried, for the log and for hooks.
    path: str
    #: Whether trying it twice is as good as once.
    idempotent: bool
    #: How many attempts were begun.
    attempts = 0
    #: What is told of them.
    observer: CallObserver | None = None
    _timeouts: Timeouts
    #: When all of them end, on the monotonic clock; None is never.
    _deadline: float | None = None
    #: What decides about further ones; None before the first failure.
    _retries: RetryController | None = None
    #: What the call belongs to, if anything.
    _scope: CallScope | None = None

    def begin(self, deadline: float | None) -> None:
        """Prepare an attempt, and count it.

        Args:
            deadline: When it ends, on the monotonic clock; None is never.
        """
        self._deadline = deadline
        self.attempts += 1

    async def attempt(self) -> T:
        """Make the attempt that was prepared.

        Raises:
            CallFailed: It failed.
        """
        raise NotImplementedError

    def error(self, failure: Failure) -> APIError:
        """Return the error of a failure, without the credentials a server may have quoted."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise when there is no use in waiting for another attempt."""

    async def run(self) -> T:
        """Make attempts until one succeeds, or until there is no other one.

        A call that is interrupted in between goes on where it was.

        Raises:
            APIError: None of them succeeded.
        """
        if not self.attempts:
            if self._scope is not None:
                await self._wait_in(self._scope)
            self.begin(deadline_after(self._timeouts.total))
        while True:
            if self._retries is not None:
                await self._wait(self._retries)
            try:
                return await self.attempt()
            except CallFailed as failed:
                failure = failed.failure
            self.retry(failure)

    def retry(self, failure: Failure) -> None:
        """Decide what follows on a failed attempt, and announce another one.

        Args:
            failure: How it failed.

        Raises:
            APIError: There is no other one.
        """
        retries = self._retries
        if retries is None:
            retries = self._retries = RetryController(
                self.context.retry,
                self.context.retry_state,
                idempotent=self.idempotent,
                left=remaining(self._deadline),
                retry_delay=retry_delay,
            )
        delay, reason = retries.evaluate(failure)
        if self._scope is not None:
            self._scope.failed(failure.code, retries.server_wait)
        if delay is None:
            self.fail(failure, reason)
        announce(
            self.context,
            self.path,
            failure,
            attempt=self.attempts,
            delay=delay,
            observer=self.observer,
        )
        self._time_left(retries)
        self.context.retry_state.clock.skip(delay)

    async def _wait(self, retries: RetryController) -> None:
        if retries.next_attempt_at is None:
            # Whoever waited for this attempt was interrupted, and is back.
            return
        await sleep_until(self.context, retries.next_attempt_at, self.check)
        if self._scope is not None:
            await self._wait_in(self._scope)
        retries.next_attempt_at = None
        self.begin(deadline_after(self._time_left(retries)))

    async def _wait_in(self, scope: CallScope) -> None:
        """Wait until what this call belongs to may call again; that may be put off meanwhile."""
        while scope.not_before() > self.context.retry_state.clock.now():
            await sleep_until(self.context, scope.not_before(), self.check)

    def _time_left(self, retries: RetryController) -> float | None:
        left = retries.left()
        if left is not None and left <= 0.0:
            # The hook, or the wait, took longer than there was time. The last failure says more
            # than a deadline does.
            self.fail(retries.failure)
        return left

    def fail(self, failure: Failure, reason: str = "") -> NoReturn:
        """Raise the error of a failure, made anew in the caller's thread.

        Two threads that raise the same object would write into each other's tracebacks.

        Args:
            failure: How the last attempt failed.
            reason: Why there is no other attempt although the failure would allow one.
        """
        if failure.closed:
            raise RuntimeError(failure.message) from None
        error = self.error(failure)
        if reason:
            error.add_note(f"not tried again: {reason}")
        raise error from failure.cause


class AsyncCall(AsyncRetryLoop[T], Generic[T, R_co]):
    """One call, and all there is to know of it while it is under way.

    Args:
        context: What it shares with the client's other calls.
        method: The RPC.
        request: Its message; None for a stream of them.
        timeout: Seconds for the whole call, None for no limit; the client's when not given.
        metadata: Pairs for this call.

    Raises:
        TypeError: The request is not of the RPC's type.
        ValueError: The request is too large.
        RuntimeError: The client is closed.
    """

    #: What the current attempt sends, and until when.
    _request: Request
    #: A large message that was decoded ahead, and its bytes.
    _decoded: tuple[bytes, R_co] | None = None
    #: Whether it failed for what is in its reply.
    reply_is_malformed = False

    def __init__(
        self,
        context: AsyncCallContext,
        method: Method[Q, R_co],
        request: Q | None,
        timeout: float | Timeouts | NotGiven | None,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]],
    ) -> None:
        pairs = conceal(metadata) if metadata and metadata is not NOTHING else None
        del metadata
        transport = context.transport
        transport.check_open()
        # Asked here before it is asked there: one call of a function less for each call.
        if not method.client_streaming and not isinstance(request, method.request):
            check_type(method, request)
        self.context = context
        self._method = method
        self.path = method.path
        self.idempotent = method.idempotent
        self._timeouts = context.timeouts
        if timeout is not NOT_GIVEN:
            self._timeouts = resolve_timeouts(timeout, context.timeouts)
        self._metadata = context.metadata
        if pairs is not None:
            self._metadata += check_metadata(pairs)
        if not method.server_streaming:
            # A stream is sent when it is first read.
            transport.prepare(self._timeouts.connect)
        self._payload = b"" if request is None else codec.encode(request)
        check_size(len(self._payload), transport.config)
        # Last of all: what is observed is sent.
        seen = method.request() if request is None else request
        masker = functools.partial(_masker, transport.config, self._metadata)
        self._scope = call_scope.get()
        self.observer = observe_call(method.path, context.host, seen, masker, self._scope)
        if self.observer is not None:
            self._metadata += check_metadata(self.observer.metadata())

    def begin(self, deadline: float | None) -> None:
        """Prepare an attempt, and count it."""
        metadata = self._metadata
        if self.attempts:
            metadata = ((PREVIOUS_ATTEMPTS, str(self.attempts)), *metadata)
        # As the base class does it, without a call of a function more for each call.
        self._deadline = deadline
        self.attempts += 1
        self._request = Request(
            self._method.path,
            self._payload,
            metadata=metadata,
            deadline=deadline,
            connect=self._timeouts.connect,
            idle=self._timeouts.idle,
            streaming=self._method.server_streaming,
            uploading=self._method.client_streaming,
        )

    def succeeded(self) -> None:
        """Give the budget of retries its share of a success."""
        throttle = self.context.retry_state.throttle
        if throttle.level < FULL:
            throttle.succeeded()

    def finished(
        self, error: BaseException | None, reply: "betterproto.Message | None" = None
    ) -> None:
        """Tell the observers of the end; only the first time counts."""
        observer, self.observer = self.observer, None
        if observer is not None:
            observer.end(error, reply, self.attempts)

    @property
    def response_metadata(self) -> Metadata:
        """The metadata of the response, initial and then trailing, as far as they have come."""
        return self._request.response_metadata

    async def decode_large(self, data: bytes) -> None:
        """Decode a large message where it keeps nobody waiting; `decode` will return it.

        Raises:
            APIError: It is not valid, or the time allowed for the call is over.
        """
        cls = self._method.reply
        try:
            decoded = await self.decode_aside(functools.partial(codec.decode, cls, data))
        except APIError:
            # As in `decode`.
            del data
            raise
        self._decoded = data, decoded

    async def decode_aside(self, work: Callable[[Check], V]) -> V:
        """Decode something large where it keeps nobody waiting.

        Args:
            work: Does it, and calls now and then what raises when the time is over.

        Raises:
            APIError: It is not valid, or the time allowed for the call is over.
        """
        try:
            return await self.context.transport.decode(work, self._request.deadline)
        except CallFailed as failed:
            failure = failed.failure
        except (codec.DecodeError, codec.OverflowingError) as error:
            failure = self._undecodable(error)
        # As in `decode`.
        del work
        return self.fail(failure)

    def decode(self, data: bytes) -> R_co:
        """Decode a message of the response.

        Raises:
            InternalServerError: It is not valid.
        """
        decoded, self._decoded = self._decoded, None
        if decoded is not None and decoded[0] is data:
            return decoded[1]
        try:
            return codec.decode(self._method.reply, data)
        except codec.DecodeError as error:
            failure = self._undecodable(error)
        # The frame of an error keeps its variables.
        del data
        return self.fail(failure)

    def _undecodable(self, error: Exception) -> Failure:
        text = f"the reply is not a valid {self._method.reply.__name__}: {error}"
        if isinstance(error, codec.OverflowingError):
            text = f"the reply is refused: {error}"
        return self.malformed(text, error)

    def malformed(self, text: str, error: Exception) -> Failure:
        """Return the failure of a call whose reply makes no sense.

        Args:
            text: What is wrong with it.
            error: What came up. Its frames hold the reply, and with it whatever the server has
                quoted, so they go.
        """
        self.reply_is_malformed = True
        found: BaseException | None = error
        while found is not None:
            found.__traceback__ = None
            found = found.__cause__ or found.__context__
        return Failure(StatusCode.INTERNAL, text, final=True, cause=error)

    def error(self, failure: Failure) -> APIError:
        """Return the error of a failure, without the credentials a server may have quoted."""
        failure.mask(_masker(self.context.transport.config, self._metadata))
        error = make_error(
            failure.code,
            failure.message,
            details=read_details(failure.details),
            metadata=failure.trailers,
            method=self._method.path,
            attempts=self.attempts,
            host=self.context.host,
            connection=failure.connection,
        )
        return error if self.context.reshape is None else self.context.reshape(error, failure)


def check_type(method: Method[Q, R_co], request: object) -> None:
    """Raise when a request is not of its RPC's type.

    Args:
        method: The RPC.
        request: What should be its message.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(request, method.request):
        expected, found = method.request.__name__, type(request).__name__
        raise TypeError(f"request must be a {expected}, not a {found}")


def _masker(config: ChannelConfig, metadata: Metadata) -> "Masker":
    """Return what takes the credentials of a call out of a text."""
    from xai._masking import Masker, secret_values

    return Masker((*config.secrets(), *secret_values(metadata)))


class AsyncUnaryCall(AsyncCall[bytes, R_co]):
    """A call with one reply."""

    on_sent: Progress | None = None
    on_received: Progress | None = None

    async def attempt(self) -> bytes:
        """Make one attempt."""
        request = self._request
        request.on_sent, request.on_received = self.on_sent, self.on_received
        return await self.context.transport.unary(request)

    async def reply(self) -> R_co:
        """Make the call, and return its reply.

        Raises:
            APIError: The call failed.
        """
        try:
            data = await self.run()
            self.succeeded()
            if len(data) > LARGE_REPLY:
                await self.decode_large(data)
            reply = self.decode(data)
        except BaseException as error:
            data = b""
            self.finished(error)
            raise
        if self.observer is not None:
            self.finished(None, reply)
        return reply

    async def reply_as(self, read: Callable[[R_co], T]) -> T:
        """Make the call, and return a value made of its reply.

        Args:
            read: Makes the value. When the reply is large, in the place where it is decoded.

        Raises:
            APIError: The call failed, or `read` raised a DecodeError: the reply makes no sense.
        """
        senseless: codec.DecodeError | None = None
        try:
            data = await self.run()
            self.succeeded()
            if len(data) > LARGE_REPLY:
                reply, value = await self.decode_aside(
                    functools.partial(_decode_and_read, self._method.reply, data, read)
                )
            else:
                reply = self.decode(data)
                try:
                    value = read(reply)
                except codec.DecodeError as error:
                    senseless = error
            if senseless is not None:
                del reply
                self.fail(self._undecodable(senseless))
        except BaseException as error:
            data = b""
            self.finished(error)
            raise
        if self.observer is not None:
            self.finished(None, reply)
        return value


def _decode_and_read(
    cls: type[R], data: bytes, read: Callable[[R], T], check: Check
) -> tuple[R, T]:
    reply = codec.decode(cls, data, check)
    return reply, read_within(check, read, reply)


resolve_lazily(globals())

# Do not edit: produced by "nox -s generate" from
# xai/aio/rpc/call.py
"""From a message to its reply: the deadline of a whole call, its attempts, and its errors.

Everything here runs where the call was made, log lines and hooks included.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

import betterproto

from xai._instrumentation import observe_call
from xai._secrets import Secret, conceal
from xai._sentinel import NotGiven
from xai.errors import APIError, Metadata, StatusCode, make_error
from xai.options import RetryEvent, Timeouts, resolve_timeouts
from xai.proto.base import Method
from xai.proto.status_details import read_details, retry_delay
from xai.runtime.codec import api as codec
from xai.runtime.net.endpoint import check_metadata, check_size
from xai.runtime.retry.policy import (
    PREVIOUS_ATTEMPTS,
    CallFailed,
    Failure,
    RetryController,
    deadline_after,
    error_class,
    remaining,
)
from xai.runtime.transport.request import Progress, Request

if TYPE_CHECKING:
    from xai.sync.rpc.caller import Caller

_log = logging.getLogger("xai")

Q = TypeVar("Q", bound=betterproto.Message)
R_co = TypeVar("R_co", bound=betterproto.Message, covariant=True)
T = TypeVar("T")

#: The longest piece of a wait, in seconds: a client or a stream that another thread closes
#: meanwhile is noticed then.
_PIECE = 0.25


class Call(Generic[T, R_co]):
    """One call: its request, encoded once, and the loop over its attempts."""

    _request: Request
    _trial: RetryController | None = None
    _waited = False

    def __init__(
        self,
        attempts: "Caller",
        method: Method[Q, R_co],
        request: Q,
        timeout: float | Timeouts | NotGiven | None,
        metadata: Sequence[tuple[str, str]] | Secret[Sequence[tuple[str, str]]],
    ) -> None:
        pairs = conceal(metadata) if metadata else None
        del metadata
        attempts.transport.check_open()
        if not isinstance(request, method.request):
            expected, found = method.request.__name__, type(request).__name__
            raise TypeError(f"request must be a {expected}, not a {found}")
        self.transport = attempts.transport
        self.path = method.path
        self.number = 0
        self._reply = method.reply
        self.repeatable = method.idempotent
        self._policy = attempts.retry
        self._state = attempts.state
        self._timeouts = resolve_timeouts(timeout, attempts.timeouts)
        self._metadata = attempts.metadata
        if pairs is not None:
            self._metadata += check_metadata(pairs)
        if not method.server_streaming:
            # A stream is sent when it is first read.
            self.transport.prepare(self._timeouts.connect)
        self._payload = codec.encode(request)
        check_size(self._payload, attempts.transport.config)
        self._streaming = method.server_streaming
        # Last of all: what is watched is sent.
        self.watch = observe_call(self.path, self.transport.config.endpoint.authority, request)
        if self.watch is not None:
            self._metadata += check_metadata(self.watch.metadata())

    def attempt(self, request: Request) -> T:
        """Try once."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise when there is no use in waiting for another attempt."""

    def run(self) -> T:
        """Try until it succeeds, or until the policy or the deadline says no.

        Raises:
            APIError: It did not succeed.
        """
        self.number = 1
        self._request = self._make_request(deadline_after(self._timeouts.total))
        return self.go_on()

    def go_on(self) -> T:
        """Make the attempt that is due, and others after it.

        Raises:
            APIError: None of them succeeded.
        """
        try:
            return self.attempt(self._request)
        except CallFailed as failed:
            failure = failed.failure
        return self.try_again(failure)

    def _make_request(self, deadline: float | None) -> Request:
        metadata = self._metadata
        if self.number > 1:
            metadata = ((PREVIOUS_ATTEMPTS, str(self.number - 1)), *metadata)
        return Request(
            self.path,
            self._payload,
            metadata=metadata,
            deadline=deadline,
            connect=self._timeouts.connect,
            idle=self._timeouts.idle,
            streaming=self._streaming,
        )

    def judge(self, failure: Failure) -> RetryController:
        """Count a failed attempt."""
        trial = self._trial
        if trial is None:
            trial = self._trial = RetryController(
                failure,
                self._policy,
                self._state,
                idempotent=self.repeatable,
                left=remaining(self._request.deadline),
                retry_delay=retry_delay,
            )
        trial.judge(failure)
        return trial

    def try_again(self, failure: Failure) -> T:  # noqa: RET503  # `fail` never returns
        """Go on after a failed attempt, or raise what stands for it.

        Raises:
            APIError: There is no other attempt, or none of them succeeded.
        """
        trial = self.judge(failure)
        if not trial.judge(failure) or trial.over():
            self.fail(failure, trial.reason)
        from tenacity import Retrying

        rules = trial.rules()
        retrying = Retrying(
            sleep=lambda seconds: self._sleep(trial, seconds),
            retry=rules.retry,
            stop=rules.stop,
            wait=rules.wait,
            before_sleep=lambda _: self._announce(trial),
            reraise=True,
        )
        self._waited = False
        try:
            return retrying(self._next_attempt, trial)
        except CallFailed as failed:
            last = failed.failure
        finally:
            # What it is about to do holds it, and it holds this call: a cycle, in which a stream
            # that nobody wants any more would go on until the collector comes (H16).
            retrying.iter_state.reset()
        self.fail(last, trial.reason)

    def _next_attempt(self, trial: RetryController) -> T:
        left = trial.left()
        if not self._waited or (left is not None and left <= 0.0):
            # What brought tenacity in is the first thing it sees. And where the wait took longer
            # than planned, the last real failure says more than a deadline does.
            raise CallFailed(trial.failure)
        self.number += 1
        self._request = self._make_request(deadline_after(left))
        return self.attempt(self._request)

    def _sleep(self, trial: RetryController, seconds: float) -> None:
        if trial.over():
            # The hook took the time that the wait needs.
            raise CallFailed(trial.failure)
        self._waited = True
        clock = self._state.clock
        end = clock.now() + seconds
        clock.skip(seconds)
        while (left := end - clock.now()) > 0.0:
            self.transport.sleep(min(left, _PIECE))
            self.check()

    def _announce(self, trial: RetryController) -> None:
        """Tell the log and the hook of the retry that comes; this is the caller's thread (W2)."""
        failure, wait = trial.failure, trial.wait
        _log.warning(
            "%s: attempt %d failed with %s, trying again in %.3f s",
            self.path,
            self.number,
            failure.code.name,
            wait,
            # With a prefix: a record can't take a name that somebody's factory gave to it.
            extra={
                "xai_method": self.path,
                "xai_attempt": self.number,
                "xai_status": failure.code.name,
                "xai_wait": wait,
            },
        )
        hook = self._policy.on_retry
        if hook is None and self.watch is None:
            return
        event = RetryEvent(
            method=self.path,
            attempt=self.number,
            error=error_class(failure),
            code=failure.code,
            wait=wait,
        )
        if self.watch is not None:
            self.watch.retry(event)
        if hook is None:
            return
        try:
            hook(event)
        except Exception:  # noqa: BLE001  # the user's, and the call is not at fault
            _log.exception("%s: the hook on_retry failed", self.path)

    def finished(
        self, error: BaseException | None, reply: "betterproto.Message | None" = None
    ) -> None:
        """Tell those who watch; only the first time counts."""
        watch, self.watch = self.watch, None
        if watch is not None:
            watch.end(error, reply, self.number)

    @property
    def answer_metadata(self) -> Metadata:
        """The metadata of the answer, initial and then trailing, as far as they have come."""
        return self._request.answer_metadata

    def decode(self, data: bytes) -> R_co:
        """Read a reply."""
        try:
            return codec.decode(self._reply, data)
        except codec.DecodeError as error:
            text = f"the reply is not a valid {self._reply.__name__}: {error}"
            self.fail(Failure(StatusCode.INTERNAL, text, final=True, cause=error))

    def fail(self, failure: Failure, reason: str = "") -> NoReturn:
        """Raise what stands for a failure, made anew in the caller's thread (H23)."""
        if failure.closed:
            raise RuntimeError(failure.message) from None
        error = self.error(failure)
        if reason:
            error.add_note(f"not tried again: {reason}")
        raise error from failure.cause

    def error(self, failure: Failure) -> APIError:
        """Return what stands for a failure, without the credentials a server may have quoted."""
        from xai._masking import Masker, secret_values

        credentials = self.transport.config.credentials()
        failure.mask(Masker((*credentials, *secret_values(self._metadata))))
        return make_error(
            failure.code,
            failure.message,
            details=read_details(failure.details),
            metadata=failure.trailers,
            method=self.path,
            attempts=self.number,
            host=self.transport.config.endpoint.authority,
            connection=failure.connection,
        )


class UnaryCall(Call[bytes, R_co]):
    """A call with one reply."""

    on_sent: Progress | None = None
    on_received: Progress | None = None

    def attempt(self, request: Request) -> bytes:
        """Try once."""
        request.on_sent, request.on_received = self.on_sent, self.on_received
        return self.transport.unary(request)

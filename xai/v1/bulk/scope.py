"""What the calls of one item tell: attempts, usage, and how much the server takes."""

from typing import TYPE_CHECKING

from xai._annotations import resolve_lazily
from xai._clock import monotonic
from xai.errors import APIError, Metadata, StatusCode
from xai.options import RetryEvent
from xai.proto.base import Message, fields_of
from xai.proto.xai_api.usage import SamplingUsage
from xai.runtime.locks import Lock
from xai.runtime.retry.concurrency import ConcurrencyLimit
from xai.runtime.retry.throttle import RetryState
from xai.v1.chat.usage import Usage, read_usage

if TYPE_CHECKING:
    import betterproto

    from xai._instrumentation import CallObserver


class ItemScope:
    """Follows the calls of one item, which may come from several threads.

    Args:
        limit: How many calls the client makes at the same time.
        retry_state: Whose clock says when they may begin.
    """

    def __init__(self, limit: ConcurrencyLimit, retry_state: RetryState) -> None:
        self._limit = limit
        self._retry_state = retry_state
        self._lock = Lock()
        self._refused = False
        self.attempts = 0
        self.usage: Usage | None = None

    def watch(self, path: str, host: str, request: "betterproto.Message") -> "CallObserver":  # noqa: ARG002  # whatever the call is
        """Begin to watch a call."""
        return _WatchedCall(self)

    def not_before(self) -> float:
        """Return when attempts may begin, by the clock of the client's retries."""
        return self._limit.not_before

    def failed(self, code: StatusCode, server_wait: float | None) -> None:
        """Note that an attempt failed."""
        if server_wait is not None:
            self._limit.hold(self._retry_state.clock.now() + server_wait)
        self._refused = code is StatusCode.RESOURCE_EXHAUSTED

    def begin(self) -> float:
        """Note the beginning of a call, and return when it was."""
        return self._limit.begin()

    def retry(self, began: float) -> float:
        """Note that another attempt follows on one that began at a time, and return the present."""
        self.refuse(began)
        return monotonic()

    def refuse(self, began: float) -> None:
        """Note whether the server had no room for an attempt."""
        if self._refused:
            self._limit.refuse(began)
            self._refused = False

    def end(self, began: float, error: BaseException | None, reply: object, attempts: int) -> None:
        """Note the end of a call."""
        self.refuse(began)
        self._limit.end(began, succeeded=error is None and attempts == 1)
        usage = _usage_of(reply)
        with self._lock:
            self.attempts += attempts
            if usage is not None:
                self.usage = usage if self.usage is None else self.usage + usage


class _WatchedCall:
    """One call of an item."""

    def __init__(self, scope: ItemScope) -> None:
        self._scope = scope
        self._began = scope.begin()

    def metadata(self) -> Metadata:
        """Send nothing."""
        return ()

    def retry(self, event: RetryEvent) -> None:  # noqa: ARG002  # the scope knows more of it
        """Note that another attempt follows."""
        self._began = self._scope.retry(self._began)

    def arrived(self) -> None:
        """Note nothing: messages of a stream say nothing of the load."""

    def end(
        self, error: BaseException | None, reply: "betterproto.Message | None", attempts: int
    ) -> None:
        """Note the end."""
        self._scope.end(self._began, error, reply, attempts)


def _usage_of(reply: object) -> Usage | None:
    usage = fields_of(reply).get("usage") if isinstance(reply, Message) else None
    return read_usage(usage) if isinstance(usage, SamplingUsage) else None


def usage_from(value: object, noted: Usage | None) -> Usage | None:
    """Return the usage of an item: what its replies told, else what its value has."""
    if noted is not None:
        return noted
    found = getattr(value, "usage", None)
    return found if isinstance(found, Usage) else None


def attempts_of(scope: ItemScope, error: Exception | None) -> int:
    """Return how many attempts the calls of an item took."""
    return max(scope.attempts, error.attempts if isinstance(error, APIError) else 0)


resolve_lazily(globals())

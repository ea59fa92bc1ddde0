"""Who is told about calls: the log, and whoever else watches them, such as `xai.otel`.

Nobody who watches can break a call: what a watcher raises is logged once and goes no further. That
is the one place where an exception is swallowed, since the response it would cost was paid for.
"""

import contextlib
import contextvars
import functools
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

from xai._annotations import resolve_lazily
from xai._clock import monotonic
from xai._log import log

if TYPE_CHECKING:
    import betterproto

    from xai._masking import Masker
    from xai.errors import Metadata, StatusCode
    from xai.options import RetryEvent

# The lines of calls have a name of their own, below "xai", so that a program can keep the rest of
# the log at DEBUG without a line for each call.
_call_log = logging.getLogger("xai.calls")
_LEVELS: Final = ("debug", "info", "warning", "error")
#: Whether messages are logged as well: XAI_LOG_MESSAGES=1.
_MESSAGES: Final = "XAI_LOG_MESSAGES"


class CallObserver(Protocol):
    """What is told about one call, where the call was made."""

    def metadata(self) -> "Metadata":
        """Return the pairs to send with the call, such as the context of a trace."""

    def retry(self, event: "RetryEvent") -> None:
        """Note that another attempt follows."""

    def arrived(self) -> None:
        """Note that messages of a streamed reply have come."""

    def end(
        self, error: BaseException | None, reply: "betterproto.Message | None", attempts: int
    ) -> None:
        """Note the end.

        Args:
            error: Why it failed; None when it did not, and when a stream was left early.
            reply: The reply of a call that has one.
            attempts: How many were made.
        """


#: Begins to watch a call: told the RPC's path, the host and the request.
Watcher = Callable[[str, str, "betterproto.Message"], CallObserver]


class CallScope(Protocol):
    """What follows the calls that are made within it, and says when they may begin."""

    def watch(self, path: str, host: str, request: "betterproto.Message") -> CallObserver:
        """Begin to watch a call."""

    def not_before(self) -> float:
        """Return when attempts may begin, by the clock of the client's retries."""

    def failed(self, code: "StatusCode", server_wait: float | None) -> None:
        """Note that an attempt failed.

        Args:
            code: The status.
            server_wait: The seconds to wait that the server named; None when it did not.
        """


#: What the calls of this thread or task belong to, if anything.
call_scope: contextvars.ContextVar[CallScope | None] = contextvars.ContextVar(
    "xai_call_scope", default=None
)

#: Those who watch the calls of this process, besides the log.
_watchers: list[Watcher] = []


def add_watcher(watcher: Watcher) -> None:
    """Let somebody watch the calls that begin from now on."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def remove_watcher(watcher: Watcher) -> None:
    """Let somebody watch no more calls; those under way are watched to their end."""
    if watcher in _watchers:
        _watchers.remove(watcher)


def observe_call(
    path: str,
    host: str,
    request: "betterproto.Message",
    masker: "Callable[[], Masker]",
    scope: CallScope | None = None,
) -> "Watches | None":
    """Begin to watch a call.

    Args:
        path: The path of the RPC.
        host: The host and port that is called.
        request: The message.
        masker: Makes what takes the call's credentials out of a text.
        scope: What the call belongs to.

    Returns:
        Those who watch; None when nobody does, which is all that this costs then.
    """
    logged = _call_log.isEnabledFor(logging.DEBUG)
    if not _watchers and not logged and scope is None:
        return None
    own = () if scope is None else (scope.watch,)
    return Watches(path, host, request, masker if logged else None, own)


class Watches:
    """All who watch one call, kept from disturbing it.

    Args:
        path: The path of the RPC.
        host: The host and port that is called.
        request: The message.
        masker: Makes what takes the call's credentials out of a text for the log; None when there
            is no log.
        more: Others who want to watch this call.
    """

    def __init__(
        self,
        path: str,
        host: str,
        request: "betterproto.Message",
        masker: "Callable[[], Masker] | None",
        more: Iterable[Watcher] = (),
    ) -> None:
        self._all: list[CallObserver] = []
        makers: list[Watcher] = [*_watchers, *more]
        if masker is not None:
            makers.insert(0, functools.partial(_LogLine, masker))
        for make in makers:
            with _kept_quiet():
                self._all.append(make(path, host, request))

    def metadata(self) -> "Metadata":
        """Return all pairs to send with the call."""
        pairs: list[tuple[str, str]] = []
        for watch in self._all:
            with _kept_quiet():
                pairs.extend(watch.metadata())
        return tuple(pairs)

    def retry(self, event: "RetryEvent") -> None:
        """Note that another attempt follows."""
        for watch in self._all:
            with _kept_quiet():
                watch.retry(event)

    def arrived(self) -> None:
        """Note that messages of a streamed reply have come."""
        for watch in self._all:
            with _kept_quiet():
                watch.arrived()

    def end(
        self, error: BaseException | None, reply: "betterproto.Message | None", attempts: int
    ) -> None:
        """Note the end; only the first time counts."""
        every, self._all = self._all, []
        for watch in every:
            with _kept_quiet():
                watch.end(error, reply, attempts)


@contextlib.contextmanager
def _kept_quiet() -> Iterator[None]:
    try:
        yield
    except Exception:  # noqa: BLE001  # see the module's docstring
        log.exception("what watches the calls has failed; the call goes on")


class _LogLine:
    """One line at DEBUG for each call, and its messages when they are asked for."""

    def __init__(
        self,
        masker: "Callable[[], Masker]",
        path: str,
        host: str,
        request: "betterproto.Message",
    ) -> None:
        self._path = path
        self._host = host
        self._began = monotonic()
        self._first: float | None = None
        self._messages = os.environ.get(_MESSAGES) == "1"
        if self._messages:
            self._mask = masker().text
            _call_log.debug("%s is sent %s", path, self._mask(repr(request)))

    def metadata(self) -> "Metadata":
        """Send nothing."""
        return ()

    def retry(self, event: "RetryEvent") -> None:
        """Say nothing: the retry has a line of its own."""

    def arrived(self) -> None:
        """Note when the first came."""
        if self._first is None:
            self._first = monotonic() - self._began

    def end(
        self, error: BaseException | None, reply: "betterproto.Message | None", attempts: int
    ) -> None:
        """Write the line."""
        seconds = monotonic() - self._began
        status = "OK" if error is None else getattr(getattr(error, "code", None), "name", "")
        status = status or type(error).__name__
        if self._messages and reply is not None:
            _call_log.debug("%s is answered %s", self._path, self._mask(repr(reply)))
        _call_log.debug(
            "%s on %s: %s after %.3f s and %d attempts",
            self._path,
            self._host,
            status,
            seconds,
            attempts,
            extra={
                "xai_method": self._path,
                "xai_host": self._host,
                "xai_status": status,
                "xai_seconds": seconds,
                "xai_first": self._first,
                "xai_attempts": attempts,
            },
        )


def log_as_asked(value: str) -> None:
    """Write the log to the standard error stream, for the environment variable ``XAI_LOG``.

    Args:
        value: The variable's value: ``debug``, ``info``, ``warning`` or ``error``.

    Raises:
        ValueError: It is something else.
    """
    level = value.strip().lower()
    if level not in _LEVELS:
        raise ValueError(f"XAI_LOG must be one of {', '.join(_LEVELS)}, not {value!r}")
    log.setLevel(level.upper())
    if not any(isinstance(handler, _Stderr) for handler in log.handlers):
        log.addHandler(_Stderr())


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]  # generic for type checkers only
    """The handler of ``XAI_LOG``, known by its class."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))


resolve_lazily(globals())

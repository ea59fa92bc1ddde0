# Do not edit: produced by "nox -s generate" from
# xai/aio/rpc/retry_wait.py
"""The wait before a retry, and what is told of it; `RetryController` says how long it is."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xai._annotations import resolve_lazily
from xai._log import log
from xai.options import RetryEvent
from xai.runtime.retry.policy import Failure, error_class
from xai.sync.rpc.context import CallContext

if TYPE_CHECKING:
    from xai._instrumentation import CallObserver

#: The longest single sleep, in seconds: a client or a stream that another thread closes meanwhile
#: is noticed at its end.
_LONGEST_SLEEP: Final = 0.25


def sleep_until(
    context: CallContext, moment: float, check: Callable[[], None] | None = None
) -> None:
    """Wait for a moment.

    Args:
        context: Knows the clock, and whether the client was closed.
        moment: By the clock of retries.
        check: Called now and then, to raise when there is no use in waiting any more.

    Raises:
        RuntimeError: The client was closed.
    """
    clock = context.retry_state.clock
    while (left := moment - clock.now()) > 0.0:
        context.transport.sleep(min(left, _LONGEST_SLEEP))
        if check is not None:
            check()


def announce(
    context: CallContext,
    path: str,
    failure: Failure,
    *,
    attempt: int,
    delay: float,
    observer: "CallObserver | None" = None,
) -> None:
    """Tell the log, the hook and the observers of the next attempt, in the caller's thread.

    Args:
        context: Has the hook.
        path: What is tried.
        failure: How the last attempt failed.
        attempt: Which one that was, from 1.
        delay: Seconds until the next one.
        observer: Is told of it.
    """
    log.warning(
        "%s: attempt %d failed with %s, trying again in %.3f s",
        path,
        attempt,
        failure.code.name,
        delay,
        # With a prefix: a record can't take a name that somebody's factory gave to it.
        extra={
            "xai_method": path,
            "xai_attempt": attempt,
            "xai_status": failure.code.name,
            "xai_wait": delay,
        },
    )
    hook = context.retry.on_retry
    if hook is None and observer is None:
        return
    event = RetryEvent(
        method=path, attempt=attempt, error=error_class(failure), code=failure.code, wait=delay
    )
    if observer is not None:
        observer.retry(event)
    if hook is None:
        return
    try:
        hook(event)
    except Exception:  # noqa: BLE001  # the user's, and the call is not at fault
        log.exception("%s: the hook on_retry failed", path)


resolve_lazily(globals())

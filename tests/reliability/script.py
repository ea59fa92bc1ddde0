"""What the scripts of the child processes have in common.

Everything is there under its own name: the scripts begin with a star import.
"""

import contextlib
import gc
import os
import signal
import ssl
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import xai

__all__ = [
    "alone",
    "contextlib",
    "finished",
    "gc",
    "hear",
    "in_fork",
    "make_client",
    "os",
    "raises",
    "say",
    "signal",
    "single",
    "start",
    "sys",
    "threading",
    "time",
    "trigger_in",
    "warnings",
    "xai",
]

_LIMIT = 60.0


def say(text: object) -> None:
    """Write a line for `Script.expect`."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def hear() -> None:
    """Wait for `Script.tell`."""
    sys.stdin.readline()


def make_client(**options: Any) -> xai.Client:  # noqa: ANN401  # the options of xai.Client
    """Return a client of the server that the script was started with."""
    host, key, authority = sys.argv[1:4]
    context = None
    if authority:
        context = ssl.create_default_context(cafile=authority)
        context.set_alpn_protocols(["h2"])
    return xai.Client(key, api_host=host, ssl_context=context, **options)


def start(function: Callable[..., object], *args: object, daemon: bool = True) -> threading.Thread:
    """Run a function in a thread."""
    thread = threading.Thread(target=function, args=args, daemon=daemon)
    thread.start()
    return thread


def in_fork(function: Callable[[], object], leave: Callable[[int], object] = sys.exit) -> int:
    """Fork, run a function in the child and leave it in a certain way; return its number."""
    with warnings.catch_warnings():
        # That other threads exist is the point here; what we answer for is tested elsewhere.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return pid
    try:
        function()
        gc.collect()
    except BaseException:  # noqa: BLE001  # whatever it is, it must not run on in a copy
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    leave(0)
    raise AssertionError


def finished(pid: int) -> None:
    """Wait for a forked child, and assert that all was well in it."""
    _, status = os.waitpid(pid, 0)
    assert status == 0, status


def alone() -> None:
    """Wait for the end of all other threads: on a busy machine `close` gives up waiting for it."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(_LIMIT)
    assert threading.active_count() == 1, threading.enumerate()


def single() -> None:
    """Wait until the process has one thread again.

    The kernel counts a thread that was joined for another moment.
    """
    until = time.monotonic() + _LIMIT
    while len(list(Path("/proc/self/task").iterdir())) > 1:
        assert time.monotonic() < until
        time.sleep(0.001)


def trigger_in(name: str, action: Callable[[], object]) -> None:
    """Let SIGINT act as soon as the main thread is within a function of a certain name."""
    wanted = False

    def want(_: int, frame: FrameType | None) -> None:
        nonlocal wanted
        wanted = True
        tick(_, frame)

    def tick(_: int, frame: FrameType | None) -> None:
        while wanted and frame is not None:
            if frame.f_code.co_name == name:
                signal.setitimer(signal.ITIMER_REAL, 0)
                action()
                return
            frame = frame.f_back

    signal.signal(signal.SIGALRM, tick)
    signal.signal(signal.SIGINT, want)
    # Asks again and again. A signal that comes in the moment before the thread goes to sleep on
    # a lock is noticed by Python when it wakes up, and not before.
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)


@contextlib.contextmanager
def raises(kind: type[BaseException], part: str = "") -> Iterator[None]:
    """Assert that a block raises, without loading pytest."""
    try:
        yield
    except kind as error:
        assert part in str(error), error  # noqa: PT017  # this is what pytest.raises does
    else:
        raise AssertionError(f"no {kind.__name__} was raised")

"""What a hostile server does to both twins: how a call ends, and how much memory it takes."""

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import xai
from tests.reliability.peer import Peer
from tests.support import SECRET_KEY

#: Seconds a call may take when the server sends without end; what hangs takes far longer.
DEADLINE: Final = 2.0
#: Writing 5 there starts the measuring of the peak anew; Linux only.
_PEAK: Final = Path("/proc/self/clear_refs")
_ONCE: Final = xai.RetryPolicy(max_attempts=1)


@contextlib.contextmanager
def at_most(mebibytes: float) -> Iterator[None]:
    """Assert that the process grows by no more than this while a block runs.

    The kernel counts, which costs nothing; `tracemalloc` makes a flood last five times as long.
    """
    if not _PEAK.exists():
        yield
        return
    gc.collect()
    _PEAK.write_text("5", encoding="ascii")
    before = _kibibytes("VmRSS")
    yield
    grown = (_kibibytes("VmHWM") - before) / 1024
    assert grown < mebibytes, f"the process grew by {grown:.1f} MiB"


def _kibibytes(name: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition(f"{name}:")[2].split()[0])


Outcome = list[str] | xai.APIError


class Caller:
    """One twin of the client, whose calls are tried once.

    Args:
        peer: Whom to call.
        timeout: Seconds for a call.
        options: Further options of the client.
    """

    def __init__(
        self,
        peer: Peer,
        timeout: float = 20.0,
        **options: Any,  # noqa: ANN401  # those of the client
    ) -> None:
        self._made: dict[str, Any] = {
            "api_host": peer.host,
            "timeout": timeout,
            "retry": _ONCE,
            **options,
        }

    def __call__(self, times: int = 1) -> list[Outcome]:
        """Ask for the models so many times, over one client; return how that went."""
        raise NotImplementedError

    def failure(self) -> xai.APIError:
        """Ask once, and return the error."""
        (outcome,) = self()
        assert isinstance(outcome, xai.APIError), outcome
        return outcome


class Blocking(Caller):
    """By the blocking client."""

    def __call__(self, times: int = 1) -> list[Outcome]:
        """Ask."""
        outcomes: list[Outcome] = []
        with xai.Client(SECRET_KEY, **self._made) as client:
            for _ in range(times):
                try:
                    outcomes.append(client.sampler.list_models())
                except xai.APIError as error:  # noqa: PERF203  # each call may fail
                    outcomes.append(error)
        return outcomes


class Asynchronous(Caller):
    """By the asynchronous client."""

    def __call__(self, times: int = 1) -> list[Outcome]:
        """Ask."""

        async def ask() -> list[Outcome]:
            outcomes: list[Outcome] = []
            async with xai.AsyncClient(SECRET_KEY, **self._made) as client:
                for _ in range(times):
                    try:
                        outcomes.append(await client.sampler.list_models())
                    except xai.APIError as error:  # noqa: PERF203  # each call may fail
                        outcomes.append(error)
            return outcomes

        return asyncio.run(ask())


both_twins = pytest.mark.parametrize("twin", [Blocking, Asynchronous])


class Flood:
    """Sends the same bytes again and again until the client hangs up, or so many times.

    Args:
        data: The bytes.
        times: How many times.
    """

    def __init__(self, data: bytes, times: int) -> None:
        self.data = data
        self.times = times
        #: How many times it has sent them.
        self.sent = 0

    def to(self, send: Callable[[bytes], object]) -> bool:
        """Send; return whether all was taken."""
        try:
            for _ in range(self.times):
                send(self.data)
                self.sent += 1
        except OSError:
            return False
        return True

    def beside(self, send: Callable[[bytes], object]) -> threading.Thread:
        """Send in a thread of its own."""
        thread = threading.Thread(target=self.to, args=(send,), daemon=True)
        thread.start()
        return thread

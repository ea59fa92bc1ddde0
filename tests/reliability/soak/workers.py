"""One process of the soak: threads and tasks that call, and a watchdog over them."""

import asyncio
import contextlib
import faulthandler
import gc
import logging
import os
import random
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

import attrs

import xai
from tests.reliability.soak.calls import (
    ASYNCHRONOUS,
    BLOCKING,
    DEADLINE,
    EXPECTED,
    LIMITS,
    Answers,
    Choice,
    policy,
    tokenize,
    tokenize_async,
)

#: How much longer than its deadline a call may take, in seconds: the machine may be busy.
GRACE: Final = 10.0
#: How long a client may take to be well again after its server is, in seconds.
RECOVERY: Final = 20.0
#: Seconds between two looks.
_LOOK: Final = 0.5
_HUNG: Final = 3
#: How many lines about wrong answers are kept.
_SHOWN: Final = 20
#: One call in so many is made by a client of its own.
_OWN: Final = 25
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_SELF: Final = Path("/proc/self")


class Look(NamedTuple):
    """What a process has at one moment; the memory in KiB."""

    memory: int
    threads: int
    descriptors: int


def look() -> Look:
    """Look at this process."""
    pages = int((_SELF / "statm").read_text("ascii").split()[1])
    threads, descriptors = (len(os.listdir(_SELF / name)) for name in ("task", "fd"))  # noqa: PTH208  # no objects
    return Look(pages * _PAGE // 1024, threads, descriptors)


def sockets() -> int:
    """Return how many sockets and selectors this process has; pipes are the soak's own."""
    found = 0
    for entry in (_SELF / "fd").iterdir():
        with contextlib.suppress(OSError):
            found += str(entry.readlink()).startswith(("socket:", "anon_inode:"))
    return found


@attrs.frozen
class Plan:
    """What every process is told; moments are those of the monotonic clock.

    Attributes:
        host: The ``api_host`` of the server.
        key: A key that it knows.
        answers: What is right.
        seed: Decides about the calls.
        end: When no more calls are begun.
        recovers: Whether the server is well after the end, for a last call.
    """

    host: str
    key: str
    answers: Answers
    seed: int
    end: float
    recovers: bool = True

    def client(self, on_retry: "Tally") -> xai.Client:
        """Return a blocking client."""
        retry = policy(on_retry)
        return xai.Client(self.key, api_host=self.host, timeout=LIMITS, retry=retry, proxy=None)

    def async_client(self, on_retry: "Tally") -> xai.AsyncClient:
        """Return an asynchronous client."""
        retry = policy(on_retry)
        return xai.AsyncClient(
            self.key, api_host=self.host, timeout=LIMITS, retry=retry, proxy=None
        )


class Tally:
    """Counts retries; a hook, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def __call__(self, _event: xai.RetryEvent) -> None:
        """Count one."""
        with self._lock:
            self.count += 1


@attrs.define
class Report:
    """What became of one process.

    Attributes:
        name: Which one.
        calls: How many calls ended in which way.
        wrong: What must not be.
        retries: How many retries there were.
        longest: The longest call, in seconds.
        looks: What the process had, over time.
    """

    name: str
    calls: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    wrong: list[str] = attrs.field(factory=list)
    retries: int = 0
    longest: float = 0.0
    looks: list[Look] = attrs.field(factory=list)


class _Complaints(logging.Handler):
    """Takes log lines for defects."""

    def __init__(self, workers: "Workers") -> None:
        super().__init__(logging.WARNING)
        self._workers = workers

    def emit(self, record: logging.LogRecord) -> None:
        """Report a line."""
        name = self._workers.report.name
        where = "".join(traceback.format_stack(limit=12))
        self._workers.blame(f"{name}: {record.name} says {record.getMessage()!r}\n{where}")


class Workers:
    """Makes calls until the end.

    Args:
        name: What the report calls it.
        plan: What it has to do.
        client: A client to use, also when it was made before a fork; one of its own when None.
        tally: Told of the retries of that client.
        threads: How many threads call.
        tasks: How many tasks of one loop call; 0 for no loop.
    """

    def __init__(
        self,
        name: str,
        plan: Plan,
        client: xai.Client | None = None,
        tally: Tally | None = None,
        *,
        threads: int = 2,
        tasks: int = 0,
    ) -> None:
        # Each retry is logged, and nobody reads it. What asyncio complains of is a defect.
        logging.getLogger("xai").addHandler(logging.NullHandler())
        # The handler of the process that this one was forked from may be in use for ever.
        logging.getLogger("asyncio").handlers[:] = [_Complaints(self)]
        self.report = Report(name)
        self._plan = plan
        self._tally = tally or Tally()
        self._before = self._tally.count
        self._client = client or plan.client(self._tally)
        self._mine = client is None
        self._resuming = self._client.with_options(retry=policy(self._tally, resume=True))
        self._lock = threading.Lock()
        self._busy: dict[str, tuple[float, str]] = {}
        self._over = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        names = [f"{name} thread {number}" for number in range(threads)]
        self._threads = [
            threading.Thread(target=self._work, args=(who,), name=who, daemon=True) for who in names
        ]
        if tasks:
            loop = threading.Thread(target=self._loop, args=(tasks,), name="asyncio", daemon=True)
            self._threads.append(loop)

    def start(self) -> None:
        """Begin."""
        for thread in (self._watchdog, *self._threads):
            thread.start()

    def finish(self) -> Report:
        """Wait for the end of all calls, and return what became of them."""
        # No limit: the watchdog ends the process when one of them hangs.
        for thread in self._threads:
            thread.join()
        self._over.set()
        self._watchdog.join()
        if self._mine:
            self._client.close()
        self.report.retries = self._tally.count - self._before
        return self.report

    # -- the calls -------------------------------------------------------------------------------

    def _work(self, who: str) -> None:
        chance = random.Random(f"{self._plan.seed} {who}")  # noqa: S311  # repeatable
        while time.monotonic() < self._plan.end:
            kind = chance.choice(list(BLOCKING))
            choice = Choice(self._plan.answers, chance)
            call = BLOCKING[kind]
            with self._evaluate(who, kind):
                if kind != "resume" and not chance.randrange(_OWN):
                    with self._plan.client(self._tally) as own:
                        call(own, choice)
                else:
                    call(self._resuming if kind == "resume" else self._client, choice)
        if self._plan.recovers:
            until = time.monotonic() + RECOVERY
            choice = Choice(self._plan.answers, chance)
            while not self._tried(until):
                with self._evaluate(who, "last"):
                    tokenize(self._client, choice)
                    return

    def _loop(self, tasks: int) -> None:
        asyncio.run(self._run(tasks))

    async def _run(self, tasks: int) -> None:
        async with self._plan.async_client(self._tally) as client:
            names = [f"{self.report.name} task {number}" for number in range(tasks)]
            await asyncio.gather(*[self._task(who, client) for who in names])

    async def _task(self, who: str, client: xai.AsyncClient) -> None:
        chance = random.Random(f"{self._plan.seed} {who}")  # noqa: S311  # repeatable
        resuming = client.with_options(retry=policy(self._tally, resume=True))
        while time.monotonic() < self._plan.end:
            kind = chance.choice(list(ASYNCHRONOUS))
            choice = Choice(self._plan.answers, chance)
            with self._evaluate(who, f"{kind} (asyncio)"):
                await ASYNCHRONOUS[kind](resuming if kind == "resume" else client, choice)
        until = time.monotonic() + RECOVERY
        while not self._tried(until):
            with self._evaluate(who, "last (asyncio)"):
                await tokenize_async(client, choice)
                return

    def _tried(self, until: float) -> bool:
        late = time.monotonic() > until
        if late:
            self.blame(f"no good call within {RECOVERY:g} s after the server was well again")
        return late

    @contextlib.contextmanager
    def _evaluate(self, who: str, kind: str) -> Iterator[None]:
        """Count how a call ends, and let the watchdog know of it."""
        began = time.monotonic()
        self._busy[who] = began, kind
        outcome = "right"
        try:
            yield
        except EXPECTED as error:
            outcome = type(error).__name__
            if error.code is xai.StatusCode.DATA_LOSS:
                self.blame(f"{who}, {kind}: {error!r}")
        except Exception:  # noqa: BLE001  # told by the report
            outcome = "WRONG"
            self.blame(f"{who}, {kind}: {traceback.format_exc()}")
        finally:
            del self._busy[who]
            seconds = time.monotonic() - began
            with self._lock:
                self.report.calls[kind, outcome] += 1
                self.report.longest = max(self.report.longest, seconds)
            if seconds > DEADLINE + GRACE:
                self.blame(f"{who}, {kind}: it took {seconds:.1f} s")

    def blame(self, text: str) -> None:
        """Report something that must not be."""
        with self._lock:
            if len(self.report.wrong) < _SHOWN:
                self.report.wrong.append(text)

    # -- the watchdog ----------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._over.wait(_LOOK):
            self.report.looks.append(look())
            for who, (began, kind) in self._busy.copy().items():
                if time.monotonic() - began > DEADLINE + 3 * GRACE:
                    sys.stderr.write(f"{who}, {kind}: hangs\n")
                    faulthandler.dump_traceback(all_threads=True)
                    os._exit(_HUNG)


def in_child(name: str, plan: Plan, pipe: Connection, parents: xai.Client | None = None) -> None:
    """Be a child of the soak.

    Args:
        name: What the report calls it.
        plan: What it has to do.
        pipe: Where the report goes.
        parents: The client of the process that this one was forked from.
    """
    report = run_workers(name, plan, parents)
    pipe.send(report)
    pipe.close()


def run_workers(name: str, plan: Plan, parents: xai.Client | None = None) -> Report:
    """Let the workers go on to the end, and see what they leave behind."""
    before = sockets()
    tally = Tally()
    client = parents
    if client is not None:
        client = client.with_options(retry=policy(tally))
    workers = Workers(name, plan, client, tally)
    workers.start()
    report = workers.finish()
    if client is not None:
        # The child's copy; the parent's connection is not touched by it.
        client.close()
    del workers
    gc.collect()
    left = sockets() - before
    if left > 0:
        report.wrong.append(f"{name}: {left} sockets are left after the clients were closed")
    return report

"""The soak: mixed calls from threads, tasks and processes, while their server has a bad time.

``python -m tests.reliability.soak --minutes 30`` runs it; `--seed` repeats what is done to the
server and what is asked of it, though not when the two meet. Every call has to end, within its
deadline, in the right answer or in an error that fits; memory, threads and descriptors stay flat.
"""

import argparse
import contextlib
import gc
import multiprocessing
import random
import statistics
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable
from multiprocessing.context import ForkContext, ForkProcess, SpawnContext, SpawnProcess
from typing import Final

import attrs

import xai
from tests.reliability.soak.calls import DEADLINE, learn
from tests.reliability.soak.server import Chaos, Server
from tests.reliability.soak.workers import (
    GRACE,
    RECOVERY,
    Look,
    Plan,
    Report,
    Tally,
    Workers,
    in_child,
    sockets,
)
from xai.testing.control.accounts import DEFAULT_KEY

#: How long a forked worker lives before another one takes its place, in seconds.
_LIFE: Final = 8.0
#: The part of the run that is warming up.
_WARM: Final = 0.25
#: How much the middle of the last third may be above that of the first one: memory in KiB.
_GROWTH: Final = Look(memory=6 * 1024, threads=2, descriptors=4)
#: From the end of the bad time to that of the calls, in seconds.
_CALM: Final = 2.0


class Child:
    """A process of the soak.

    Args:
        context: How it is started.
        name: What the report calls it.
        plan: What it has to do.
        client: The client that it inherits.
    """

    def __init__(
        self,
        context: ForkContext | SpawnContext,
        name: str,
        plan: Plan,
        client: xai.Client | None = None,
    ) -> None:
        self.name = name
        self._end = plan.end
        self._pipe, theirs = context.Pipe(duplex=False)
        self._process: ForkProcess | SpawnProcess = context.Process(
            target=in_child, args=(name, plan, theirs, client), daemon=True
        )
        with warnings.catch_warnings():
            # That other threads exist is the point here.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()

    def report(self) -> Report:
        """Wait for the process, and return what became of it."""
        limit = self._end - time.monotonic() + DEADLINE + RECOVERY + 4 * GRACE
        report = Report(self.name, wrong=[f"{self.name}: it ended without a report"])
        if self._pipe.poll(max(limit, GRACE)):
            with contextlib.suppress(EOFError):
                report = self._pipe.recv()
        else:
            report.wrong = [f"{self.name}: it hangs"]
            self._process.kill()
        self._process.join(GRACE)
        if self._process.exitcode != 0:
            report.wrong.append(f"{self.name}: exit status {self._process.exitcode}")
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()
        return report


def work(server: Server, seed: int, seconds: float) -> tuple[list[Report], Chaos]:
    """Run the whole of it, on a server that serves."""
    before, threads = sockets(), threading.active_count()
    host, tally = f"localhost:{server.port}", Tally()
    with xai.Client(DEFAULT_KEY, api_host=host, proxy=None) as teacher:
        answers = learn(teacher)
    end = time.monotonic() + seconds
    plan = Plan(host, DEFAULT_KEY, answers, seed, end)
    client = plan.client(tally)
    workers = Workers("parent", plan, client, tally, threads=3, tasks=3)
    chaos = Chaos(server, seed)
    workers.start()
    chaos.start()
    spawned = Child(multiprocessing.get_context("spawn"), "spawned", plan)
    reports = _fork(plan, client)
    chaos.end()
    parent = workers.finish()
    reports += [parent, spawned.report()]
    client.close()
    del workers
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "xai-io":
            # On a busy machine `close` gives up waiting for its end.
            thread.join(GRACE)
    left = sockets() - before, threading.active_count() - threads
    if max(left) > 0:
        parent.wrong.append(f"parent: sockets and threads left after the clients: {left}")
    return reports, chaos


def _fork(plan: Plan, client: xai.Client) -> list[Report]:
    """Fork workers amid the calls, one after the other, until it is nearly over."""
    context = multiprocessing.get_context("fork")
    total = Report("forked")
    number = 0
    while (left := plan.end - _CALM - time.monotonic()) > 0:
        number += 1
        life = attrs.evolve(
            plan,
            seed=plan.seed + number,
            end=time.monotonic() + min(_LIFE, left),
            recovers=False,
        )
        report = Child(context, f"forked {number}", life, client).report()
        total.calls += report.calls
        total.wrong += report.wrong
        total.retries += report.retries
        total.longest = max(total.longest, report.longest)
    total.calls["forks", "right"] = number
    return [total]


# -- the verdict ---------------------------------------------------------------------------------


def growth(looks: list[Look]) -> Look:
    """Return how much more a process had in the last third than in the first, once warm."""
    warm = looks[int(len(looks) * _WARM) :]
    third = max(1, len(warm) // 3)

    def middle(part: list[Look], of: Callable[[Look], int]) -> int:
        return int(statistics.median(map(of, part)))

    return Look(
        *(
            middle(warm[-third:], of) - middle(warm[:third], of)
            for of in (lambda x: x.memory, lambda x: x.threads, lambda x: x.descriptors)
        )
    )


def verdict(reports: list[Report], chaos: Chaos) -> list[str]:
    """Return what is wrong."""
    wrong = [text for report in reports for text in report.wrong]
    if chaos.error:
        wrong.append(chaos.error)
    for report in reports:
        if not sum(n for (_, outcome), n in report.calls.items() if outcome == "right"):
            wrong.append(f"{report.name}: no call had an answer")
        if report.looks:
            grown = growth(report.looks)
            if any(found > bound for found, bound in zip(grown, _GROWTH, strict=True)):
                wrong.append(f"{report.name}: it has grown by {grown}")
    return wrong


def summary(reports: list[Report], chaos: Chaos) -> str:
    """Return the tables that are printed in the end."""
    total: Counter[tuple[str, str]] = Counter()
    for report in reports:
        total += report.calls
    forks = total.pop(("forks", "right"), 0)
    outcomes = sorted({outcome for _, outcome in total}, key=lambda name: (name != "right", name))
    lines = ["", "calls by outcome"]
    for outcome in outcomes:
        kinds = {kind: n for (kind, found), n in sorted(total.items()) if found == outcome}
        shown = ", ".join(f"{kind} {n}" for kind, n in kinds.items())
        lines.append(f"  {outcome:26}{sum(kinds.values()):8}  {shown}")
    lines.append(f"  {'all':26}{sum(total.values()):8}")
    done = ", ".join(f"{name} {n}" for name, n in sorted(chaos.done.items()))
    lines += [f"retries {sum(report.retries for report in reports)}, forked workers {forks}"]
    lines += [f"done to the server: {done}", "processes"]
    for report in reports:
        line = f"  {report.name:10} longest call {report.longest:.2f} s"
        if report.looks:
            last, grown = report.looks[-1], growth(report.looks)
            line += (
                f", RSS {last.memory / 1024:.1f} MiB ({grown.memory / 1024:+.2f}), threads "
                f"{last.threads} ({grown.threads:+d}), descriptors {last.descriptors} "
                f"({grown.descriptors:+d})"
            )
        lines.append(line)
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Run the soak, and tell how it was; return the exit status."""
    parser = argparse.ArgumentParser(description="Calls under chaos.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    given = parser.parse_args(arguments)
    sys.stdout.write(f"soak: --minutes {given.minutes:g} --seed {given.seed}\n")
    sys.stdout.flush()
    with Server() as server:
        reports, chaos = work(server, given.seed, given.minutes * 60.0)
    sys.stdout.write(summary(reports, chaos))
    wrong = verdict(reports, chaos)
    for text in wrong:
        sys.stdout.write(f"WRONG: {text}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Starts the common server and the measured processes, and collects what they print."""

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.orders import Server
from tests.benchmarks.plan import Scenario
from tests.benchmarks.programs import PAYLOADS, program

_ROOT = Path(__file__).resolve().parents[2]
#: Seconds after which a measured process is given up.
_LIMIT = 120.0

#: What was measured: by scenario and peer, one dictionary for each round.
Samples = dict[str, dict[str, list[dict[str, float]]]]


@contextlib.contextmanager
def common_server() -> Iterator[Server]:
    """Run the common server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        env=_environment(),
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            server = Server(json.loads(process.stdout.readline()))
            try:
                yield server
            finally:
                server.close()
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def measure(
    scenarios: Sequence[Scenario], rounds: int, tell: Callable[[str], None]
) -> tuple[Samples, list[str]]:
    """Measure each scenario, the peers taking turns, and then all once more.

    Args:
        scenarios: What to measure.
        rounds: How often.
        tell: Is told how it goes.

    Returns:
        What was measured, and of peers that failed the reason.
    """
    samples: Samples = {scenario.name: {} for scenario in scenarios}
    failures: dict[tuple[str, str], str] = {}
    with common_server() as server:
        for number in range(-1, rounds):
            start = time.perf_counter()
            for scenario, peer in _turns(scenarios):
                # A program runs once uncounted, so that everybody's bytecode is on the disk.
                uncounted = number < 0 and scenario.kind != "program"
                if uncounted or (scenario.name, peer) in failures:
                    continue
                found = _run(scenario, peer, server)
                if isinstance(found, str):
                    failures[scenario.name, peer] = found
                elif number >= 0:
                    samples[scenario.name].setdefault(peer, []).append(found)
            tell(f"round {number + 1} of {rounds}: {time.perf_counter() - start:.1f} s")
    return samples, [f"{name}: {peer}: {found}" for (name, peer), found in failures.items()]


def _turns(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, str]]:
    for scenario in scenarios:
        for peer in (*scenario.peers, *scenario.floors):
            yield scenario, peer


def _run(scenario: Scenario, peer: str, server: Server) -> dict[str, float] | str:
    """Return what was measured, or why nothing was."""
    try:
        return _measured(scenario, peer, server)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return str(error)


def _measured(scenario: Scenario, peer: str, server: Server) -> dict[str, float]:
    if scenario.kind == "program":
        server.answer_with(PAYLOADS.get(peer, "tokenize"))
        text = program(scenario.name, peer, dict(server.ports))
        start = time.perf_counter()
        metrics = _child(["-c", text])
        if "done" in metrics:
            metrics["wall"] = (metrics.pop("done") - start) * 1e3
        return metrics
    order = json.dumps(dataclasses.asdict(scenario))
    ports = json.dumps(dict(server.ports))
    return _child(["-m", "tests.benchmarks.child", peer, order, ports])


def _child(arguments: Sequence[str]) -> dict[str, float]:
    process = subprocess.run(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=_ROOT,
        env=_environment(),
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    if process.returncode:
        lines = process.stderr.strip().splitlines() or ["no message"]
        raise RuntimeError(f"ended with {process.returncode}: {lines[-1]}")
    found: dict[str, float] = json.loads(process.stdout)
    return found


def _environment() -> Mapping[str, str]:
    """Return ours, without what would make a difference to one peer and not to another."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONTRACEMALLOC", "XAI_API_KEY")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in left_out and not name.lower().endswith("_proxy")
    }

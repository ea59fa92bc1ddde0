"""The scenarios for peers whose calls block."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

from tests.benchmarks.measure import Span, forget_peak, memory
from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import HOSTILE
from tests.benchmarks.peer import KEY, Call, Flow, Peer
from tests.benchmarks.plan import Scenario

#: What is done before anything is measured, as a part of what is.
WARM_UP = 0.1
#: Messages a second over all concurrent streams; no peer is busy all the time with it.
RATE = 5000
#: Streams that are open already when the memory of others is measured.
FILLING = 100


def check(name: str, found: int, expected: int) -> None:
    """Refuse to measure a peer that got something else than was sent."""
    if found != expected:
        raise RuntimeError(f"{name}: {found} things arrived, {expected} were sent")


def run_calls(server: Server, peer: Peer, scenario: Scenario) -> dict[str, float]:
    """Make one call after another."""
    call = peer.calls[scenario.what]
    server.answer_with(call.payload)
    for _ in range(1 + round(scenario.count * WARM_UP)):
        check(scenario.name, call.run(), call.expected)
    times = []
    with Span(server) as span:
        for _ in range(scenario.count):
            start = time.perf_counter()
            call.run()
            times.append(time.perf_counter() - start)
    return span.metrics(scenario.count) | {"wall": median(times) * 1e6}


def run_flood(server: Server, peer: Peer, scenario: Scenario) -> dict[str, float]:
    """Make one call after another, while another client of the process is flooded."""
    call = peer.calls[scenario.what]
    server.answer_with(call.payload)
    stopped = threading.Event()
    with _flooding() as host:
        thread = threading.Thread(target=_suffer, args=(host, stopped))
        thread.start()
        try:
            for _ in range(1 + round(scenario.count * WARM_UP)):
                check(scenario.name, call.run(), call.expected)
            times = []
            with Span(server) as span:
                for _ in range(scenario.count):
                    start = time.perf_counter()
                    call.run()
                    times.append(time.perf_counter() - start)
        finally:
            stopped.set()
            thread.join()
    return span.metrics(scenario.count) | {"p99": quantiles(times, n=100)[-1] * 1e3}


def run_hostile(server: Server, peer: Peer, scenario: Scenario) -> dict[str, float]:
    """Get one reply that was made to take time and memory, or the error in its place."""
    warm_up = peer.calls["unary"]
    server.answer_with(warm_up.payload)
    check(scenario.name, warm_up.run(), warm_up.expected)
    server.answer_with(f"models-{scenario.suffix}")
    if peer.hostile is None:
        raise RuntimeError(f"{scenario.name}: it knows no such call")
    forget_peak()
    before = memory("VmRSS")
    with Span(server) as span:
        peer.hostile()
    grown = (memory("VmHWM") - before) * 1024
    return span.metrics(1) | {"times": grown / HOSTILE[scenario.suffix]}


def run_transfer(server: Server, peer: Peer, scenario: Scenario) -> dict[str, float]:
    """Upload or download a file, one time after another."""
    warm_up, call = peer.calls["unary"], peer.calls[scenario.what]
    server.answer_with(warm_up.payload)
    check(scenario.name, warm_up.run(), warm_up.expected)
    server.answer_with(call.payload, count=call.messages)
    forget_peak()
    before = memory("VmRSS")
    # What the first one takes to begin with is part of its memory, and not of its time.
    check(scenario.name, call.run(), call.expected)
    times = []
    with Span(server) as span:
        for _ in range(scenario.count):
            start = time.perf_counter()
            call.run()
            times.append(time.perf_counter() - start)
    grown = (memory("VmHWM") - before) / 1024
    return span.metrics(scenario.count) | {"wall": median(times) * 1e6, "grown": grown}


@contextlib.contextmanager
def _flooding() -> Iterator[str]:
    """Run a server that floods whoever connects, and give its host."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.flood"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"localhost:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()


def _suffer(host: str, stopped: threading.Event) -> None:
    # Not before: other peers are measured without it.
    import xai

    with xai.Client(KEY, api_host=host, retry=xai.RetryPolicy.none()) as client:
        while not stopped.is_set():
            with contextlib.suppress(xai.APIError):
                client.sampler.tokenize("hello")


def run_threads(server: Server, peer: Peer, scenario: Scenario) -> dict[str, float]:
    """Make calls in many threads at once, with one client."""
    call = peer.calls[scenario.what]
    server.answer_with(call.payload)
    _in_threads(scenario, call, 1 + round(scenario.count * WARM_UP))
    with Span(server) as span:
        _in_threads(scenario, call, scenario.count)
    return span.metrics(scenario.count * scenario.streams)


def _in_threads(scenario: Scenario, call: Call, count: int) -> None:
    done: list[int] = []

    def work() -> None:
        done.extend([call.run() for _ in range(count)])

    threads = [threading.Thread(target=work) for _ in range(scenario.streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(scenario.name, sum(done), call.expected * count * scenario.streams)


def run_drain(server: Server, peer: Peer, scenario: Scenario) -> dict[str, float]:
    """Read one stream after another, each of which the server sends as fast as it may."""
    flow = peer.flows[scenario.what]
    warm = 1 + round(scenario.count * WARM_UP)
    server.answer_with(flow.payload + scenario.suffix, count=warm)
    _drain(flow, warm)
    server.answer_with(flow.payload + scenario.suffix, count=scenario.count)
    with Span(server) as span:
        for _ in range(scenario.streams):
            _drain(flow, scenario.count)
    return span.metrics(scenario.count * scenario.streams)


def _drain(flow: Flow, count: int) -> None:
    text = flow.text
    empty = found = 0
    for message in flow.open():
        found += 1
        if not text(message):
            empty += 1
    check("messages", found - empty, count)


def run_streams(server: Server, peer: Peer, scenario: Scenario) -> dict[str, float]:
    """Read many streams at once, one message of each in turn, in one thread."""
    flow = peer.flows[scenario.what]
    rounds = max(1, scenario.count // scenario.streams)
    held = _held(server, flow, scenario.streams)
    # One message more at either end: what opening and closing a stream cost is not counted.
    server.answer_with(flow.payload, count=rounds + 2, rate=RATE)
    streams = _open(flow, scenario.streams)
    with Span(server) as span:
        server.release()
        _read(flow, streams, rounds)
    _read(flow, streams, 1)
    _end(streams)
    return span.metrics(rounds * scenario.streams) | {"held": held}


def _held(server: Server, flow: Flow, count: int) -> float:
    """Return by how much memory each of so many streams makes the process grow, in KiB."""
    server.answer_with(flow.payload, count=2, rate=RATE)
    # They take up the memory that is free already, which else would make few streams look cheap.
    streams = _open(flow, FILLING)
    before = memory("VmRSS")
    streams += _open(flow, count)
    held = (memory("VmRSS") - before) / count
    server.release()
    _read(flow, streams, 1)
    _end(streams)
    return held


def _open(flow: Flow, count: int) -> list[Iterator[Any]]:
    streams = [flow.open() for _ in range(count)]
    for stream in streams:
        next(stream)
    return streams


def _read(flow: Flow, streams: list[Iterator[Any]], rounds: int) -> None:
    found = sum(bool(flow.text(next(stream))) for _ in range(rounds) for stream in streams)
    check("messages", found, rounds * len(streams))


def _end(streams: list[Iterator[Any]]) -> None:
    check("ends", sum(next(stream, None) is None for stream in streams), len(streams))


RUNNERS = {
    "calls": run_calls,
    "flood": run_flood,
    "hostile": run_hostile,
    "transfer": run_transfer,
    "threads": run_threads,
    "drain": run_drain,
    "streams": run_streams,
}

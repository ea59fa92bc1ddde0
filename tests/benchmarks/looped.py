"""The scenarios for peers on an event loop; each does what its namesake in `blocking` does."""

import asyncio
import time
from collections.abc import AsyncIterator
from statistics import median
from typing import Any

from tests.benchmarks.blocking import FILLING, RATE, WARM_UP, check
from tests.benchmarks.measure import Span, memory
from tests.benchmarks.orders import Server
from tests.benchmarks.peer import AsyncCall, AsyncFlow, AsyncPeer
from tests.benchmarks.plan import Scenario


async def run_calls(server: Server, peer: AsyncPeer, scenario: Scenario) -> dict[str, float]:
    """Make one call after another."""
    call = peer.calls[scenario.what]
    server.answer_with(call.payload)
    for _ in range(1 + round(scenario.count * WARM_UP)):
        check(scenario.name, await call.run(), call.expected)
    times = []
    with Span(server) as span:
        for _ in range(scenario.count):
            start = time.perf_counter()
            await call.run()
            times.append(time.perf_counter() - start)
    return span.metrics(scenario.count) | {"wall": median(times) * 1e6}


async def run_threads(server: Server, peer: AsyncPeer, scenario: Scenario) -> dict[str, float]:
    """Make calls in many tasks at once, with one client."""
    call = peer.calls[scenario.what]
    server.answer_with(call.payload)
    await _in_tasks(scenario, call, 1 + round(scenario.count * WARM_UP))
    with Span(server) as span:
        await _in_tasks(scenario, call, scenario.count)
    return span.metrics(scenario.count * scenario.streams)


async def _in_tasks(scenario: Scenario, call: AsyncCall, count: int) -> None:
    async def work() -> int:
        found = 0
        for _ in range(count):
            found += await call.run()
        return found

    done = await asyncio.gather(*(work() for _ in range(scenario.streams)))
    check(scenario.name, sum(done), call.expected * count * scenario.streams)


async def run_drain(server: Server, peer: AsyncPeer, scenario: Scenario) -> dict[str, float]:
    """Read one stream after another, each of which the server sends as fast as it may."""
    # A floor that knows nothing of messages has to be told their size.
    own = scenario.what + scenario.suffix
    flow = peer.flows[own] if own in peer.flows else peer.flows[scenario.what]
    warm = 1 + round(scenario.count * WARM_UP)
    server.answer_with(flow.payload + scenario.suffix, count=warm)
    await _drain(flow, warm)
    server.answer_with(flow.payload + scenario.suffix, count=scenario.count)
    with Span(server) as span:
        for _ in range(scenario.streams):
            await _drain(flow, scenario.count)
    return span.metrics(scenario.count * scenario.streams)


async def _drain(flow: AsyncFlow, count: int) -> None:
    text = flow.text
    empty = found = 0
    async for message in flow.open():
        found += 1
        if not text(message):
            empty += 1
    check("messages", found - empty, count)


async def run_streams(server: Server, peer: AsyncPeer, scenario: Scenario) -> dict[str, float]:
    """Read many streams at once, one message of each in turn, in one task."""
    flow = peer.flows[scenario.what]
    rounds = max(1, scenario.count // scenario.streams)
    held = await _held(server, flow, scenario.streams)
    # One message more at either end: what opening and closing a stream cost is not counted.
    server.answer_with(flow.payload, count=rounds + 2, rate=RATE)
    streams = await _open(flow, scenario.streams)
    with Span(server) as span:
        server.release()
        await _read(flow, streams, rounds)
    await _read(flow, streams, 1)
    await _end(streams)
    return span.metrics(rounds * scenario.streams) | {"held": held}


async def _held(server: Server, flow: AsyncFlow, count: int) -> float:
    """Return by how much memory each of so many streams makes the process grow, in KiB."""
    server.answer_with(flow.payload, count=2, rate=RATE)
    # They take up the memory that is free already, which else would make few streams look cheap.
    streams = await _open(flow, FILLING)
    before = memory("VmRSS")
    streams += await _open(flow, count)
    held = (memory("VmRSS") - before) / count
    server.release()
    await _read(flow, streams, 1)
    await _end(streams)
    return held


async def _open(flow: AsyncFlow, count: int) -> list[AsyncIterator[Any]]:
    streams = [flow.open() for _ in range(count)]
    for stream in streams:
        await stream.__anext__()
    return streams


async def _read(flow: AsyncFlow, streams: list[AsyncIterator[Any]], rounds: int) -> None:
    found = 0
    for _ in range(rounds):
        for stream in streams:
            found += bool(flow.text(await stream.__anext__()))
    check("messages", found, rounds * len(streams))


async def _end(streams: list[AsyncIterator[Any]]) -> None:
    for stream in streams:
        async for _ in stream:
            raise RuntimeError("a stream has more messages than were sent")


RUNNERS = {
    "calls": run_calls,
    "threads": run_threads,
    "drain": run_drain,
    "streams": run_streams,
}

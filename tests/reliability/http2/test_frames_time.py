"""Time: deadlines, silence, and what cancellation leaves of the caller's task."""

import asyncio
import contextlib
import functools
import re
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from h2.errors import ErrorCodes
from hyperframe.frame import HeadersFrame, RstStreamFrame

from tests.reliability.links import STREAM, UNARY, Link, both, failure_of
from tests.reliability.peer import LIMIT, WELL, Asked, Peer, Wire, framed
from tests.support import SECRET_KEY, growing
from xai import AsyncClient
from xai.errors import DeadlineExceededError, StatusCode
from xai.proto.prompt_ide.sampler_public import SampleTokensRequest
from xai.runtime.net.config import ChannelConfig
from xai.runtime.net.endpoint import parse_host
from xai.runtime.retry.policy import CallFailed, deadline_after
from xai.runtime.transport import attempt
from xai.runtime.transport.asynchronous import AsyncTransport
from xai.runtime.transport.attempt import Attempt
from xai.runtime.transport.request import Request

CANCEL = int(ErrorCodes.CANCEL)
UNITS = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "S": 1.0, "M": 60.0, "H": 3600.0}


# -- deadlines ------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("timeout", [0.5, 9.99, 10.9, 100.4, 900.0, 86400.5, 1e8, 1e9, 1e11])
def test_deadline_header(connect: type[Link], timeout: float) -> None:
    """Grpc-timeout has one to eight digits and is off by no more than its last one."""
    with Peer() as peer, connect(peer) as link:
        link.works()
        while len(peer.wires[0].asked) < 2:
            # The shortest may be over before the call is sent.
            with contextlib.suppress(CallFailed):
                link.unary(timeout=timeout)
        (sent,) = peer.wires[0].asked[3].all("grpc-timeout")
        match = re.fullmatch(r"([1-9][0-9]{0,7})([numSMH])", sent)
        assert match, sent
        unit = UNITS[match[2]]
        seconds = int(match[1]) * unit
        # It was written a moment after the deadline was set.
        assert timeout - 20.0 < seconds <= timeout + unit
        assert unit <= max(timeout / 1e4, 1e-9)


@both
@pytest.mark.parametrize("timeout", [None, float("inf")])
def test_no_deadline_no_header(connect: type[Link], timeout: float | None) -> None:
    """Infinity means no limit, as None does."""
    with Peer() as peer, connect(peer) as link:
        link.send(Request(UNARY, b"", deadline=deadline_after(timeout)))
        assert peer.wires[0].asked[1].all("grpc-timeout") == []


@both
def test_deadline_that_has_passed_sends_nothing(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call without any time left fails at once, also when the time ends while it starts."""
    with Peer() as peer, connect(peer) as link:
        link.works()
        for timeout in (0.0, 1e-9):
            failure = failure_of(lambda timeout=timeout: link.unary(timeout=timeout))  # type: ignore[misc]  # bound at once
            assert failure.code is StatusCode.DEADLINE_EXCEEDED
        times = iter([5.0, 0.0])
        with monkeypatch.context() as patch:
            patch.setattr(attempt, "remaining", lambda _: next(times))
            assert failure_of(link.unary).code is StatusCode.DEADLINE_EXCEEDED
        link.works()
        assert peer.wires[0].count(HeadersFrame) == 2


@both
@pytest.mark.parametrize("stage", ["silent", "headers", "message"])
def test_silent_server_meets_the_deadline(connect: type[Link], stage: str) -> None:
    """Wherever the server stops, the deadline ends the call."""
    reached: list[Asked] = []

    def script(wire: Wire) -> None:
        def stop(asked: Asked) -> None:
            reached.append(asked)
            if stage != "silent":
                wire.headers(asked.stream)
            if stage == "message":
                wire.data(asked.stream, framed(b"reply"))
            wire.expect(RstStreamFrame, asked.stream)

        wire.serve_but(stop)

    with Peer(script) as peer, connect(peer) as link:
        for limit in growing(0.1):
            failure = failure_of(lambda limit=limit: link.unary(timeout=limit))  # type: ignore[misc]  # bound at once
            assert failure.code is StatusCode.DEADLINE_EXCEEDED
            assert not failure.from_server
            link.works()
            if reached:
                break
        assert len(peer.wires) == 1


# -- silence between messages ---------------------------------------------------------------------


@both
@pytest.mark.parametrize("messages", [0, 1])
def test_silence_ends_a_stream(connect: type[Link], messages: int) -> None:
    """A reader who waits for longer than the idle limit gets an error, and the call is reset."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        for _ in range(messages):
            wire.data(asked.stream, framed(b"one"))
        assert wire.expect(RstStreamFrame, asked.stream).error_code == CANCEL

    with Peer(script) as peer, connect(peer) as link:
        # It counts from when the request was sent.
        stream = link.stream(idle=0.1)
        failure = failure_of(stream.collect)
        assert failure.code is StatusCode.DEADLINE_EXCEEDED
        assert failure.message == "the server sent nothing for 0.1 s"
        # One reply has no messages to be silent between.
        assert link.unary(idle=1e-9) == b"ping"
        assert len(peer.wires) == 1


class Clock:
    """A clock for one attempt, whose time the test sets and whose timer it fires."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.due = float("inf")
        self.fire: Callable[[], object] = self.cancel

    def time(self) -> float:
        """Return the time that was set."""
        return self.now

    def call_later(
        self,
        _loop: object,
        delay: float,
        function: Callable[..., Any],
        *args: Any,  # noqa: ANN401  # as in `xai.runtime.timers`
    ) -> "Clock":
        """Note when a timer is due."""
        self.due = self.now + delay
        self.fire = lambda: function(*args)
        return self

    def cancel(self) -> None:
        """Stop the timer."""
        self.due = float("inf")

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self.due <= end:
            self.now, self.due = self.due, float("inf")
            self.fire()
        self.now = end


def _take_clock(link: Link, patch: pytest.MonkeyPatch) -> tuple[Attempt, Clock]:
    """Put a clock under the one running call."""
    connection = link.connection()

    def swap() -> tuple[Attempt, Clock]:
        (stream,) = connection.streams.values()
        running = stream.listener
        assert isinstance(running, Attempt)
        assert running._idle_timer is not None
        assert running._request.idle is not None
        clock = Clock(running._last_data)
        running._idle_timer.cancel()
        idle = running._request.idle
        running._idle_timer = clock.call_later(None, idle, running._on_idle, idle)
        patch.setattr(attempt, "monotonic", clock.time)
        patch.setattr(attempt, "call_later", clock.call_later)
        return running, clock

    return link.on_loop(swap)


@both
def test_slow_reader_never_meets_the_idle_limit(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While messages wait for the reader it is not idle; after that the whole limit holds."""
    sent = threading.Event()

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        asked = wire.request()
        wire.headers(asked.stream)
        sent.set()
        wire.data(asked.stream, framed(b"one"))
        wire.expect(RstStreamFrame, asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        stream = link.stream(idle=100)
        assert sent.wait(LIMIT)
        running, clock = _take_clock(link, monkeypatch)
        while not link.on_loop(lambda: running._messages):
            pass
        link.on_loop(lambda: clock.advance(1050))
        assert list(stream.receive() or ()) == [b"one"]
        link.on_loop(lambda: clock.advance(99))
        assert not link.on_loop(lambda: running._done)
        # The moment of catching up is known to within one limit.
        link.on_loop(lambda: clock.advance(201))
        assert failure_of(stream.receive).code is StatusCode.DEADLINE_EXCEEDED
        monkeypatch.undo()
        link.works()


@both
def test_data_restarts_the_idle_limit(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends something now and then is not silent."""
    go_on = [threading.Event() for _ in range(4)]

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        asked = wire.request()
        wire.headers(asked.stream)
        for event in go_on:
            assert event.wait(LIMIT)
            wire.data(asked.stream, framed(b"one"))
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        stream = link.stream(idle=100)
        # The request is out when the loop answers.
        link.on_loop(lambda: None)
        _, clock = _take_clock(link, monkeypatch)
        for event in go_on:
            link.on_loop(lambda: clock.advance(99))
            event.set()
            assert list(stream.receive() or ()) == [b"one"]
        assert stream.collect() == []
        monkeypatch.undo()
        link.works()


# -- the caller's task ---------------------------------------------------------------------


Play = Callable[[Wire, Asked], object]


def _silent(wire: Wire, asked: Asked) -> None:
    wire.expect(RstStreamFrame, asked.stream)


def _resetting(wire: Wire, asked: Asked) -> None:
    wire.reset(asked.stream, 2)


def _closing(wire: Wire, _asked: Asked) -> None:
    wire.close()


def _transport(peer: Peer) -> AsyncTransport:
    return AsyncTransport(ChannelConfig(parse_host(peer.host), ()))


@pytest.mark.parametrize("play", [_silent, _resetting, _closing])
@pytest.mark.parametrize("streaming", [False, True])
async def test_failure_leaves_the_task_alone(play: Play, *, streaming: bool) -> None:
    """A deadline, a reset or a lost connection does not count as a cancellation."""
    with Peer(lambda wire: wire.serve_but(functools.partial(play, wire))) as peer:
        transport = _transport(peer)
        request = Request(STREAM, b"", deadline=deadline_after(0.2), streaming=streaming)
        with pytest.raises(CallFailed):
            await (transport.stream(request).receive() if streaming else transport.unary(request))
        task = asyncio.current_task()
        assert task is not None
        if sys.version_info >= (3, 11):
            assert task.cancelling() == 0
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(LIMIT)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.sleep(LIMIT), 0.01)
        assert await transport.unary(Request(UNARY, WELL)) == WELL
        await transport.close()


if sys.version_info >= (3, 11):

    async def test_own_deadline_within_the_callers_timeout() -> None:
        """Within `asyncio.timeout` a call's own deadline is an error as any other."""
        with Peer(lambda wire: wire.serve_but(lambda _: None)) as peer:
            async with AsyncClient(SECRET_KEY, api_host=peer.host, timeout=0.1) as client:
                sampler = client.stubs.sampler
                async with asyncio.timeout(LIMIT):
                    with pytest.raises(DeadlineExceededError):
                        [_ async for _ in sampler.sample_tokens(SampleTokensRequest())]
                    await asyncio.sleep(0)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await asyncio.sleep(LIMIT)


@pytest.mark.parametrize("streaming", [False, True])
async def test_cancelled_task_resets_with_cancel(*, streaming: bool) -> None:
    """Cancelling the caller's task raises CancelledError there and CANCEL here."""
    codes: list[int] = []
    asked_for = threading.Event()

    def script(wire: Wire) -> None:
        wire.request()
        asked_for.set()
        codes.append(wire.expect(RstStreamFrame).error_code)

    with Peer(script) as peer:
        async with AsyncClient(SECRET_KEY, api_host=peer.host) as client:
            sampler = client.stubs.sampler

            async def run() -> None:
                if streaming:
                    [_ async for _ in sampler.sample_tokens(SampleTokensRequest())]
                else:
                    await client._caller().context.transport.unary(Request(UNARY, b""))

            loop = asyncio.get_running_loop()
            task = loop.create_task(run())
            assert await loop.run_in_executor(None, asked_for.wait, LIMIT)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # The reset went out before the next request, on the same connection.
            await client._caller().context.transport.unary(Request(UNARY, b""))
        assert codes == [CANCEL]
        assert len(peer.wires) == 1


async def test_callers_timeout_resets_with_cancel() -> None:
    """A timeout around a call ends it as a TimeoutError, and the server is told."""
    codes: list[int] = []

    def script(wire: Wire) -> None:
        wire.serve_but(
            lambda asked: codes.append(wire.expect(RstStreamFrame, asked.stream).error_code)
        )

    with Peer(script) as peer:
        transport = _transport(peer)
        for limit in growing(0.1):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(transport.unary(Request(UNARY, b"")), limit)
            # The reset went out before this, on the same connection.
            assert await transport.unary(Request(UNARY, WELL)) == WELL
            if codes:
                break
        await transport.close()
    assert codes == [CANCEL]

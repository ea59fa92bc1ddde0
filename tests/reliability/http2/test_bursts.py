"""Many calls at once: no more streams than the server allows, and every call gets its turn."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest
from hyperframe.frame import PingFrame, SettingsFrame

import xai
from tests.reliability.links import Link, both
from tests.reliability.peer import LIMIT, PREFACE, Peer, Wire
from tests.support import SECRET_KEY

STREAMS: Final = SettingsFrame.MAX_CONCURRENT_STREAMS
CALLS: Final = 300
#: RFC 9113, section 6.5.2: what servers are advised to allow at least.
ADVISED: Final = 100
_ONCE: Final = xai.RetryPolicy.none()


class _Server:
    """Is slow to send its SETTINGS, and then holds the client to them.

    Args:
        settings: The SETTINGS, when as many requests have come as the client sends without them.
        refuse: Refuses what is open beyond the limit at that moment, as servers do.
    """

    def __init__(self, settings: dict[int, int], *, refuse: bool = False) -> None:
        self.settings = settings
        self.refuse = refuse
        #: How many streams were open at once, before the SETTINGS and after.
        self.before = 0
        self.after = 0

    def __call__(self, wire: Wire) -> None:
        assert wire.take(len(PREFACE)) == PREFACE
        waiting = [wire.request() for _ in range(ADVISED)]
        # Had the client sent more without being told, that would come before its answer.
        wire.settle(self.settings)
        done = self.before = len(wire.asked)
        if self.refuse:
            limit = self.settings[STREAMS]
            for asked in waiting[limit:]:
                wire.reset(asked.stream, 7)
            waiting = waiting[:limit]
        for asked in waiting:
            wire.reply(asked)
        while True:
            asked = wire.request()
            self.after = max(self.after, len(wire.asked) - done)
            wire.reply(asked)
            done += 1


def _by_threads(peer: Peer) -> None:
    with (
        xai.Client(SECRET_KEY, api_host=peer.host, retry=_ONCE) as client,
        ThreadPoolExecutor(CALLS) as pool,
    ):
        calls = [pool.submit(client.sampler.list_models) for _ in range(CALLS)]
        assert [call.result(LIMIT * 2) for call in calls] == [[]] * CALLS


def _by_tasks(peer: Peer) -> None:
    async def run() -> None:
        async with xai.AsyncClient(SECRET_KEY, api_host=peer.host, retry=_ONCE) as client:
            calls = [client.sampler.list_models() for _ in range(CALLS)]
            assert await asyncio.gather(*calls) == [[]] * CALLS

    asyncio.run(run())


_USERS: Final = pytest.mark.parametrize("use", [_by_threads, _by_tasks], ids=["threads", "tasks"])


@_USERS
@pytest.mark.parametrize("limit", [ADVISED, 150, 2**32 - 1, None, 1])
def test_burst_on_a_cold_client(use: Callable[[Peer], None], limit: int | None) -> None:
    """300 calls at once: 100 before the server has told its limit, then what it allows."""
    server = _Server({} if limit is None else {STREAMS: limit})
    with Peer(server, bare=True) as peer:
        use(peer)
        assert len(peer.wires) == 1
    assert server.before == ADVISED
    assert server.after <= min(CALLS, limit or CALLS)


@_USERS
@pytest.mark.parametrize("limit", [1, 7])
def test_burst_beyond_a_limit_that_was_not_known(use: Callable[[Peer], None], limit: int) -> None:
    """What the server refuses for a limit that it had not told yet waits for its turn again."""
    server = _Server({STREAMS: limit}, refuse=True)
    with Peer(server, bare=True) as peer:
        use(peer)
        assert len(peer.wires) == 1
    assert server.after <= limit


@both
def test_burst_of_streams(connect: type[Link]) -> None:
    """Streamed responses count as calls with one response do."""
    server = _Server({STREAMS: ADVISED})
    with Peer(server, bare=True) as peer, connect(peer) as link:
        streams = [link.stream() for _ in range(CALLS)]
        assert [stream.collect() for stream in streams] == [[b""]] * CALLS
    assert server.before == ADVISED
    assert server.after <= ADVISED


@both
@pytest.mark.parametrize("limit", [0, 1])
def test_limit_that_is_lowered_and_raised_again(connect: type[Link], limit: int) -> None:
    """Calls that wait for a stream go on as soon as the server allows more."""
    queued = threading.Event()

    def script(wire: Wire) -> None:
        first = wire.request()
        wire.settle({STREAMS: limit})
        wire.reply(first)
        running = [wire.request() for _ in range(limit)]
        assert queued.wait(LIMIT)
        assert len(wire.asked) == 1 + limit
        wire.settings({STREAMS: 50})
        for asked in running:
            wire.reply(asked)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        streams = [link.stream(b"%d" % number) for number in range(20)]
        connection = link.connection()
        while link.on_loop(lambda: len(connection.queue)) < 20 - limit:
            pass
        queued.set()
        assert [stream.collect() for stream in streams] == [[b"%d" % n] for n in range(20)]
        assert len(peer.wires) == 1


@both
def test_limit_that_is_lowered_below_what_is_open(connect: type[Link]) -> None:
    """Streams that are open stay so; the next one is opened when there are fewer than allowed."""
    lowered, queued = threading.Event(), threading.Event()

    def script(wire: Wire) -> None:
        running = [wire.request() for _ in range(6)]
        wire.settle({STREAMS: 3})
        lowered.set()
        assert queued.wait(LIMIT)
        for done, asked in enumerate(running, 1):
            # The PING is answered after whatever the end of a call leads to.
            wire.reply(asked)
            wire.send(PingFrame(0, opaque_data=b"%08d" % done))
            while wire.expect(PingFrame).opaque_data != b"%08d" % done:
                pass
            assert len(wire.asked) == max(6, 3 + done)

    with Peer(script) as peer, connect(peer) as link:
        streams = [link.stream(b"%d" % number) for number in range(6)]
        assert lowered.wait(LIMIT)
        streams += [link.stream(b"%d" % number) for number in range(6, 12)]
        connection = link.connection()
        while link.on_loop(lambda: len(connection.queue)) < 6:
            pass
        queued.set()
        assert [stream.collect() for stream in streams] == [[b"%d" % n] for n in range(12)]

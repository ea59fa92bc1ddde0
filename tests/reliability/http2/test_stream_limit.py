"""The server's limit of streams: calls beyond it wait for a free one, and never without end."""

import asyncio
import threading

import pytest
from hyperframe.frame import SettingsFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import BRIEF, LIMIT, Peer, Wire
from tests.support import SECRET_KEY
from xai import AsyncClient, Client, DeadlineExceededError, Keepalive, options
from xai.errors import StatusCode

_MOST = {SettingsFrame.MAX_CONCURRENT_STREAMS: 1}
_WAITING = r"waiting for a free stream: the server allows no more calls at once"


@both
def test_calls_beyond_the_limit_all_get_their_turn(connect: type[Link]) -> None:
    """Twenty calls to a server that does one at a time share one connection."""

    def script(wire: Wire) -> None:
        wire.settle(_MOST)
        wire.serve()

    with Peer(script) as peer, connect(peer) as link:
        calls = [link.start(b"%d" % number) for number in range(20)]
        assert [call.result(LIMIT) for call in calls] == [b"%d" % n for n in range(20)]
        assert len(peer.wires) == 1


class _Full:
    """Takes one call, and never answers it."""

    def __init__(self) -> None:
        self.taken = threading.Event()

    def __call__(self, wire: Wire) -> None:
        wire.settings(_MOST)
        # Both settings, those of the preface and these, are taken, and a call is there.
        acknowledged = 0
        while acknowledged < 2 or not wire.asked:
            frame = wire.read()
            acknowledged += isinstance(frame, SettingsFrame) and "ACK" in frame.flags
        self.taken.set()
        wire.until_closed()


@both
def test_wait_ends_at_the_deadline(connect: type[Link]) -> None:
    """A call that gets no stream ends at its deadline, and says what it waited for."""
    full = _Full()
    with Peer(full) as peer, connect(peer) as link:
        first = link.start(b"first", timeout=3 * BRIEF)
        assert full.taken.wait(LIMIT)
        failure = failure_of(lambda: link.unary(b"late", timeout=BRIEF))
        assert failure.code is StatusCode.DEADLINE_EXCEEDED
        assert _WAITING in failure.message
        assert "before the server had answered" in failure_of(lambda: first.result(LIMIT)).message


@both
def test_wait_ends_with_the_connection(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a deadline, a connection that has died ends the wait; nothing was sent."""
    monkeypatch.setattr(options, "_SHORTEST_INTERVAL", 0.0)
    full = _Full()

    def die(wire: Wire) -> None:
        # Answers no PING.
        wire.polite = False
        full(wire)

    with Peer(die) as peer, connect(peer) as link:
        link.config.keepalive = Keepalive(interval=BRIEF, timeout=BRIEF)
        first = link.start(b"first")
        assert full.taken.wait(LIMIT)
        waiting = failure_of(lambda: link.unary(b"late"))
        assert "has not answered a PING" in waiting.message
        assert waiting.unprocessed
        assert not failure_of(lambda: first.result(LIMIT)).unprocessed
        link.works()


def test_user_waits_for_a_stream() -> None:
    """The user gets a DeadlineExceededError that says so."""
    full = _Full()
    with Peer(full) as peer, Client(SECRET_KEY, api_host=peer.host) as client:
        stuck = threading.Thread(target=_ask, args=(client,))
        stuck.start()
        assert full.taken.wait(LIMIT)
        with pytest.raises(DeadlineExceededError, match=_WAITING):
            client.with_options(timeout=BRIEF).sampler.list_models()
        stuck.join(LIMIT)


def _ask(client: Client) -> None:
    with pytest.raises(DeadlineExceededError):
        client.with_options(timeout=3 * BRIEF).sampler.list_models()


async def test_asynchronous_user_waits_for_a_stream() -> None:
    """As above."""
    full = _Full()
    with Peer(full) as peer:
        async with AsyncClient(SECRET_KEY, api_host=peer.host) as client:
            stuck = asyncio.ensure_future(client.sampler.list_models())
            while not full.taken.is_set():  # noqa: ASYNC110  # set by another thread
                await asyncio.sleep(0)
            with pytest.raises(DeadlineExceededError, match=_WAITING):
                await client.with_options(timeout=BRIEF).sampler.list_models()
            stuck.cancel()
            with pytest.raises(asyncio.CancelledError):
                await stuck

"""What the calls of one connection have in common when it is lost, in whatever way."""

import pytest

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import Peer, Wire
from xai import Keepalive, RetryPolicy, options
from xai.runtime.retry.controller import RetryController
from xai.runtime.retry.throttle import RetryState

#: So many calls are under way.
COUNT = 40


def _cut(wire: Wire) -> None:
    wire.cut()


def _end(wire: Wire) -> None:
    wire.close()


def _goaway_and_end(wire: Wire) -> None:
    # It has taken all of them, and leaves them alone.
    wire.goaway(2**31 - 1)
    wire.close()


def _not_http2(wire: Wire) -> None:
    wire.raw(b"\xff" * 64)
    wire.until_closed()


def _silent(wire: Wire) -> None:
    wire.polite = False
    wire.until_closed()


WAYS = {
    "cut": _cut,
    "end": _end,
    "GOAWAY and end": _goaway_and_end,
    "not HTTP/2": _not_http2,
    "no answer to PING": _silent,
}


@pytest.fixture(autouse=True)
def _any_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let connections be asked more often than gRPC allows."""
    monkeypatch.setattr(options, "_SHORTEST_INTERVAL", 0.0)


@both
@pytest.mark.parametrize("way", WAYS)
def test_calls_of_a_lost_connection_cost_one_retry(connect: type[Link], way: str) -> None:
    """However it is lost, its calls take one retry in all, and those of the next one another."""

    def serve(wire: Wire) -> None:
        for _ in range(COUNT):
            wire.request()
        WAYS[way](wire)

    state = RetryState()
    with Peer(serve, serve) as peer, connect(peer) as link:
        if WAYS[way] is _silent:
            link.config.keepalive = Keepalive(interval=0.5, timeout=0.5)
        for number in (1, 2):
            calls = [link.start() for _ in range(COUNT)]
            failures = [failure_of(call.result) for call in calls]
            assert len({id(failure.loss) for failure in failures}) == 1
            assert all(failure.connection and not failure.unprocessed for failure in failures)
            for failure in failures:
                retries = RetryController(
                    RetryPolicy(), state, idempotent=True, left=None, retry_delay=lambda _: None
                )
                assert retries.evaluate(failure).delay is not None
            assert state.throttle.level == 1000 - 10 * number

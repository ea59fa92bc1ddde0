import heapq

import pytest

from xai.runtime.retry import concurrency
from xai.runtime.retry.concurrency import ConcurrencyLimit


class Simulation:
    """Calls of one client to a server that takes so many a second, without any real time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rate: float, latency: float) -> None:
        self.now = 0.0
        monkeypatch.setattr(concurrency, "monotonic", lambda: self.now)
        self.limit = ConcurrencyLimit()
        self.rate, self.latency = rate, latency
        self.tokens = rate / 10
        self.filled = 0.0
        self.refused = self.done = 0
        self.ends: list[tuple[float, float, bool]] = []

    def run(self, seconds: float) -> None:
        """Let time pass; refused calls return at once."""
        end = self.now + seconds
        while True:
            pause = 0.0
            while len(self.ends) < self.limit.share() and not (pause := self.limit.pause()):
                self._call()
            moment = self.ends[0][0] if self.ends else end
            moment = min(moment, self.now + pause) if pause else moment
            if moment > end:
                self.now = end
                return
            self.now = moment
            while self.ends and self.ends[0][0] <= moment:
                _, began, taken = heapq.heappop(self.ends)
                if not taken:
                    self.limit.refuse(began)
                self.limit.end(began, succeeded=taken)

    def _call(self) -> None:
        self.tokens = min(self.rate / 10, self.tokens + (self.now - self.filled) * self.rate)
        self.filled = self.now
        taken = self.tokens >= 1.0
        self.tokens -= taken
        self.done += taken
        self.refused += not taken
        takes = self.latency if taken else 0.05
        heapq.heappush(self.ends, (self.now + takes, self.limit.begin(), taken))


@pytest.mark.parametrize("rate", [400.0, 1200.0])
def test_level_follows_a_limit_that_moves(monkeypatch: pytest.MonkeyPatch, rate: float) -> None:
    """At least 95 % of what the limit allows gets through, and at most 1 % is refused."""
    server = Simulation(monkeypatch, rate, 0.2)
    server.run(10.0)
    for factor in (1.0, 0.5, 1.0):
        server.rate = rate * factor
        server.run(20.0)
        server.done = server.refused = 0
        server.run(30.0)
        assert server.done >= 0.95 * 30 * server.rate, factor
        assert server.refused <= 0.01 * server.done, factor


def test_rising_latency_lowers_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that queues instead of refusing is sent less."""
    server = Simulation(monkeypatch, 1e9, 0.2)
    server.run(0.7)
    before = server.limit.level
    server.latency = 2.0
    server.run(40.0)
    assert server.limit.level < 0.9 * before


def test_runs_of_one_client_share_the_level() -> None:
    """Each has its part, and one item at least."""
    limit = ConcurrencyLimit()
    assert limit.share() == 8
    for expected in (8, 4, 3):
        limit.join()
        assert limit.share() == expected
    for _ in range(97):
        limit.join()
    assert limit.share() == 1
    for _ in range(99):
        limit.leave()
    assert limit.share() == 8

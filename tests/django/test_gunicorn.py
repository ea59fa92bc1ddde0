import os
import signal

import pytest

from tests.django.processes import Api, Load, gunicorn

SYNC = ("--worker-class=sync",)
THREADS = ("--worker-class=gthread", "--threads=4")
KINDS = [
    pytest.param(SYNC, id="sync"),
    pytest.param(THREADS, id="gthread"),
    pytest.param((*SYNC, "--preload"), id="sync-preload"),
    pytest.param((*THREADS, "--preload"), id="gthread-preload"),
]
GEVENT = pytest.param(("--worker-class=gevent",), id="gevent")
LONG = "/stream?text=Once&length=100000"
SHORT = "/stream?text=Once&length=40"
#: How gunicorn tells that a worker was killed.
KILLED = r"\[ERROR\] Worker \(pid:\d+\) was sent SIGKILL"
#: What asyncio says of a loop that was closed with its connections open.
DEAD_LOOP = r"unclosed (transport |<socket\.socket .* raddr=)"
#: How Python tells of a fork while there are threads.
FORKED = r"multi-threaded, use of fork\(\)"


def served(api: Api, expected: dict[str, str]) -> int:
    """Return how many requests have reached a view: each makes one call, all of which went well.

    Answers that were lost on the way back, and sent again by the browsers, would be counted twice.
    """
    states = api.ask("states")
    assert {state for _, state in states} == {"ok"}
    calls = [method for method, _ in states if method.endswith(("/Tokenize", "/SampleTokens"))]
    # What is expected was asked of the API itself before.
    return len(calls) - len(expected)


@pytest.mark.parametrize("kind", [*KINDS, GEVENT])
def test_answers_and_leaves_nothing_behind(
    kind: tuple[str, ...], api: Api, expected: dict[str, str]
) -> None:
    """All workers answer right, and the end is silent."""
    with gunicorn(api, "--workers=2", *kind) as web:
        assert web.get("/chat?text=hello")
        with Load(web, expected) as load:
            load.meet(2)
            tally = load.tally()
            assert load.end() == 0
        web.signal(signal.SIGTERM)
        assert web.end() == 0
        assert (tally["lost"], tally["wrong"], web.noise()) == ([], [], [])
    api.ask("connections", 0)
    assert {state for _, state in api.ask("states")} == {"ok"}


@pytest.mark.parametrize("kind", KINDS)
def test_asynchronous_view_under_wsgi(
    kind: tuple[str, ...], api: Api, expected: dict[str, str]
) -> None:
    """Django runs each request in a loop of its own, and one client serves them all."""
    paths = {path: body for path, body in expected.items() if path.startswith("/tokens")}
    with gunicorn(api, *kind) as web:
        for path, body in paths.items():
            assert web.get(path.replace("/tokens", "/tokens-async")) == body
            assert web.get(path) == body
        web.signal(signal.SIGTERM)
        assert web.end() == 0
        # The loops die with their connections open, and asyncio says so.
        assert web.noise(DEAD_LOOP) == []
    api.ask("connections", 0)


@pytest.mark.parametrize("kind", KINDS)
def test_recycled_workers_lose_no_request(
    kind: tuple[str, ...], api: Api, expected: dict[str, str]
) -> None:
    """While workers end after a number of requests and new ones start, every answer is right."""
    limits = ("--max-requests=20", "--max-requests-jitter=10")
    with gunicorn(api, "--workers=2", *limits, *kind) as web:
        with Load(web, expected) as load:
            load.meet(5)
            tally = load.tally()
            assert load.end() == 0
        web.signal(signal.SIGTERM)
        assert web.end() == 0
        assert (tally["lost"], tally["wrong"], web.noise()) == ([], [], [])
    api.ask("connections", 0)
    assert served(api, expected) == tally["answers"]


@pytest.mark.parametrize("kind", KINDS)
def test_reload_loses_no_request(kind: tuple[str, ...], api: Api, expected: dict[str, str]) -> None:
    """SIGHUP replaces all workers under load, and every answer is right."""
    with gunicorn(api, "--workers=2", *kind) as web:
        with Load(web, expected) as load:
            load.meet(2)
            web.signal(signal.SIGHUP)
            load.meet(4)
            tally = load.tally()
            assert load.end() == 0
        web.signal(signal.SIGTERM)
        assert web.end() == 0
        assert (tally["lost"], tally["wrong"], web.noise()) == ([], [], [])
    assert served(api, expected) == tally["answers"]


@pytest.mark.parametrize("kind", [SYNC, THREADS], ids=["sync", "gthread"])
def test_client_used_before_the_fork(
    kind: tuple[str, ...], api: Api, expected: dict[str, str]
) -> None:
    """Workers get connections of their own when the site made a call while it was preloaded.

    Python warns of the background thread that is running then, and of nothing else.
    """
    options = ("--workers=2", "--preload", "--max-requests=20", *kind)
    with gunicorn(api, *options, env={"SITE_WARM": "1"}) as web:
        with Load(web, expected) as load:
            load.meet(4)
            tally = load.tally()
            assert load.end() == 0
        web.signal(signal.SIGTERM)
        assert web.end() == 0
        assert (tally["lost"], tally["wrong"], web.noise(FORKED)) == ([], [], [])
    api.ask("connections", 0)


@pytest.mark.parametrize("kind", [SYNC, THREADS], ids=["sync", "gthread"])
def test_browser_that_goes_away_cancels_the_call(kind: tuple[str, ...], slow_api: Api) -> None:
    """The call behind a streaming view is reset when the browser leaves amid the answer."""
    with gunicorn(slow_api, *kind) as web:
        with web.open(LONG) as browser:
            assert browser.response.readline()
        call = slow_api.ask("wait", "SampleTokens", "cancelled", 1)
        assert (call["state"], call["reset"]) == ("cancelled", 8)
        assert web.get("/tokens?text=next")
        web.signal(signal.SIGTERM)
        assert web.end() == 0
        assert web.noise() == []


@pytest.mark.parametrize("kind", [SYNC, THREADS], ids=["sync", "gthread"])
def test_termination_lets_a_stream_finish(kind: tuple[str, ...], slow_api: Api) -> None:
    """An answer that is being streamed when SIGTERM comes arrives whole, and then all is over."""
    with gunicorn(slow_api, *kind) as web:
        with web.open(SHORT) as browser:
            first = browser.response.readline()
            web.signal(signal.SIGTERM)
            rest = browser.response.read()
        assert (first + rest).count(b"\n") == 40
        assert web.end() == 0
        assert web.noise() == []
    assert [state for _, state in slow_api.ask("states")] == ["ok"]


def test_stream_beyond_the_graceful_timeout(slow_api: Api) -> None:
    """A worker that is killed for streaming too long takes its call with it."""
    with gunicorn(slow_api, *SYNC, "--graceful-timeout=1") as web:
        with web.open(LONG) as browser:
            assert browser.response.readline()
            web.signal(signal.SIGTERM)
            assert web.end() == 0
        call = slow_api.ask("wait", "SampleTokens", "cancelled", 1)
        assert call["state"] == "cancelled"
    slow_api.ask("connections", 0)


def test_killed_worker_hurts_nobody_else(slow_api: Api) -> None:
    """Streams of other workers go on when one is killed amid a call, and a new one takes over."""
    with gunicorn(slow_api, *SYNC, "--workers=2", "--preload") as web:
        # A worker of this kind has one request at a time: the second goes to the other one.
        with web.open(LONG) as victim, web.open(SHORT) as other:
            assert victim.response.readline()
            assert other.response.readline()
            assert victim.worker != other.worker
            os.kill(victim.worker, signal.SIGKILL)
            assert other.response.read().count(b"\n") == 39
            slow_api.ask("wait", "SampleTokens", "cancelled", 1)
        with web.open(LONG) as busy, web.open(SHORT) as new:
            assert busy.worker != new.worker
            assert victim.worker not in (busy.worker, new.worker)
            assert new.response.read().count(b"\n") == 40
        slow_api.ask("wait", "SampleTokens", "cancelled", 2)
        web.signal(signal.SIGTERM)
        assert web.end() == 0
        assert web.noise(KILLED) == []

"""Where a client connects to: names, and what plain text is allowed to."""

import asyncio
import re
import socket
import threading

import pytest

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import LIMIT, HungUp, Peer, Wire
from tests.support import SECRET_KEY
from xai import APIConnectionError, AsyncClient, Client
from xai.errors import StatusCode
from xai.options import RetryPolicy
from xai.proto.prompt_ide.sampler_public import GetTokenBudgetRequest
from xai.runtime.http2 import channel
from xai.runtime.net.resolver import Address, resolve
from xai.runtime.retry.controller import may_retry

# -- plain text ----------------------------------------------------------------------------------


def _elsewhere(patch: pytest.MonkeyPatch) -> list[str]:
    """Let every address count as one that is not on the loopback interface."""
    asked: list[str] = []

    def is_loopback(host: str) -> bool:
        asked.append(host)
        return False

    patch.setattr(channel, "_is_loopback", is_loopback)
    return asked


def _expect_nothing(wire: Wire) -> None:
    with pytest.raises(HungUp):
        wire.take(1)


@both
def test_localhost_elsewhere_gets_no_byte(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When localhost leads off this machine, nothing at all is sent in plain text."""
    asked = _elsewhere(monkeypatch)
    with Peer(_expect_nothing, bare=True) as peer, connect(peer) as link:
        failure = failure_of(link.unary)
        assert failure.code is StatusCode.UNAVAILABLE
        assert "plaintext is allowed to the loopback interface only" in failure.message
        assert peer.host in failure.message
        assert not may_retry(failure, RetryPolicy())
        peer.until(lambda: peer.wires and peer.wires[0].closed)
    assert set(asked) <= {"127.0.0.1", "::1"}


def test_localhost_elsewhere_is_refused_to_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user gets one APIConnectionError after one attempt."""
    _elsewhere(monkeypatch)
    with Peer(_expect_nothing, bare=True) as peer, Client(SECRET_KEY, api_host=peer.host) as client:
        with pytest.raises(APIConnectionError, match="loopback") as caught:
            client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
        assert caught.value.attempts == 1
        peer.connections(1)


async def test_localhost_elsewhere_is_refused_to_the_asynchronous_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As above."""
    _elsewhere(monkeypatch)
    with Peer(_expect_nothing, bare=True) as peer:
        async with AsyncClient(SECRET_KEY, api_host=peer.host) as client:
            with pytest.raises(APIConnectionError, match="loopback") as caught:
                await client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
            assert caught.value.attempts == 1


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),  # noqa: S104  # never bound to
        ("::", False),
        ("10.0.0.1", False),
        ("192.168.1.1", False),
        ("128.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::2", False),
        ("fe80::1%lo", False),
        ("2001:db8::1", False),
    ],
)
def test_what_counts_as_loopback(host: str, *, loopback: bool) -> None:
    """127.0.0.0/8 and ::1, in either notation, and nothing else."""
    assert channel._is_loopback(host) is loopback


@both
@pytest.mark.parametrize("host", ["127.0.0.1:{}", "LOCALHOST:{}"])
def test_other_hosts_are_spoken_to_over_tls(connect: type[Link], host: str) -> None:
    """Only a host that is written ``localhost:`` is spoken to without TLS."""
    records: list[bytes] = []

    def script(wire: Wire) -> None:
        records.append(wire.take(3))
        wire.close()

    with Peer(script, bare=True) as peer:
        with connect(peer, host=host.format(peer.port)) as link:
            assert failure_of(link.unary).connection
        peer.until(lambda: records)
    # A handshake of TLS 1.x.
    assert re.fullmatch(rb"\x16\x03[\x01-\x03]", records[0])


# -- names ---------------------------------------------------------------------------------------


async def test_addresses_need_no_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address is used as it is; no thread is started and nothing can hang."""
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert await resolve("127.0.0.1", 5) == [(socket.AF_INET, ("127.0.0.1", 5))]
    assert await resolve("::1", 5) == [(socket.AF_INET6, ("::1", 5, 0, 0))]


async def test_names_are_looked_up_in_a_daemon_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lookup has a thread of its own that no interpreter waits for at its end."""
    threads: list[threading.Thread] = []

    def getaddrinfo(*_args: object, **_kwargs: object) -> list[object]:
        threads.append(threading.current_thread())
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 7))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert await resolve("example.test", 7) == [(socket.AF_INET, ("127.0.0.1", 7))]
    (thread,) = threads
    assert thread.daemon
    assert thread is not threading.current_thread()


@pytest.mark.parametrize("error", [socket.gaierror(-2, "not known"), UnicodeError("label")])
async def test_failed_lookup_is_raised_where_it_is_awaited(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """What the system raises in the thread comes out of the coroutine."""

    def getaddrinfo(*_args: object, **_kwargs: object) -> list[object]:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(type(error)):
        await resolve("example.test", 7)


def test_lookup_that_outlives_its_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hung lookup keeps neither its caller nor the loop, and ends in silence."""
    gate, begun, threads = threading.Event(), threading.Event(), list[threading.Thread]()

    def getaddrinfo(*_args: object, **_kwargs: object) -> list[Address]:
        threads.append(threading.current_thread())
        begun.set()
        gate.wait(LIMIT)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(resolve("example.test", 7), 0.05)

    asyncio.run(give_up())
    assert begun.wait(LIMIT)
    gate.set()
    threads[0].join(LIMIT)
    assert not threads[0].is_alive()

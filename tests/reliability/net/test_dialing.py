"""Dialing a host with several addresses: RFC 8305 over real sockets of both families."""

import asyncio
import contextlib
import errno
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reliability.links import Dialing, Link, both, failure_of
from tests.reliability.peer import LIMIT, NOWHERE, Peer, Wire
from tests.support import SECRET_KEY
from xai import APIConnectionError, AsyncClient, Client, RetryPolicy
from xai.runtime.http2 import channel
from xai.runtime.net import happy_eyeballs as dialing
from xai.runtime.net.happy_eyeballs import (
    ConnectFailure,
    NoAddressError,
    dial,
    explain,
    interleaved,
)
from xai.runtime.net.resolver import Address

linux = pytest.mark.skipif(sys.platform != "linux", reason="a full backlog is silent there alone")
V4, V6 = socket.AF_INET, socket.AF_INET6


def address(family: socket.AddressFamily, port: int) -> Address:
    """Return an address of the loopback interface."""
    return (V6, ("::1", port, 0, 0)) if family == V6 else (V4, ("127.0.0.1", port))


def of(peer: Peer) -> Address:
    """Return where a peer listens."""
    return address(peer._listener.family, peer.port)


@contextlib.contextmanager
def black_hole(family: socket.AddressFamily = V4) -> Iterator[Address]:
    """Give an address which answers no attempt to connect: its backlog is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        listener.bind(("::1" if family == V6 else "127.0.0.1", 0))
        listener.listen(0)
        found = address(family, listener.getsockname()[1])
        for _ in range(4):
            filler = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            filler.settimeout(0.0)
            filler.connect_ex(found[1])
        yield found


def gone(family: socket.AddressFamily = V4) -> Address:
    """Return an address where nobody listens."""
    return address(family, NOWHERE)


def sockets() -> set[str]:
    """Return the sockets that this process has open.

    Those of tests before may be closed at any time.
    """
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            name = str(entry.readlink())
            if name.startswith("socket:"):
                found.add(name)
    return found


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something is true."""
    end = asyncio.get_running_loop().time() + LIMIT
    while not condition():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0)


# -- the order -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ""),
        ("a", "a"),
        ("abc", "abc"),
        ("aB", "aB"),
        ("abcDE", "aDbEc"),
        ("ABcde", "AcBde"),
        ("AbC", "AbC"),
        ("aBCDe", "aBeCD"),
    ],
)
def test_families_take_turns(given: str, expected: str) -> None:
    """The order within a family is kept, and the first address stays the first."""
    addresses = [address(V6 if name.isupper() else V4, ord(name)) for name in given]
    assert [chr(target[1]) for _, target in interleaved(addresses)] == list(expected)


# -- the race ------------------------------------------------------------------------------------


@both
@linux
@pytest.mark.parametrize("families", [(V6, V4), (V4, V6), (V4, V4)])
def test_black_holes_cost_a_moment(
    connect: type[Link],
    monkeypatch: pytest.MonkeyPatch,
    families: tuple[socket.AddressFamily, socket.AddressFamily],
) -> None:
    """Addresses that never answer, of either family, do not eat the time of the call."""
    monkeypatch.setattr(dialing, "STAGGER", 0.01)
    with (
        black_hole(families[0]) as hole,
        black_hole(families[0]) as other,
        Peer(family=families[1]) as peer,
        connect(peer) as link,
    ):
        Dialing(monkeypatch, [hole, other, of(peer)])
        link.works()
        assert len(peer.wires) == 1


def test_stagger_is_what_the_rfc_says() -> None:
    """The next address is tried after 250 ms, the recommended delay of RFC 8305, section 8."""
    assert dialing.STAGGER == 0.25


@both
def test_failed_address_does_not_wait(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """After an address that refuses, the next one has its turn at once."""
    monkeypatch.setattr(dialing, "STAGGER", LIMIT * 10)
    with Peer() as peer, connect(peer) as link:
        Dialing(monkeypatch, [gone(V6), gone(), of(peer)])
        link.works()


@linux
async def test_losers_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all sockets that were opened only that of the winner is left."""
    monkeypatch.setattr(dialing, "STAGGER", 0.01)

    async def use(sock: socket.socket) -> socket.socket:
        return sock

    with black_hole(V6) as hole, socket.create_server(("127.0.0.1", 0)) as server:
        before = sockets()
        target: Address = (V4, server.getsockname())
        with await dial([hole, gone(), target], use) as sock:
            assert sock.getpeername() == server.getsockname()
            await until(lambda: len(sockets() - before) == 1)
        assert sockets() <= before


@linux
async def test_all_are_closed_when_given_up() -> None:
    """A dialing that is cancelled leaves no socket."""

    async def use(_sock: socket.socket) -> None:
        raise AssertionError

    with black_hole() as hole, black_hole(V6) as other:
        before = sockets()
        task = asyncio.ensure_future(dial([hole, other], use))
        await until(lambda: bool(sockets() - before))
        task.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: sockets() <= before)


@linux
async def test_both_connect_and_one_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """When two addresses answer in the same moment one is used, the other closed."""
    monkeypatch.setattr(dialing, "STAGGER", 0.0)

    async def use(sock: socket.socket) -> int:
        with sock:
            return int(sock.getpeername()[1])

    ends = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    before = sockets()
    targets: list[Address] = [(V4, end.getsockname()) for end in ends]
    assert await dial(targets, use) in [target[1] for _, target in targets]
    await until(lambda: sockets() <= before)
    for end in ends:
        end.close()


# -- failures ------------------------------------------------------------------------------------


@both
def test_every_failure_is_told(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has each address with its own reason, in the system's words."""
    one, two = gone(V6), gone()
    with Peer() as peer, connect(peer) as link:
        Dialing(monkeypatch, [one, two])
        failure = failure_of(link.unary)
    refused = os.strerror(errno.ECONNREFUSED)
    assert failure.message == (
        f"can't connect to {peer.host}: [::1]:{one[1][1]}: {refused}; "
        f"127.0.0.1:{two[1][1]}: {refused}"
    )
    assert (failure.connection, failure.unprocessed) == (True, True)
    assert isinstance(failure.cause, ConnectionRefusedError)


_ONCE = RetryPolicy.none()


@pytest.fixture
def two_gone(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let every name have two addresses where nobody listens; return them as in errors."""
    found = [gone(V6), gone()]

    async def resolve(_host: str, _port: int) -> list[Address]:
        return found

    monkeypatch.setattr(channel, "resolve", resolve)
    return rf"can't connect to api\.x\.ai:443: \[::1\]:{found[0][1][1]}: .*; 127\.0\.0\.1:"


def test_user_sees_every_address(two_gone: str) -> None:
    """The same through the public client."""
    client = Client(SECRET_KEY, retry=_ONCE, proxy=None)
    with client, pytest.raises(APIConnectionError, match=two_gone):
        client.sampler.list_models()


async def test_asynchronous_user_sees_every_address(two_gone: str) -> None:
    """As above."""
    async with AsyncClient(SECRET_KEY, retry=_ONCE, proxy=None) as client:
        with pytest.raises(APIConnectionError, match=two_gone):
            await client.sampler.list_models()


def test_explanation_of_nothing() -> None:
    """A name without an address is called that."""
    assert explain(()) == "the name has no address"
    assert explain([ConnectFailure(gone(), OSError("alone"))]) == "alone"


@both
@linux
def test_connect_limit_holds_for_the_race(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When no address answers, the connect limit ends the dialing."""
    with black_hole() as hole, black_hole(V6) as other, Peer() as peer, connect(peer) as link:
        Dialing(monkeypatch, [hole, other])
        failure = failure_of(lambda: link.unary(connect=0.1))
        assert failure.message == f"no connection to {peer.host} within 0.1 s"
        assert failure.unprocessed


async def test_use_that_fails_gives_way() -> None:
    """An OSError of who uses the socket counts against the address; others end the dialing."""
    used = []

    async def use(sock: socket.socket) -> int:
        sock.close()
        used.append(sock)
        if len(used) == 1:
            raise ConnectionResetError("cut")
        return len(used)

    async def refuse(sock: socket.socket) -> None:
        sock.close()
        used.append(sock)
        raise LookupError

    with Peer(bare=True) as one, Peer(bare=True, family=V6) as two:
        assert await dial([of(one), of(two)], use) == 2
        with pytest.raises(NoAddressError) as caught:
            await dial([], use)
        assert caught.value.misses == ()
        with pytest.raises(LookupError):
            await dial([of(one), of(two)], refuse)
    assert len(used) == 3


# -- names ---------------------------------------------------------------------------------------


@both
def test_names_are_looked_up_for_each_dialing(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that has moved is found: the name is asked for anew by each dialing."""

    def leave(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.goaway(2**31 - 1)
        wire.until_closed()

    with Peer(leave) as old, Peer(family=V6) as new, connect(old) as link:
        known = Dialing(monkeypatch, [of(old)], [of(new)])
        link.works()
        old.until(lambda: old.wires[0].closed)
        link.works()
        assert (known.lookups, len(old.wires), len(new.wires)) == (2, 1, 1)

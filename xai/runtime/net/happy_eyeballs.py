"""Dialing: which of a host's addresses is used when there are several.

The rules are those of RFC 8305 ("Happy Eyeballs"): addresses of both families take turns, the next
one is tried a quarter of a second after the last or as soon as one has failed, and the first that
answers is used. A route that swallows packets costs that moment, not a call's whole time.
"""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple, TypeVar

from xai.runtime.http2.connection import describe
from xai.runtime.net.resolver import Address
from xai.runtime.waiting import wait_for_any

T = TypeVar("T")

#: How long one address may take to connect before the next one is tried as well, in seconds;
#: RFC 8305, section 8, "Connection Attempt Delay".
STAGGER: Final = 0.25


class ConnectFailure(NamedTuple):
    """An address that could not be connected to, and why."""

    address: Address
    error: OSError


class NoAddressError(Exception):
    """No address of a host could be used.

    Args:
        misses: Every address that was tried.
    """

    def __init__(self, misses: Sequence[ConnectFailure]) -> None:
        super().__init__("no address answered")
        self.misses = tuple(misses)


async def dial(addresses: Iterable[Address], use: Callable[[socket.socket], Awaitable[T]]) -> T:
    """Connect to the first address that answers, and make something of the socket.

    Args:
        addresses: In the order of preference.
        use: Takes a connected socket, and closes it when it fails. An OSError counts against the
            address and the others have their turn; anything else, an SSLError included, ends the
            dialing.

    Returns:
        What ``use`` returned.

    Raises:
        NoAddressError: No address was of use.
    """
    race = _Race(interleaved(addresses))
    try:
        while True:
            address, sock = await race.winner()
            try:
                return await use(sock)
            except ssl.SSLError:
                raise
            except OSError as error:
                race.misses.append(ConnectFailure(address, error))
    finally:
        race.close()


def interleaved(addresses: Iterable[Address]) -> Iterator[Address]:
    """Let the families take turns, beginning with the family of the first address.

    Args:
        addresses: In the order of preference.

    Returns:
        The same addresses; within a family their order is kept (RFC 8305, section 4).
    """
    families: dict[socket.AddressFamily, list[Address]] = {}
    for address in addresses:
        families.setdefault(address[0], []).append(address)
    for turn in zip_longest(*families.values()):
        yield from (address for address in turn if address is not None)


class _Race:
    """Connects to addresses side by side; the winner leaves it, the others stay in it."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        self.misses: list[ConnectFailure] = []
        self._loop = asyncio.get_running_loop()
        self._waiting = deque(addresses)
        self._running: dict[asyncio.Task[socket.socket], Address] = {}

    async def winner(self) -> tuple[Address, socket.socket]:
        """Return the first of those still in the race that is connected."""
        while self._waiting or self._running:
            if not any(task.done() for task in self._running):
                await self._advance()
            # In the order in which they started, should several be decided.
            for task in [task for task in self._running if task.done()]:
                address = self._running.pop(task)
                error = task.exception()
                if error is None:
                    return address, task.result()
                if not isinstance(error, OSError):
                    raise error
                self.misses.append(ConnectFailure(address, error))
        raise NoAddressError(self.misses)

    async def _advance(self) -> None:
        """Start the next address, and wait until one is decided or another should be started."""
        if self._waiting:
            address = self._waiting.popleft()
            self._running[self._loop.create_task(_connected(address))] = address
        await wait_for_any(self._running, STAGGER if self._waiting else None)

    def close(self) -> None:
        """Give up whoever is still connecting, and close what has connected in the meantime.

        It waits for nothing: a second cancellation could end that wait, and a socket be lost.
        """
        for task in self._running:
            if task.done():
                _close_result(task)
            else:
                task.cancel()
                task.add_done_callback(_close_result)


def _close_result(task: "asyncio.Task[socket.socket]") -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _connected(address: Address) -> socket.socket:
    family, target = address
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)  # noqa: FBT003  # the standard library's signature
        await asyncio.get_running_loop().sock_connect(sock, target)
    except BaseException:
        sock.close()
        raise
    return sock


def shown(address: Address) -> str:
    """Return an address as it is written in errors."""
    host, port = address[1][:2]
    return f"[{host}]:{port}" if address[0] == socket.AF_INET6 else f"{host}:{port}"


def explain(misses: Sequence[ConnectFailure]) -> str:
    """Return why no address could be used, each with its own reason when there are several."""
    if not misses:
        return "the name has no address"
    if len(misses) == 1:
        return describe(misses[0].error)
    return "; ".join(f"{shown(address)}: {describe(error)}" for address, error in misses)

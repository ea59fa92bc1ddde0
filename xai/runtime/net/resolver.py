"""Names to addresses, without a thread that the interpreter would wait for at exit.

asyncio resolves in its default executor, whose threads are joined at exit: one hung lookup would
hold the process. Each lookup here has a daemon thread of its own.
"""

import asyncio
import ipaddress
import socket
import threading

Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]


async def resolve(host: str, port: int) -> list[Address]:
    """Look a host up.

    Args:
        host: A name or an IP address.
        port: The TCP port to put into the addresses.

    Returns:
        Addresses in the order the system prefers.

    Raises:
        OSError: There is no such name, or the lookup failed.
    """
    literal = _literal(host, port)
    if literal is not None:
        return [literal]
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Address]] = loop.create_future()

    def deliver(result: list[Address] | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result or [])

    def look_up() -> None:
        result, error = None, None
        try:
            result = _getaddrinfo(host, port)
        except Exception as caught:  # noqa: BLE001  # handed over whole to whoever awaits
            error = caught
        try:
            loop.call_soon_threadsafe(deliver, result, error)
        except RuntimeError:
            # The loop was closed while the lookup hung: nobody waits for it any more.
            return

    try:
        thread = threading.Thread(target=look_up, name="xai-dns", daemon=True)
    except RuntimeError:
        # An isolated sub-interpreter has no daemon threads; its end waits for the lookup.
        thread = threading.Thread(target=look_up, name="xai-dns", daemon=False)
    thread.start()
    return await future


def _literal(host: str, port: int) -> Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return socket.AF_INET, (host, port)
    zone = address.scope_id
    if zone is None:
        return socket.AF_INET6, (host, port, 0, 0)
    # Here, as asyncio would look it up in a thread that the interpreter waits for at exit.
    number = int(zone) if zone.isdigit() else socket.if_nametoindex(zone)
    return socket.AF_INET6, (host.partition("%")[0], port, 0, number)


def _getaddrinfo(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [(family, address) for family, _, _, _, address in found]  # type: ignore[misc]  # typeshed types the address of every family alike

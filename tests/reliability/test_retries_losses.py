"""Whatever ends many calls with one stroke costs the budget of retries once, in both twins."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest

import xai
from tests.reliability.net.proxies import NAME, HTTPProxy, client_context, server_context
from tests.support import SECRET_KEY
from tests.twin_helpers import Background
from xai.runtime.transport.loop_thread import registry
from xai.testing import ControlledRetries, LocalServer

#: With a retry of the budget for each of them, it would be seen to sink.
CALLS = 40


@attrs.frozen
class Path:
    """A server, and the proxy through which it is reached."""

    server: LocalServer
    proxy: HTTPProxy

    @property
    def options(self) -> dict[str, Any]:
        """The options of a client that takes this path."""
        host = f"{NAME}:{self.server.port}"
        context = client_context()
        return {"api_host": host, "ssl_context": context, "proxy": self.proxy.url}


@pytest.fixture
def path() -> Iterator[Path]:
    """A path on which all calls stall at first, and end for good when they are tried again."""
    with (
        LocalServer(api_keys={SECRET_KEY: ["*"]}, ssl_context=server_context()) as server,
        HTTPProxy() as proxy,
    ):
        server.stall(method="ListModels", times=CALLS)
        # No success fills the budget up again.
        server.fail(xai.StatusCode.UNIMPLEMENTED, "final", method="ListModels", times=CALLS)
        yield Path(server, proxy)


def call(client: xai.Client) -> None:
    """Make an idempotent call that ends with an error."""
    with pytest.raises(xai.UnimplementedError, match="final"):
        client.sampler.list_models()


def by_blocking(options: dict[str, Any]) -> float:
    """Make calls from many threads, and return what is left of the budget."""
    with xai.Client(SECRET_KEY, timeout=60.0, **options) as client:
        assert client.sampler.tokenize("text")
        with ControlledRetries(client) as retries, ThreadPoolExecutor(CALLS) as pool:
            list(pool.map(call, [client] * CALLS))
            return retries.tokens


def by_asynchronous(options: dict[str, Any]) -> float:
    """Make calls from many tasks, and return what is left of the budget."""

    async def main() -> float:
        async with xai.AsyncClient(SECRET_KEY, timeout=60.0, **options) as client:
            assert await client.sampler.tokenize("text")
            with ControlledRetries(client) as retries:
                calls = [client.sampler.list_models() for _ in range(CALLS)]
                found = await asyncio.gather(*calls, return_exceptions=True)
                assert {type(error) for error in found} == {xai.UnimplementedError}
                return retries.tokens

    return asyncio.run(main())


def proxy_dies(path: Path) -> None:
    """Cut the tunnel."""
    with contextlib.suppress(OSError):
        path.proxy.clients[0].shutdown(socket.SHUT_RDWR)


def goaway_and_death(path: Path) -> None:
    """Announce the end of the connection, and don't serve what is on it."""
    path.server.drain()
    proxy_dies(path)


def loop_thread_dies(_: Path) -> None:
    """End the thread that carries the calls of blocking clients."""
    thread = registry.current
    assert thread is not None

    def die() -> None:
        raise SystemExit

    thread.post(die)
    thread.thread.join()


STROKES: dict[str, tuple[Callable[[Path], None], Callable[[dict[str, Any]], float]]] = {
    f"{stroke.__name__} {twin.__name__}": (stroke, twin)
    for stroke in (proxy_dies, goaway_and_death)
    for twin in (by_blocking, by_asynchronous)
}
STROKES["loop_thread_dies by_blocking"] = (loop_thread_dies, by_blocking)


# Python itself is silent about a SystemExit that ends a thread; pytest is not.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("name", STROKES)
def test_one_stroke_costs_one_retry(path: Path, name: str) -> None:
    """All calls are tried again, and the budget has one retry less."""
    stroke, twin = STROKES[name]
    left = Background(lambda: twin(path.options))
    path.server.wait_for_call("ListModels", "open", count=CALLS, timeout=60.0)
    stroke(path)
    assert left.result() == 99.0
    assert len([c for c in path.server.calls if c.method.endswith("ListModels")]) == 2 * CALLS

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

import pytest

import xai
from tests.services.aio.prompt_ide.method_cases import CASES, CLASSES, Case
from tests.services.both_peers import REFUSAL, GrpcioPeer, LocalPeer, Peer
from tests.support import SECRET_KEY
from xai import AsyncClient
from xai.aio.stubs.prompt_ide import AsyncStubs

if TYPE_CHECKING:
    from tests.services.interop.protos import Protos
    from tests.services.interop.server import GrpcioServer

#: What the packages of the PromptIDE services are called.
PACKAGES = ("/prompt_ide.", "/compat.chat.")


@pytest.fixture(params=["local", "grpcio"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    """A server of either kind."""
    with ExitStack() as stack:
        if request.param == "local":
            yield LocalPeer(stack)
        else:
            server: GrpcioServer = request.getfixturevalue("grpcio_server")
            yield GrpcioPeer(server)


@pytest.fixture
def remote(peer: Peer) -> Iterator[AsyncClient]:
    """A client of the server; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=peer.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


def said_to_call() -> Iterator[tuple[str, str]]:
    """Yield each public method with each RPC that its documentation names."""
    for cls in CLASSES:
        for name, method in vars(cls).items():
            text = inspect.getdoc(method) or ""
            if not name.startswith("_") and "RPC: " in text:
                function = cast("Callable[..., object]", method)
                for path in re.findall(r"``(/[\w.]+/\w+)``", text):
                    yield function.__qualname__, path


def test_every_method_is_a_case(protos: "Protos") -> None:
    """Each RPC that a public method documents is a case, and each PromptIDE RPC is in one."""
    made = {(item.name, item.path) for item in CASES if item.name != AsyncStubs.__name__}
    assert made == set(said_to_call())
    documented = {path for path in protos.methods if path.startswith(PACKAGES)}
    assert len(documented) == 34
    assert {item.path for item in CASES} == documented


NAMED = [pytest.param(item, id=f"{item.name}-{item.path}") for item in CASES]


@pytest.mark.parametrize("item", NAMED)
async def test_method_makes_its_call(peer: Peer, remote: AsyncClient, item: Case) -> None:
    """Either server answers the method, and the RPC is the documented one."""
    await item.action(remote)
    assert item.path in peer.paths()


@pytest.mark.parametrize("item", NAMED)
async def test_method_raises_what_the_server_says(
    peer: Peer, remote: AsyncClient, item: Case
) -> None:
    """A refusal by either server is the library's error, with its text and the RPC's path."""
    peer.refuse(item.path)
    with pytest.raises(xai.PermissionDeniedError, match=f"^{REFUSAL}") as caught:
        await item.action(remote)
    assert (caught.value.method, caught.value.attempts) == (item.path, 1)
    assert caught.value.code is xai.StatusCode.PERMISSION_DENIED
    assert peer.paths()[-1] == item.path

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.interop.compat import CompatScript
from tests.support import SECRET_KEY
from xai import AsyncClient

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> CompatScript:
    """The service, which always has an answer."""
    return CompatScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[AsyncClient]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = AsyncClient(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    # twin: sync client.close()
    assert "closed" in repr(client)


async def refuse(
    script: CompatScript,
    remote: AsyncClient,
    kind: type[Exception],
    message: str,
    **options: object,
) -> None:
    """Assert that the call itself refuses its arguments, streamed or not; nothing is sent."""
    given: Any = {"messages": [{"role": "user", "content": "Hi"}], **options}
    for stream in (None, False, True):
        with pytest.raises(kind, match=message):
            await remote.compat.chat.completions.create(**{"stream": stream, **given})
    assert script.completion.calls == script.chunks.calls == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("model", 5, "model must be a str, not int"),
        ("stream", 1, "stream must be a bool, not int"),
        ("stream", "yes", "stream must be a bool, not str"),
        ("timeout", "long", "timeout must be a number of seconds"),
    ],
)
async def test_wrong_type_is_a_type_error(
    script: CompatScript, remote: AsyncClient, name: str, value: object, message: str
) -> None:
    """The error names the argument and what was expected."""
    await refuse(script, remote, TypeError, message, **{name: value})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_tokens", -1, "max_tokens must be from"),
        ("timeout", -1, "timeout must be 0 or more"),
    ],
)
async def test_value_out_of_range_is_a_value_error(
    script: CompatScript, remote: AsyncClient, name: str, value: object, message: str
) -> None:
    """What the wire can't hold is refused with the range."""
    await refuse(script, remote, ValueError, message, **{name: value})


async def test_closed_client_refuses(script: CompatScript, remote: AsyncClient) -> None:
    """After the client was closed, both ways of asking are a RuntimeError."""
    completions = remote.compat.chat.completions
    await remote.close()
    for stream in (False, True):
        options: Any = {"messages": [{"role": "user", "content": "Hi"}], "stream": stream}
        with pytest.raises(RuntimeError, match="closed"):
            await completions.create(**options)
    assert script.completion.calls == script.chunks.calls == []

# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_compat_arguments.py
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.interop.compat import CompatScript
from tests.support import SECRET_KEY
from xai import Client

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> CompatScript:
    """The service, which always has an answer."""
    return CompatScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[Client]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = Client(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    client.close()


def refuse(
    script: CompatScript,
    remote: Client,
    kind: type[Exception],
    message: str,
    **options: object,
) -> None:
    """Assert that the call itself refuses its arguments, streamed or not; nothing is sent."""
    given: Any = {"messages": [{"role": "user", "content": "Hi"}], **options}
    for stream in (None, False, True):
        with pytest.raises(kind, match=message):
            remote.compat.chat.completions.create(**{"stream": stream, **given})
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
def test_wrong_type_is_a_type_error(
    script: CompatScript, remote: Client, name: str, value: object, message: str
) -> None:
    """The error names the argument and what was expected."""
    refuse(script, remote, TypeError, message, **{name: value})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("max_tokens", -1, "max_tokens must be from"),
        ("timeout", -1, "timeout must be 0 or more"),
    ],
)
def test_value_out_of_range_is_a_value_error(
    script: CompatScript, remote: Client, name: str, value: object, message: str
) -> None:
    """What the wire can't hold is refused with the range."""
    refuse(script, remote, ValueError, message, **{name: value})


def test_closed_client_refuses(script: CompatScript, remote: Client) -> None:
    """After the client was closed, both ways of asking are a RuntimeError."""
    completions = remote.compat.chat.completions
    remote.close()
    for stream in (False, True):
        options: Any = {"messages": [{"role": "user", "content": "Hi"}], "stream": stream}
        with pytest.raises(RuntimeError, match="closed"):
            completions.create(**options)
    assert script.completion.calls == script.chunks.calls == []

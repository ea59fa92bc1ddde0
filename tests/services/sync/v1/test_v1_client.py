# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_v1_client.py
"""The client of v1: its services are its attributes, and its options those of `xai.Client`."""

import inspect
from collections.abc import Callable

import pytest

import xai
import xai.v1
from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai.proto.xai_api.auth import AUTH_GET_API_KEY_INFO
from xai.testing import LocalServer
from xai.v1 import Client, user

PATH = AUTH_GET_API_KEY_INFO.path


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the keys of whoever runs the tests out of them."""
    for name in ("XAI_API_KEY", "XAI_MANAGEMENT_KEY", "XAI_MANAGEMENT_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def services(client: object) -> set[str]:
    """Return the names of the services that a client or a namespace has."""
    cls = type(client)
    names = (name for name in dir(cls) if not name.startswith("_"))
    return {name for name in names if isinstance(getattr(cls, name), property)}


def test_services_are_those_of_the_namespace(server: LocalServer) -> None:
    """`client.chat` is what `client.v1.chat` is of `xai.Client`, each made once."""
    with Client(SECRET_KEY, api_host=server.host) as client:
        assert client.chat is client.chat
        assert client.chat.create("grok-4", messages=[user("Is it?")]).sample().content
        assert client.auth.get_api_key_info().name
        with xai.Client(SECRET_KEY, api_host=server.host) as other:
            assert services(client) == services(other.v1) | {"stubs"}


def test_parameters_are_those_of_the_other_client() -> None:
    """All but the seed, which nothing of v1 takes; both keys go by position."""
    theirs = inspect.signature(xai.Client).parameters
    ours = inspect.signature(Client).parameters
    assert set(ours) == set(theirs) - {"initial_rng_seed"}
    assert {name: ours[name].default for name in ours} == {
        name: theirs[name].default for name in ours
    }
    assert list(ours)[:2] == ["api_key", "management_api_key"]
    by_position = inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert [name for name in ours if ours[name].kind == by_position] == list(ours)[:2]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (Client, "XAI_API_KEY environment variable"),
        (lambda: Client(""), "Empty xAI API key"),
        (lambda: Client("a b\n"), "key"),
        (lambda: Client("k", ""), "management_api_key is empty"),
        (lambda: Client("k", management_api_host="a b"), "management_api_host"),
        (lambda: Client("k", timeout=-1.0), "timeout"),
    ],
)
def test_refused_arguments_are_named(make: Callable[[], object], text: str) -> None:
    """As by the other client."""
    with pytest.raises(ValueError, match=text):
        make()


def test_key_comes_from_the_environment(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both variables are read when the client is constructed."""
    monkeypatch.setenv("XAI_API_KEY", SECRET_KEY)
    monkeypatch.setenv("XAI_MANAGEMENT_KEY", "management")
    with Client(api_host=server.host) as client:
        assert client.auth.get_api_key_info().name
        management = client._connections.management
        assert management is not None
        assert management.headers == (("authorization", "Bearer management"),)


def test_views_share_the_connection(server: LocalServer) -> None:
    """A view has its own options and services; closing either closes both."""
    client = Client(SECRET_KEY, api_host=server.host)
    view = client.with_options(timeout=5.0, metadata=(("x-a", "1"),)).with_options(
        metadata=(("x-b", "2"),), retry=xai.RetryPolicy.none()
    )
    assert type(view) is Client
    client.auth.get_api_key_info()
    view.auth.get_api_key_info()
    plain, marked = (dict(call.metadata) for call in server.calls)
    assert "x-a" not in plain
    assert (marked["x-a"], marked["x-b"]) == ("1", "2")
    assert server.connections == 1
    view.close()
    view.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.auth.get_api_key_info()
    with pytest.raises(RuntimeError, match="closed"):
        client.models  # noqa: B018  # the first use of a service
    with pytest.raises(RuntimeError, match="closed"):
        client.__enter__()


def test_repr_shows_the_host_and_no_key() -> None:
    """Nor does that of a client that could not be constructed."""
    client = Client(SECRET_KEY, SECRET_KEY, api_host="localhost:1")
    assert repr(client) == f"<{Client.__name__} of localhost:1>"
    client.close()
    assert repr(client) == f"<{Client.__name__} of localhost:1, closed>"
    assert repr(object.__new__(Client)) == f"<{Client.__name__}, not constructed>"


def test_management_without_a_key_says_what_to_set(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable that an old changelog names is not read, and the error says so."""
    with Client(SECRET_KEY, api_host=server.host) as client:
        with pytest.raises(
            ValueError, match=r"XAI_MANAGEMENT_KEY before the client is constructed$"
        ):
            client._management_caller()
        monkeypatch.setenv("XAI_MANAGEMENT_API_KEY", "management")
        with pytest.raises(ValueError, match=r"XAI_MANAGEMENT_API_KEY is set, and is not"):
            client._management_caller()


def test_management_calls_go_to_their_host_with_their_key(
    reference_server: ReferenceServer,
) -> None:
    """They share timeouts, retries and metadata with the others, and are closed with them."""
    reference_server.script("Auth/get_api_key_info").says({})
    client = Client(
        "api-key",
        "management-key",
        api_host="localhost:1",
        management_api_host=reference_server.host,
        metadata=(("x-a", "1"),),
    )
    view = client.with_options(timeout=7.0, metadata=(("x-b", "2"),))
    caller = view._management_caller()
    caller.unary(AUTH_GET_API_KEY_INFO, AUTH_GET_API_KEY_INFO.request())
    sent = dict(reference_server.script("Auth/get_api_key_info").calls[0].metadata)
    assert sent["authorization"] == "Bearer management-key"
    assert (sent["x-a"], sent["x-b"]) == ("1", "2")
    assert "api-key" not in str(sent)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        caller.unary(AUTH_GET_API_KEY_INFO, AUTH_GET_API_KEY_INFO.request())

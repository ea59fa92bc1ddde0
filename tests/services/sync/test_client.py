# Do not edit: produced by "nox -s generate" from
# tests/services/aio/test_client.py
import gc
import socket
import threading
import traceback
from collections.abc import Callable

import pytest

from tests.services.recorded import paths
from tests.services.sync.helpers import collect
from tests.support import SECRET_KEY, SECRET_MARKER
from xai import Client
from xai.testing import LocalServer

NO_VARIABLE = (
    "Trying to read the xAI API key from the XAI_API_KEY environment variable but it doesn't exist."
)
EMPTY = "Empty xAI API key provided."


def test_construction_connects_to_nothing(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Constructing a client, its views and its services neither connects nor starts a thread."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a constructor used the network or started a thread")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    client = Client(SECRET_KEY, api_host=server.host)
    _ = client.sampler, client.stubs.sampler, client.with_options(timeout=1.0).sampler
    client.sampler.sample("never iterated over")
    assert repr(client)
    assert server.connections == 0
    del client
    gc.collect()


def test_first_call_connects_once(server: LocalServer, client: Client) -> None:
    """The first call opens the one connection that the following calls use."""
    assert server.connections == 0
    client.sampler.list_models()
    client.sampler.tokenize("word")
    collect(client.sampler.sample("word", max_len=1))
    assert server.connections == 1
    assert paths(server) == ["ListModels", "Tokenize", "SampleTokens"]


def test_key_missing_everywhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key in the call and in the environment the documented text is raised."""
    monkeypatch.delenv("XAI_API_KEY", raising=False)
    for arguments in ((), (None,)):
        with pytest.raises(ValueError, match="XAI_API_KEY") as caught:
            Client(*arguments)
        assert type(caught.value) is ValueError
        assert str(caught.value) == NO_VARIABLE


@pytest.mark.parametrize("variable", [None, "", SECRET_KEY])
def test_key_empty_never_falls_back(monkeypatch: pytest.MonkeyPatch, variable: str | None) -> None:
    """An empty key is refused with the documented text, whatever the environment holds."""
    if variable is None:
        monkeypatch.delenv("XAI_API_KEY", raising=False)
    else:
        monkeypatch.setenv("XAI_API_KEY", variable)
    with pytest.raises(ValueError, match="Empty") as caught:
        Client("")
    assert str(caught.value) == EMPTY


def test_key_empty_in_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is an empty key, not a missing one."""
    monkeypatch.setenv("XAI_API_KEY", "")
    with pytest.raises(ValueError, match="Empty") as caught:
        Client()
    assert str(caught.value) == EMPTY


def test_key_is_read_from_environment(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no key in the call the one of the environment reaches the server."""
    monkeypatch.setenv("XAI_API_KEY", SECRET_KEY)
    with Client(api_host=server.host) as client:
        assert client.sampler.list_models() == ["grok-local"]


def test_key_given_goes_before_environment(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key in the call is used even when the environment has another, which is bad."""
    monkeypatch.setenv("XAI_API_KEY", "bad\nkey")
    with Client(SECRET_KEY, api_host=server.host) as client:
        assert client.sampler.list_models() == ["grok-local"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key + "\n",
        lambda key: "\t" + key,
        lambda key: key + "\r\nx-injected: 1",
        lambda key: key + "\x01",
        lambda key: key + "\x7f",
        lambda key: key + "é",
        lambda key: key + "\N{ZERO WIDTH SPACE}",
        lambda key: " " + key,
        lambda key: key + "\udc80",
    ],
)
@pytest.mark.parametrize("by_variable", [False, True], ids=["given", "environment"])
def test_key_that_cannot_travel_is_refused(
    spoil: Callable[[str], str],
    by_variable: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Control and non-ASCII characters in a key are a ValueError which does not show the key."""
    key = spoil(SECRET_KEY)
    if by_variable:
        monkeypatch.setenv("XAI_API_KEY", key)
    with pytest.raises(ValueError, match="api_key can't be sent") as caught:
        Client(None if by_variable else key)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SECRET_MARKER not in shown


@pytest.mark.parametrize("key", [5, b"bytes", True, ["key"], 0, b""])
def test_key_of_wrong_type_is_refused(key: object) -> None:
    """A key that is not a str is a TypeError which names the argument and shows no value."""
    with pytest.raises(TypeError, match=r"^api_key must be a str, not \w+$"):
        Client(key)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"initial_rng_seed": "1"}, TypeError, "initial_rng_seed must be an int, not str"),
        ({"initial_rng_seed": True}, TypeError, "initial_rng_seed must be an int, not bool"),
        ({"initial_rng_seed": 1.0}, TypeError, "initial_rng_seed must be an int, not float"),
        ({"initial_rng_seed": -1}, ValueError, "initial_rng_seed"),
        ({"initial_rng_seed": 2**64}, ValueError, "initial_rng_seed"),
        ({"api_host": None}, TypeError, "api_host must be a str, not NoneType"),
        ({"api_host": b"api.x.ai"}, TypeError, "api_host must be a str, not bytes"),
        ({"api_host": ""}, ValueError, "api_host is empty"),
        ({"api_host": "https://api.x.ai"}, ValueError, "api_host .* without a scheme"),
        ({"api_host": "api.x.ai/v1"}, ValueError, "api_host .* without a path"),
        ({"api_host": "api.x.ai:0"}, ValueError, "api_host: the port"),
        ({"api_host": "api.x.ai:65536"}, ValueError, "api_host: the port"),
        ({"api_host": "user:pass@api.x.ai"}, ValueError, "api_host .* without user information"),
        ({"metadata": "a=b"}, TypeError, "metadata must be a sequence"),
        ({"metadata": {"a": "b"}}, TypeError, "metadata must be a sequence"),
        ({"metadata": 5}, TypeError, "metadata must be a sequence"),
        ({"metadata": (("a", "b"), ("c",))}, TypeError, r"metadata\[1\] must be"),
        ({"metadata": (("a", 1),)}, TypeError, r"metadata\[0\]"),
        ({"metadata": (("A", "b"),)}, ValueError, r"metadata\[0\]"),
        ({"metadata": (("grpc-timeout", "1S"),)}, ValueError, r"metadata\[0\]"),
        ({"timeout": "5"}, TypeError, "timeout must be a number of seconds or None, not str"),
        ({"timeout": True}, TypeError, "timeout must be a number of seconds or None, not bool"),
        ({"timeout": -1}, ValueError, "timeout must be 0 or more seconds"),
        ({"timeout": float("nan")}, ValueError, "timeout must be 0 or more seconds"),
        ({"retry": 3}, TypeError, "retry must be a RetryPolicy, not int"),
        ({"retry": None}, TypeError, "retry must be a RetryPolicy, not NoneType"),
        ({"ssl_context": True}, TypeError, "ssl_context must be an ssl.SSLContext, not bool"),
        ({"max_message_bytes": 0}, ValueError, "max_message_bytes"),
        ({"max_message_bytes": "1"}, TypeError, "max_message_bytes must be an int, not str"),
    ],
)
def test_constructor_argument_that_is_bad_is_named(
    options: dict[str, object], error: type[Exception], text: str
) -> None:
    """A bad argument of the constructor is refused by it, with a text that names the argument."""
    with pytest.raises(error, match=f"^{text}") as caught:
        Client(SECRET_KEY, **options)  # type: ignore[arg-type]  # the point of the test
    assert type(caught.value) is error


def test_constructor_takes_keywords_only() -> None:
    """The key alone may be given by position."""
    with pytest.raises(TypeError, match="positional"):
        Client(SECRET_KEY, 1)  # type: ignore[call-arg]  # the point of the test


@pytest.mark.parametrize(
    "value", [f"{SECRET_MARKER}\n", f"\0{SECRET_MARKER}", f"{SECRET_MARKER}é", f" {SECRET_MARKER}"]
)
def test_metadata_value_is_never_shown(value: str) -> None:
    """A value that can't travel is refused at construction, by its place and key alone."""
    with pytest.raises(ValueError, match=r"metadata\[1\].*'x-token'") as caught:
        Client(SECRET_KEY, metadata=(("x-ok", "1"), ("x-token", value)))
    assert SECRET_MARKER not in "".join(traceback.format_exception(caught.value))

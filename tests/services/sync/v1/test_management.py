# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_management.py
import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai import Client

VARIABLE = "XAI_MANAGEMENT_KEY"


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the key of whoever runs the tests out of them."""
    monkeypatch.delenv(VARIABLE, raising=False)


def test_management_key_is_never_sent_to_the_api(
    reference_server: ReferenceServer,
) -> None:
    """Calls of the API carry the API key only, and no repr shows either key."""
    script = reference_server.script("Auth/get_api_key_info")
    script.says({})
    client = Client(
        "api-key",
        api_host=reference_server.host,
        management_api_key=SECRET_KEY,
        management_api_host="localhost:1",
    )
    with client:
        client.v1.auth.get_api_key_info()
        assert SECRET_KEY not in repr((client, client._connections.management))
    assert SECRET_KEY not in str(script.calls[0].metadata)


def test_management_key_is_kept_for_its_host() -> None:
    """The key goes with the documented host, over TLS, or the given one."""
    config = Client("k", management_api_key="m")._connections.management
    assert config is not None
    assert (config.endpoint.authority, config.endpoint.plaintext) == (
        "management-api.x.ai:443",
        False,
    )
    assert config.headers == (("authorization", "Bearer m"),)
    config = Client(
        "k", metadata=(("a", "b"),), management_api_key="m", management_api_host="localhost:5"
    )._connections.management
    assert config is not None
    assert config.endpoint.authority == "localhost:5"
    assert config.headers == (("a", "b"), ("authorization", "Bearer m"))


def test_management_key_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The variable counts where no key is given; one that is empty counts as missing."""
    assert Client("k")._connections.management is None
    monkeypatch.setenv(VARIABLE, "")
    assert Client("k")._connections.management is None
    monkeypatch.setenv(VARIABLE, "from-environment")
    config = Client("k")._connections.management
    assert config is not None
    assert config.headers == (("authorization", "Bearer from-environment"),)
    config = Client("k", management_api_key="given")._connections.management
    assert config is not None
    assert config.headers == (("authorization", "Bearer given"),)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"management_api_key": ""}, "management_api_key is empty; expected a key"),
        ({"management_api_key": 5}, "management_api_key must be a str, not int"),
        ({"management_api_key": f"{SECRET_KEY}\n"}, "management_api_key can't be sent in a header"),
        ({"management_api_host": ""}, "management_api_host is empty"),
        ({"management_api_host": "https://a"}, "management_api_host must be 'host'"),
        ({"management_api_host": "a:0"}, "management_api_host: the port must be a number"),
        ({"management_api_host": "[x]"}, "management_api_host: not an IPv6 address"),
        ({"management_api_host": "a b"}, "management_api_host is not a host name"),
        ({"management_api_host": None}, "management_api_host must be a str, not NoneType"),
    ],
)
def test_bad_management_arguments_are_named(arguments: dict[str, object], text: str) -> None:
    """The error names the argument, and never shows the key."""
    with pytest.raises((TypeError, ValueError), match=f"^{text}") as caught:
        Client("k", **arguments)  # type: ignore[arg-type]  # the point of the test
    assert SECRET_KEY not in str(caught.value)

"""The headers of a request as the server sees them, and what errors about them may say."""

import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trustme
from hyperframe.frame import HeadersFrame, SettingsFrame

from tests.reliability.links import Link, both
from tests.reliability.peer import Asked, Peer
from tests.support import SECRET_KEY, SECRET_MARKER
from xai import AsyncClient, Client
from xai._version import __version__
from xai.proto.prompt_ide.sampler_public import GetTokenBudgetRequest

CHANNEL = (("x-first", "1"), ("x-second", "2"), ("apikey", "k"), ("authorization", "Bearer k"))


@both
def test_headers_in_order(connect: type[Link]) -> None:
    """GRPC's own come first, then the client's metadata and credentials, then the call's."""
    with Peer() as peer, connect(peer, headers=CHANNEL) as link:
        link.unary(timeout=1000, metadata=(("x-call", "3"), ("x-first", "again")))
        asked = peer.wires[0].asked[1]
        timeout = asked.headers.pop(8)
        assert timeout[0] == "grpc-timeout"
        assert asked.headers == [
            (":method", "POST"),
            (":scheme", "http"),
            (":authority", f"localhost:{peer.port}"),
            (":path", "/test.Test/Unary"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            ("user-agent", f"xai-client/{__version__}"),
            ("grpc-accept-encoding", "identity,deflate,gzip"),
            *CHANNEL,
            ("x-call", "3"),
            ("x-first", "again"),
        ]


@both
def test_key_is_never_in_a_compression_table(connect: type[Link]) -> None:
    """Credentials are sent as literals that are never indexed, by the second call as well."""
    with Peer() as peer, connect(peer, headers=(("apikey", SECRET_KEY),)) as link:
        link.works()
        link.works()
        first, second = (f for f in peer.wires[0].frames if isinstance(f, HeadersFrame))
        assert len(first.data) > len(second.data) > len(SECRET_KEY) / 2
        table = peer.wires[0]._decoder.header_table.dynamic_entries
        assert not any(SECRET_MARKER.encode() in value for _, value in table)


@both
def test_preface_announces_our_limits(connect: type[Link]) -> None:
    """The first SETTINGS refuse pushes and give each stream its window at once."""
    with Peer() as peer, connect(peer) as link:
        link.works()
        settings = peer.wires[0].frames[0]
        assert isinstance(settings, SettingsFrame)
        assert settings.settings[SettingsFrame.ENABLE_PUSH] == 0
        assert settings.settings[SettingsFrame.INITIAL_WINDOW_SIZE] == 4 * 2**20


def _context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    authority.configure_trust(context)
    return context


def _server(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    authority.issue_cert(name).configure_cert(context)
    return context


@both
def test_ipv6_authority(connect: type[Link]) -> None:
    """An IPv6 address is in brackets and with its port; TLS compares it without."""
    authority = trustme.CA()
    with Peer(tls=_server(authority, "::1"), family=socket.AF_INET6) as peer:
        host = f"[::1]:{peer.port}"
        with connect(peer, host=host, ssl_context=_context(authority)) as link:
            link.works()
        asked = peer.wires[0].asked[1]
        assert asked.all(":authority") == [host]
        assert asked.all(":scheme") == ["https"]


@both
def test_ipv4_authority(connect: type[Link]) -> None:
    """The port is always in the authority."""
    authority = trustme.CA()
    with Peer(tls=_server(authority, "127.0.0.1")) as peer:
        host = f"127.0.0.1:{peer.port}"
        with connect(peer, host=host, ssl_context=_context(authority)) as link:
            link.works()
        assert peer.wires[0].asked[1].all(":authority") == [host]


def _asked(script: Callable[[str], None]) -> Asked:
    """Return the one request of a program that is given a host."""
    with Peer() as peer:
        script(peer.host)
        (wire,) = peer.wires
        return wire.asked[1]


def test_headers_of_a_client() -> None:
    """A client's metadata come before its credentials, a view's and a call's after them."""

    def script(host: str) -> None:
        pairs = (("x-app", "one"),)
        with Client(SECRET_KEY, api_host=host, metadata=pairs, timeout=None) as client:
            view = client.with_options(metadata=[("x-view", "two")])
            view.stubs.sampler.get_token_budget(
                GetTokenBudgetRequest(), metadata=[("x-call", "three")]
            )

    _check_client(_asked(script))


async def test_headers_of_an_asynchronous_client() -> None:
    """As above."""
    with Peer() as peer:
        pairs = (("x-app", "one"),)
        async with AsyncClient(
            SECRET_KEY, api_host=peer.host, metadata=pairs, timeout=None
        ) as client:
            view = client.with_options(metadata=[("x-view", "two")])
            await view.stubs.sampler.get_token_budget(
                GetTokenBudgetRequest(), metadata=[("x-call", "three")]
            )
        _check_client(peer.wires[0].asked[1])


def _check_client(asked: Asked) -> None:
    assert asked.headers[4:] == [
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        ("user-agent", f"xai-client/{__version__}"),
        ("grpc-accept-encoding", "identity,deflate,gzip"),
        ("x-app", "one"),
        ("apikey", SECRET_KEY),
        ("authorization", f"Bearer {SECRET_KEY}"),
        ("x-view", "two"),
        ("x-call", "three"),
    ]


BAD_PAIRS = [
    ("x-a", f"{SECRET_MARKER}\n"),
    ("x-a", f"{SECRET_MARKER}\r\nx-b: c"),
    ("x-a", f"{SECRET_MARKER}\u00e9"),
    ("x-a", f" {SECRET_MARKER}"),
    ("x-a", f"{SECRET_MARKER}\0"),
    ("X-Upper", SECRET_MARKER),
    ("x a", SECRET_MARKER),
    ("", SECRET_MARKER),
    (":path", SECRET_MARKER),
    ("grpc-timeout", SECRET_MARKER),
    ("user-agent", SECRET_MARKER),
    ("te", SECRET_MARKER),
    ("x-data-bin", SECRET_MARKER),
    ("x-bytes", SECRET_MARKER.encode()),
]


@pytest.mark.parametrize("pair", BAD_PAIRS, ids=[f"{k}-{n}" for n, (k, _) in enumerate(BAD_PAIRS)])
def test_errors_about_metadata_show_no_value(pair: Any) -> None:  # noqa: ANN401  # wrong types too
    """Bad metadata is refused where it is given, by its place and key, never its value."""
    with pytest.raises((ValueError, TypeError), match=r"metadata\[1\]") as caught:
        Client(SECRET_KEY, metadata=(("x-good", "1"), pair))
    assert SECRET_MARKER not in str(caught.value)
    with Client(SECRET_KEY) as client:
        with pytest.raises((ValueError, TypeError), match=r"metadata\[0\]") as caught:
            client.with_options(metadata=[pair])
        assert SECRET_MARKER not in str(caught.value)
        with pytest.raises((ValueError, TypeError), match=r"metadata\[0\]") as caught:
            client.stubs.sampler.get_token_budget(GetTokenBudgetRequest(), metadata=[pair])
        assert SECRET_MARKER not in str(caught.value)


@pytest.mark.parametrize("value", ["", "a b", "~!", "x" * 5000])
def test_unusual_values_travel(value: str) -> None:
    """An empty value and any printable ASCII are sent as they are."""

    def script(host: str) -> None:
        with Client(SECRET_KEY, api_host=host, metadata=(("x-a", value),)) as client:
            client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())

    assert _asked(script).all("x-a") == [value]


def test_large_metadata_is_split_over_frames() -> None:
    """Metadata larger than a frame arrive whole, in CONTINUATION frames."""
    pairs = tuple((f"x-{number}", "v" * 1000) for number in range(40))

    def script(host: str) -> None:
        with Client(SECRET_KEY, api_host=host, metadata=pairs) as client:
            client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())

    asked = _asked(script)
    assert [pair for pair in asked.headers if pair[0].startswith("x-")] == list(pairs)

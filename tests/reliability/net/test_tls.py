"""TLS: whom the client trusts, what it says when it does not, and how it leaves."""

import datetime as dt
import gc
import socket
import ssl
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from hyperframe.frame import DataFrame, GoAwayFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import BRIEF, Peer, Wire, framed
from tests.support import SECRET_KEY, run_child
from xai import APIConnectionError, AsyncClient, Client, RetryPolicy
from xai.errors import StatusCode
from xai.proto.prompt_ide.sampler_public import GetTokenBudgetRequest
from xai.runtime.http2 import channel
from xai.runtime.http2.events import FRAMES_PER_TURN
from xai.runtime.net.resolver import Address
from xai.runtime.net.tls import default_context
from xai.runtime.retry.controller import may_retry

#: Made once: keys take their time.
AUTHORITY = trustme.CA()
STRANGER = trustme.CA()
#: A name that only the tests know the address of.
NAME = "api.test"


def server_context(
    *names: str,
    alpn: list[str] | None = None,
    authority: trustme.CA = AUTHORITY,
    **dates: Any,  # noqa: ANN401  # as issue_cert
) -> ssl.SSLContext:
    """Return a server's settings with a certificate for some names, this machine's by default."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    protocols = ["h2"] if alpn is None else alpn
    if protocols:
        context.set_alpn_protocols(protocols)
    certificate = authority.issue_cert(*(names or ("127.0.0.1", NAME)), **dates)
    certificate.configure_cert(context)
    return context


def client_context(authority: trustme.CA = AUTHORITY, *, alpn: bool = True) -> ssl.SSLContext:
    """Return a user's settings that trust an authority and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if alpn:
        context.set_alpn_protocols(["h2"])
    authority.configure_trust(context)
    return context


def at(peer: Peer) -> str:
    """Return the host of a peer that speaks TLS."""
    return f"127.0.0.1:{peer.port}"


def retry(attempts: int) -> RetryPolicy:
    """Return a policy that does not wait."""
    return RetryPolicy(max_attempts=attempts, initial_backoff=0.0)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let failed dials be repeated at once."""
    monkeypatch.setattr(channel, "_BACKOFF_LIMIT", 0.0)


@pytest.fixture
def known_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give NAME an address."""

    async def resolve(host: str, port: int) -> list[Address]:
        assert host == NAME
        return [(socket.AF_INET, ("127.0.0.1", port))]

    monkeypatch.setattr(channel, "resolve", resolve)


# -- accepted ------------------------------------------------------------------------------------


@both
@pytest.mark.usefixtures("known_name")
def test_trusted_by_the_users_context(connect: type[Link]) -> None:
    """A certificate of an authority in ``ssl_context`` is accepted; the name is sent along."""
    asked: list[str | None] = []
    context = server_context()
    context.sni_callback = lambda _sock, name, _context: asked.append(name)
    with Peer(tls=context) as peer:
        host = f"{NAME}:{peer.port}"
        with connect(peer, host=host, ssl_context=client_context()) as link:
            link.works()
            link.stream(b"x").collect()
            link.works()
            (wire,) = peer.wires
            assert wire.tls is not None
            assert wire.tls.selected_alpn_protocol() == "h2"
    assert asked == [NAME]


@both
def test_more_messages_than_are_read_at_once(connect: type[Link]) -> None:
    """The reading that pauses for others of the loop loses nothing of what TLS has read ahead."""
    messages = [b"%d" % number for number in range(20 * FRAMES_PER_TURN)]

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.send(*(DataFrame(asked.stream, framed(message)) for message in messages))
        wire.status(asked.stream)

    with Peer(script, tls=server_context()) as peer:
        with connect(peer, host=at(peer), ssl_context=client_context()) as link:
            assert link.stream().collect() == messages
            link.works()
        assert len(peer.wires) == 1


_SCRIPT = """
import asyncio, sys, xai
from xai.proto.prompt_ide.sampler_public import GetTokenBudgetRequest as Ask
policy = xai.RetryPolicy.none()

def outcome(error):
    print(type(error).__name__, error)

try:
    with xai.Client("key", api_host=sys.argv[1], retry=policy) as client:
        client.stubs.sampler.get_token_budget(Ask())
    print("accepted")
except xai.APIError as error:
    outcome(error)

async def main():
    async with xai.AsyncClient("key", api_host=sys.argv[1], retry=policy) as client:
        await client.stubs.sampler.get_token_budget(Ask())
    print("accepted")

try:
    asyncio.run(main())
except xai.APIError as error:
    outcome(error)
"""


@pytest.mark.parametrize("trusted", [True, False])
def test_trusted_by_the_environment(tmp_path: Path, *, trusted: bool) -> None:
    """SSL_CERT_FILE names the authorities of a process; others are not trusted then."""
    file = tmp_path / "authority.pem"
    (AUTHORITY if trusted else STRANGER).cert_pem.write_to_path(str(file))
    with Peer(tls=server_context()) as peer:
        result = run_child(_SCRIPT, args=[at(peer)], env={"SSL_CERT_FILE": str(file)})
    if trusted:
        assert result.stdout == "accepted\naccepted\n"
    else:
        first, second = result.stdout.splitlines()
        assert first == second
        assert first.startswith(f"APIConnectionError the certificate of {at(peer)} was refused: ")


def test_default_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Certificates and names are checked; certifi counts unless the environment does."""
    file = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(file))
    certifi = types.ModuleType("certifi")
    asked: list[str] = []
    certifi.where = lambda: asked.append("certifi") or str(file)  # type: ignore[attr-defined,func-returns-value]  # made up
    monkeypatch.setitem(sys.modules, "certifi", certifi)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    context = default_context()
    assert asked == ["certifi"]
    assert context.cert_store_stats()["x509_ca"] == 1
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    default_context()
    monkeypatch.setitem(sys.modules, "certifi", None)
    monkeypatch.delenv("SSL_CERT_FILE")
    default_context()
    assert asked == ["certifi"]


# -- refused -------------------------------------------------------------------------------------

_NOW = dt.datetime.now(dt.timezone.utc)
_DAY = dt.timedelta(days=1)
REFUSED: dict[str, tuple[Callable[[], ssl.SSLContext], str]] = {
    "untrusted": (lambda: server_context(authority=STRANGER), "unable to get local issuer"),
    "expired": (
        lambda: server_context(not_before=_NOW - 2 * _DAY, not_after=_NOW - _DAY),
        "has expired",
    ),
    "not yet valid": (
        lambda: server_context(not_before=_NOW + _DAY, not_after=_NOW + 2 * _DAY),
        "not yet valid",
    ),
    "another address": (lambda: server_context("10.0.0.1"), "IP address mismatch"),
    "another name": (lambda: server_context("other.test"), "IP address mismatch"),
}


@both
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_refused_certificate(
    connect: type[Link], case: tuple[Callable[[], ssl.SSLContext], str]
) -> None:
    """A bad certificate is told with host and reason; it is not tried again; nothing is sent."""
    make, says = case
    with (
        Peer(tls=make()) as peer,
        connect(peer, host=at(peer), ssl_context=client_context()) as link,
    ):
        failure = failure_of(link.unary)
        assert (failure.code, failure.connection) == (StatusCode.UNAVAILABLE, True)
        assert failure.message.startswith(f"the certificate of {at(peer)} was refused: ")
        assert says in failure.message
        assert not may_retry(failure, RetryPolicy())
        peer.until(lambda: peer.refusals)
        assert peer.wires[0].frames == []


@both
@pytest.mark.usefixtures("known_name")
def test_certificate_of_another_name(connect: type[Link]) -> None:
    """A certificate must be for the name that was asked for."""
    with Peer(tls=server_context("other.test")) as peer:
        host = f"{NAME}:{peer.port}"
        with connect(peer, host=host, ssl_context=client_context()) as link:
            failure = failure_of(link.unary)
    assert failure.message.startswith(f"the certificate of {host} was refused: Hostname mismatch")
    assert failure.final


def test_refused_to_the_user() -> None:
    """The user gets an APIConnectionError after one attempt, with ssl's own as its cause."""
    context = client_context(STRANGER)
    with Peer(tls=server_context()) as peer:
        with Client(SECRET_KEY, api_host=at(peer), ssl_context=context) as client:
            with pytest.raises(APIConnectionError, match=f"certificate of {at(peer)}") as caught:
                client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
            assert caught.value.attempts == 1
            assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
        assert len(peer.wires) == 1


async def test_refused_to_the_asynchronous_user() -> None:
    """As above."""
    context = client_context(STRANGER)
    with Peer(tls=server_context()) as peer:
        async with AsyncClient(SECRET_KEY, api_host=at(peer), ssl_context=context) as client:
            with pytest.raises(APIConnectionError, match=f"certificate of {at(peer)}") as caught:
                await client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
            assert caught.value.attempts == 1


# -- no HTTP/2 -----------------------------------------------------------------------------------


def _check_no_http2(connect: type[Link], peer: Peer, *, alpn: bool = True) -> None:
    context = client_context(alpn=alpn)
    with connect(peer, host=at(peer), ssl_context=context, headers=(("apikey", "k"),)) as link:
        failure = failure_of(link.unary)
    assert failure.connection
    assert failure.message.startswith(f"can't connect to {at(peer)}: the TLS handshake did not")
    assert "set_alpn_protocols(['h2'])" in failure.message
    assert not may_retry(failure, RetryPolicy())


@both
@pytest.mark.parametrize("alpn", [[], ["http/1.1"]], ids=["none", "http/1.1"])
def test_server_without_http2(connect: type[Link], alpn: list[str]) -> None:
    """A server that does not choose ``h2`` is refused, and sees no request."""
    with Peer(tls=server_context(alpn=alpn)) as peer:
        _check_no_http2(connect, peer)
    assert peer.wires[0].asked == {}


@both
def test_context_without_alpn(connect: type[Link]) -> None:
    """A context of the user's that offers no ALPN is refused, with what to do about it."""
    with Peer(tls=server_context()) as peer:
        _check_no_http2(connect, peer, alpn=False)
    assert peer.wires[0].asked == {}


@both
def test_server_that_refuses_our_alpn(connect: type[Link]) -> None:
    """The alert ``no_application_protocol`` means the same as no choice."""

    def script(wire: Wire) -> None:
        wire.take(5)
        wire.raw(bytes([0x15, 3, 3, 0, 2, 2, 120]))
        wire.until_closed()

    with Peer(script, bare=True) as peer:
        _check_no_http2(connect, peer)


@both
def test_users_context_is_not_modified(connect: type[Link]) -> None:
    """The user's own context is used as it is: nothing is set on it."""

    class Watched(ssl.SSLContext):
        changes: list[str]

        def __setattr__(self, name: str, value: object) -> None:
            self.changes.append(name)
            super().__setattr__(name, value)

        def set_alpn_protocols(self, alpn_protocols: Any) -> None:  # noqa: ANN401  # as typeshed
            self.changes.append("alpn")
            super().set_alpn_protocols(alpn_protocols)

        def load_default_certs(self, purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH) -> None:
            self.changes.append("certificates")
            super().load_default_certs(purpose)

    Watched.changes = []
    context = Watched(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    AUTHORITY.configure_trust(context)
    before = (context.cert_store_stats(), context.options, context.get_ciphers())
    Watched.changes.clear()
    with (
        Peer(tls=server_context()) as peer,
        connect(peer, host=at(peer), ssl_context=context) as link,
    ):
        link.works()
    assert Watched.changes == []
    assert (context.cert_store_stats(), context.options, context.get_ciphers()) == before


# -- handshakes that come to nothing -------------------------------------------------------------


def _cut(wire: Wire) -> None:
    wire.take(5)
    wire.close()


@pytest.mark.usefixtures("no_pauses")
def test_cut_handshake_is_tried_again() -> None:
    """A handshake that is cut never reached the server's application: the next attempt works."""
    tls = server_context()

    def good(wire: Wire) -> None:
        wire.sock = tls.wrap_socket(wire.sock, server_side=True, suppress_ragged_eofs=False)
        wire.hello()
        wire.serve()

    with (
        Peer(_cut, good, bare=True) as peer,
        Client(
            SECRET_KEY, api_host=at(peer), ssl_context=client_context(), retry=retry(2)
        ) as client,
    ):
        client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
        assert len(peer.wires) == 2


@pytest.mark.usefixtures("no_pauses")
async def test_cut_handshakes_end_in_an_error() -> None:
    """When each is cut, the user gets an APIConnectionError with the host after all attempts."""
    with Peer(*[_cut] * 3, bare=True) as peer:
        options: dict[str, Any] = {"ssl_context": client_context(), "retry": retry(3)}
        async with AsyncClient(SECRET_KEY, api_host=at(peer), **options) as client:
            with pytest.raises(APIConnectionError, match=f"connect to {at(peer)}: ") as caught:
                await client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
        assert caught.value.attempts == len(peer.wires) == 3


@both
def test_server_without_tls(connect: type[Link]) -> None:
    """A server that speaks plain text to a TLS client is told by host and reason."""

    def script(wire: Wire) -> None:
        wire.take(5)
        wire.settings({})
        wire.until_closed()

    with (
        Peer(script, bare=True) as peer,
        connect(peer, host=at(peer), ssl_context=client_context()) as link,
    ):
        failure = failure_of(link.unary)
    assert failure.message.startswith(f"no TLS connection to {at(peer)}: ")
    assert failure.connection


@both
def test_silent_handshake_meets_the_deadline(connect: type[Link]) -> None:
    """A server that accepts and says nothing ends at the deadline; closing cuts the handshake."""

    def script(wire: Wire) -> None:
        wire.take(5)
        wire.until_closed()

    with Peer(script, bare=True) as peer:
        with connect(peer, host=at(peer), ssl_context=client_context()) as link:
            failure = failure_of(lambda: link.unary(timeout=BRIEF))
            assert failure.code is StatusCode.DEADLINE_EXCEEDED
            assert f"while connecting to {at(peer)}" in failure.message
        peer.until(lambda: peer.wires[0].closed)


# -- leaving -------------------------------------------------------------------------------------


@both
def test_close_says_goodbye(connect: type[Link]) -> None:
    """Closing sends GOAWAY and close_notify, and no object is left that would warn."""
    with (
        Peer(tls=server_context()) as peer,
        connect(peer, host=at(peer), ssl_context=client_context()) as link,
    ):
        link.works()
        link.close()
        peer.until(lambda: peer.wires[0].closed)
        assert isinstance(peer.wires[0].frames[-1], GoAwayFrame)
        assert peer.wires[0].goaway_reason == "close_notify"
    del link
    gc.collect()


@both
def test_close_does_not_wait_for_the_other_side(connect: type[Link]) -> None:
    """A server that never says goodbye is left without it."""

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.expect(GoAwayFrame)
        peer.until(lambda: released)

    released: list[bool] = []
    with Peer(script, tls=server_context()) as peer:
        with connect(peer, host=at(peer), ssl_context=client_context()) as link:
            link.works()
            channel = link.channel()
        assert channel.protocols == set()
        peer.tell(lambda: released.append(True))

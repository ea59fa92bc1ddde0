"""The faults of the fault matrix, over real sockets: each scenario is one fault, ready to call.

A scenario is made for a call before or after the first message of its response. Where a fault
happens once, what comes after it is served well, so that a retry can succeed.
"""

import contextlib
import functools
import gzip
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Final

import attrs
import pytest
import trustme
from hyperframe.frame import ContinuationFrame, HeadersFrame, PingFrame, RstStreamFrame

from tests.reliability.links import NOBODY, Dialing, at
from tests.reliability.net.proxies import (
    NAME,
    Connected,
    HTTPProxy,
    SOCKSProxy,
    client_context,
    server_context,
)
from tests.reliability.net.proxies import Script as ProxyScript
from tests.reliability.peer import GOOD, LIMIT, Asked, HungUp, Peer, Wire, framed
from xai import _clock
from xai.options import Keepalive
from xai.proto.prompt_ide.chat import Conversation
from xai.proto.prompt_ide.sampler_public import (
    ListModelsResponse,
    Logit,
    SampleTokensResponse,
    Token,
)
from xai.proto.xai_api.files import File
from xai.runtime.http2 import keepalive

MODELS: Final = ["grok-one", "grok-two"]
CONVERSATION: Final = "conversation-1"
FILE: Final = "file-1"
TOKENS: Final = ["▁one", "▁two", "▁three"]
#: More than this a client of the matrix does not accept.
MAX_BYTES: Final = 1000
#: Far past every deadline, in milliseconds.
_HOUR: Final = "3600000"
_MAX_CONCURRENT_STREAMS: Final = 3


def _sampled(number: int) -> bytes:
    logit = Logit(token_id=number, string_token=TOKENS[number], prob=0.5)
    return bytes(SampleTokensResponse(token=Token(final_logit=logit)))


#: The messages of a good answer, by the last part of the path.
ANSWERS: Final = {
    "ListModels": [bytes(ListModelsResponse(model_names=MODELS))],
    "CreateConversation": [bytes(Conversation(conversation_id=CONVERSATION))],
    "SampleTokens": [_sampled(number) for number in range(len(TOKENS))],
    "UploadFile": [bytes(File(id=FILE))],
}


def messages(asked: Asked) -> list[bytes]:
    """Return the messages of the good answer to a request."""
    (path,) = asked.all(":path")
    return ANSWERS[path.rpartition("/")[2]]


def well(wire: Wire) -> None:
    """Answer every request well until the connection closes."""
    while not wire.closed:
        asked = wire.request()
        wire.reply(asked, *messages(asked))


@attrs.define
class Scenario:
    """A fault that waits for a call.

    Attributes:
        options: How the client reaches it.
        started: Whether the fault comes after the first message.
        delivered: Set by the caller when it has that message.
        warm: Whether a good call has to come before.
        ready: Set when the fault may be met after that good call.
    """

    started: bool
    options: dict[str, Any] = attrs.field(factory=dict)
    delivered: threading.Event = attrs.field(factory=threading.Event)
    warm: bool = False
    ready: threading.Event = attrs.field(factory=threading.Event)


Make = Callable[[pytest.MonkeyPatch, bool], AbstractContextManager[Scenario]]
Play = Callable[[Wire, Asked, bool], None]


# -- faults of one call --------------------------------------------------------------------------


def amid(play: Play, *, always: bool = False) -> Make:
    """Return the scenario of a server that misbehaves when a call comes.

    Args:
        play: What it does, told whether the answer has begun.
        always: Whether it does so with every call of every connection.
    """

    @contextlib.contextmanager
    def scenario(_patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
        made = Scenario(started)

        def script(wire: Wire) -> None:
            for _ in range(1000 if always else 1):
                asked = wire.request_amid()
                if started:
                    wire.headers(asked.stream)
                    wire.data(asked.stream, framed(messages(asked)[0]))
                    assert made.delivered.wait(LIMIT)
                play(wire, asked, started)
                if wire.closed:
                    return
            well(wire)

        with Peer(script, *[script if always else well] * 3) as peer:
            made.options["api_host"] = peer.host
            yield made

    return scenario


def _begin(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    if not started:
        wire.headers(asked.stream)


def cut(wire: Wire, _asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """Reset the connection."""
    wire.cut()


def cut_after_headers(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """Reset the connection when the answer has begun."""
    _begin(wire, asked, started)
    wire.cut()


def cut_in_message(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """Reset the connection within a message."""
    _begin(wire, asked, started)
    wire.data(asked.stream, framed(messages(asked)[-1])[:-1])
    wire.cut()


def leave(wire: Wire, _asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """End the connection, as a server does that is stopped."""
    wire.close()


def deaf(wire: Wire, _asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """Acknowledge nothing any more, as a machine does that has lost its power."""
    wire.polite = False
    wire.until_closed()


def stall(wire: Wire, asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """Answer PINGs and nothing else until the call is given up."""
    wire.expect(RstStreamFrame, asked.stream)


def drip(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """Send a message byte by byte, and never its end."""
    _begin(wire, asked, started)
    wire.data(asked.stream, framed(b"", size=MAX_BYTES))
    given_up = False
    while not given_up:
        wire.data(asked.stream, b"x")
        while not given_up and (wire._bytes or select.select([wire.sock], [], [], 0.01)[0]):
            given_up = isinstance(wire.read(), RstStreamFrame)


def goaway_without(wire: Wire, asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """Announce the end of the connection, and that the call is not served on it."""
    wire.goaway(max(0, asked.stream - 2))
    wire.until_closed()


def goaway_with(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """Announce the end of the connection, and serve the call."""
    wire.goaway(asked.stream)
    _begin(wire, asked, started)
    for message in messages(asked)[started:]:
        wire.data(asked.stream, framed(message))
    wire.status(asked.stream)


def goaway_and_leave(wire: Wire, asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """Promise to serve the call, and close the connection."""
    wire.goaway(asked.stream)
    wire.close()


def reset(code: int) -> Play:
    """Return the fault of a reset stream.

    Args:
        code: HTTP/2's error code.
    """
    return lambda wire, asked, _started: wire.reset(asked.stream, code)


def not_http2(wire: Wire, _asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """Send bytes that are no frames."""
    wire.raw(b"\xffHTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    wire.until_closed()


def flood(wire: Wire, _asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """Send control frames, more than any client takes."""
    wire.polite = False
    wire.send(*[PingFrame(0, opaque_data=bytes(8))] * 20_000)
    wire.until_closed()


def large_trailers(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """End the call well, with trailers that are too large."""
    _begin(wire, asked, started)
    block = wire.encoder.encode([("grpc-status", "0"), *((f"x-{n}", "v" * 999) for n in range(70))])
    parts = [block[start : start + 16_000] for start in range(0, len(block), 16_000)]
    frames = [ContinuationFrame(asked.stream, part) for part in parts[1:]]
    frames[-1].flags.add("END_HEADERS")
    wire.send(HeadersFrame(asked.stream, parts[0], flags=["END_STREAM"]), *frames)


def headers_twice(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """Begin the response, and begin it again."""
    _begin(wire, asked, started)
    wire.headers(asked.stream)


def not_protobuf(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """Send a message that announces a field and ends."""
    _begin(wire, asked, started)
    wire.data(asked.stream, framed(b"\x0a\x7f"))
    wire.status(asked.stream)


def oversize(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """Announce a message that is larger than the client accepts."""
    _begin(wire, asked, started)
    wire.data(asked.stream, framed(b"", size=MAX_BYTES + 1))


def compressed(encoding: str) -> Play:
    """Return a server that compresses its messages, as the field ``grpc-encoding`` allows.

    Args:
        encoding: What it says of them; they are in gzip.
    """

    def play(wire: Wire, asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
        wire.headers(asked.stream, [*GOOD, ("grpc-encoding", encoding)])
        for message in messages(asked):
            wire.data(asked.stream, framed(gzip.compress(message), flag=1))
        wire.status(asked.stream)

    return play


def unfinished(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """End the call well, amid a message."""
    _begin(wire, asked, started)
    wire.data(asked.stream, framed(messages(asked)[-1])[:-1])
    wire.status(asked.stream)


def no_trailers(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """End the call without a status, with its reply where there is one."""
    _begin(wire, asked, started)
    replies = messages(asked)
    wire.data(asked.stream, framed(replies[0]) if len(replies) == 1 else b"", end=True)


def status(code: int | str, *trailers: tuple[str, str]) -> Play:
    """Return the fault of a status.

    Args:
        code: The status, or what stands in its place.
        trailers: What comes with it.
    """
    fields = [("grpc-status", str(code)), *trailers]

    def play(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
        wire.headers(asked.stream, fields if started else [*GOOD, *fields], end=True)

    return play


def pushback(wire: Wire, asked: Asked, started: bool) -> None:  # noqa: FBT001  # as Play
    """Ask for a wait that no deadline of the matrix allows."""
    status(14, ("grpc-retry-pushback-ms", _HOUR))(wire, asked, started)


def web_page(wire: Wire, asked: Asked, _started: bool) -> None:  # noqa: FBT001  # as Play
    """Answer as a proxy does in front of a server that is away."""
    wire.headers(asked.stream, [(":status", "502"), ("content-type", "text/html")])
    wire.data(asked.stream, b"<h1>Bad Gateway</h1>", end=True)


# -- faults between two calls --------------------------------------------------------------------


def after_a_call(play: Callable[[Wire], None]) -> Make:
    """Return the scenario of a server that changes its mind after a good call.

    Args:
        play: What it does then.
    """

    @contextlib.contextmanager
    def scenario(_patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
        made = Scenario(started, warm=True)

        def script(wire: Wire) -> None:
            asked = wire.request()
            wire.reply(asked, *messages(asked))
            play(wire)
            made.ready.set()
            if not wire.closed:
                well(wire)

        with Peer(script, well, well) as peer:
            made.options["api_host"] = peer.host
            yield made

    return scenario


def full(wire: Wire) -> None:
    """Allow no streams."""
    wire.settle({_MAX_CONCURRENT_STREAMS: 0})


@contextlib.contextmanager
def slept(patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
    """Let the machine sleep after a good call, and the path forget the connection meanwhile."""
    made = Scenario(started, warm=True)

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.reply(asked, *messages(asked))
        wire.polite = False
        awake = _clock.monotonic_with_suspend
        patch.setattr(keepalive, "monotonic_with_suspend", lambda: awake() + 3600.0)
        made.ready.set()
        wire.until_closed()

    with Peer(script, well, well) as peer:
        made.options.update(api_host=peer.host, keepalive=Keepalive())
        yield made


# -- faults of the connection --------------------------------------------------------------------


@contextlib.contextmanager
def no_time(_patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
    """Serve well those who have no time for it."""
    with Peer(well) as peer:
        yield Scenario(started, {"api_host": peer.host, "timeout": 0.0})


def dialing(*, name: bool, always: bool) -> Make:
    """Return the scenario of a host that can't be reached.

    Args:
        name: Whether the name has no address, or the address has no server.
        always: Whether that is so for good, or for the first dialing.
    """

    @contextlib.contextmanager
    def scenario(patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
        unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        with Peer(well) as peer:
            first = unknown if name else [NOBODY]
            Dialing(patch, first, first if always else at(peer))
            yield Scenario(started, {"api_host": peer.host})

    return scenario


@contextlib.contextmanager
def slow_names(patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
    """Never answer a lookup."""
    Dialing(patch, wait=True)
    yield Scenario(started, {"api_host": "localhost:1"})


def handshake(script: Callable[[Wire], None]) -> Make:
    """Return the scenario of a server that does not get through the TLS handshake.

    Args:
        script: What it does.
    """

    @contextlib.contextmanager
    def scenario(_patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
        with Peer(*[script] * 3, bare=True) as peer:
            host = f"127.0.0.1:{peer.port}"
            yield Scenario(started, {"api_host": host, "ssl_context": client_context()})

    return scenario


def alert(wire: Wire) -> None:
    """Answer the greeting with a fatal alert, handshake_failure (RFC 8446, section 6)."""
    wire.take(5)
    wire.raw(bytes([0x15, 3, 3, 0, 2, 2, 40]))
    wire.until_closed()


@functools.cache
def _stranger() -> trustme.CA:
    return trustme.CA()


@contextlib.contextmanager
def untrusted(_patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
    """Show a certificate of somebody whom the client does not know."""
    with Peer(tls=server_context(authority=_stranger())) as peer:
        host = f"127.0.0.1:{peer.port}"
        yield Scenario(started, {"api_host": host, "ssl_context": client_context()})


def proxied(kind: type[HTTPProxy | SOCKSProxy], script: ProxyScript) -> Make:
    """Return the scenario of a proxy that does not let the client through.

    Args:
        kind: Which proxy.
        script: What it does.
    """

    @contextlib.contextmanager
    def scenario(_patch: pytest.MonkeyPatch, started: bool) -> Iterator[Scenario]:  # noqa: FBT001  # as Make
        with kind(script) as proxy:
            reached = {"api_host": f"{NAME}:443", "ssl_context": client_context()}
            yield Scenario(started, {**reached, "proxy": proxy.url})

    return scenario


def http_says(line: bytes) -> ProxyScript:
    """Return the script of an HTTP proxy that refuses.

    Args:
        line: Its status line.
    """

    def script(client: Connected) -> None:
        client.head()
        client.say(line + b"\r\n\r\n")
        client.until_closed()

    return script


def socks_unreachable(client: Connected) -> None:
    """Say that the host can't be reached (RFC 1928, section 6)."""
    client.take(3)
    client.say(b"\x05\x00")
    client.take(4)
    client.say(b"\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00")
    client.until_closed()


def silent(wire: Wire) -> None:
    """Take what comes and say nothing."""
    with contextlib.suppress(HungUp):
        while True:
            wire.take(1)

"""Closing, at any moment; and where connections live."""

import asyncio
import warnings

import pytest
from hyperframe.frame import GoAwayFrame, HeadersFrame

from tests.reliability.links import UNARY, AsyncLink, Dialing, Link, at, both, failure_of
from tests.reliability.peer import LIMIT, Peer, Wire
from tests.support import SECRET_KEY, run_child, until
from xai import AsyncClient
from xai.runtime.http2.channel import Channel
from xai.runtime.http2.protocol import H2Protocol
from xai.runtime.net.config import ChannelConfig
from xai.runtime.net.endpoint import parse_host
from xai.runtime.transport.asynchronous import AsyncTransport
from xai.runtime.transport.blocking import BlockingTransport
from xai.runtime.transport.request import Request


@both
def test_close_while_dialing(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing ends the dialing; its callers are told, and no connection is made."""
    with Peer() as peer, connect(peer) as link:
        dialing = Dialing(monkeypatch, at(peer), wait=True)
        calls = [link.start(), link.start()]
        dialing.await_callers(2)
        # The lookup has begun.
        until(lambda: dialing.lookups)
        link.close()
        for call in calls:
            assert failure_of(lambda call=call: call.result(LIMIT)).closed  # type: ignore[misc]  # bound at once
        assert dialing.cancelled.wait(LIMIT)
        assert peer.wires == []


@both
def test_close_in_the_moment_of_success(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that comes up while the channel closes is closed, not kept or used."""
    original = Channel._create_connection

    async def create(self: Channel) -> H2Protocol:
        protocol = await original(self)
        self.close()
        return protocol

    monkeypatch.setattr(Channel, "_create_connection", create)
    with Peer() as peer, connect(peer) as link:
        assert failure_of(link.unary).closed
        peer.until(lambda: [wire for wire in peer.wires if wire.closed])
        assert peer.wires[0].count(HeadersFrame) == 0


@both
def test_close_says_goodbye(connect: type[Link]) -> None:
    """Closing sends GOAWAY, then ends the connection; a second close does nothing."""
    with Peer() as peer, connect(peer) as link:
        link.works()
        link.close()
        peer.until(lambda: peer.wires[0].closed)
        goodbye = peer.wires[0].frames[-1]
        assert isinstance(goodbye, GoAwayFrame)
        assert goodbye.error_code == 0
        assert peer.wires[0].goaway_reason == "end"
        link.close()


@both
def test_close_ends_connections_that_drain_too(connect: type[Link]) -> None:
    """A call on a connection the server is closing ends as one of a closed client."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.goaway(asked.stream)
        wire.until_closed()

    with Peer(script) as peer, connect(peer) as link:
        running = link.start()
        peer.until(lambda: peer.wires)
        while link.on_loop(lambda: link.channel().ready()) or not peer.wires[0].asked:
            pass
        while link.on_loop(lambda: link.connection().usable):
            pass
        link.works()
        link.close()
        assert failure_of(lambda: running.result(LIMIT)).closed
        assert len(peer.wires) == 2


@both
def test_call_after_close(connect: type[Link]) -> None:
    """A closed transport refuses calls and does not connect again."""
    with Peer() as peer:
        with connect(peer) as link:
            link.works()
        if isinstance(link, AsyncLink):
            with pytest.raises(RuntimeError, match="closed"):
                link.transport.stream(Request(UNARY, b""))
        else:
            with pytest.raises(RuntimeError, match="closed"):
                link.unary()
        assert len(peer.wires) == 1


# -- what is loaded and where -----------------------------------------------------------


def test_nothing_asks_for_a_loop_before_the_first_call() -> None:
    """Transports and clients are built anywhere; channels on the loop they live on."""
    with Peer() as peer, warnings.catch_warnings():
        warnings.simplefilter("error")
        config = ChannelConfig(parse_host(peer.host), ())
        BlockingTransport(config).close()
        AsyncTransport(config)
        AsyncClient(SECRET_KEY, api_host=peer.host)
        for connect in both.args[1]:
            with connect(peer) as link:
                link.works()
                loop = link.on_loop(asyncio.get_running_loop)
                assert link.channel()._loop is loop


def test_server_side_of_grpclib_is_not_loaded() -> None:
    """Calls load grpclib's client and nothing of its server."""
    run_child(
        "import sys\n"
        "import xai.aio.client, xai.sync.client, xai.runtime.transport.blocking\n"
        "import xai.aio.stubs.prompt_ide\n"
        "import xai.proto.prompt_ide.sampler_public_aio\n"
        "import xai.proto.prompt_ide.sampler_public_sync\n"
        "assert 'grpclib.client' in sys.modules\n"
        "assert 'grpclib.server' not in sys.modules\n"
    )

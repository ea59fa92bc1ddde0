"""The common server: what it replays is what real clients understand."""

import asyncio
import http.client
import json
import socket
import struct
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, BinaryIO

import pytest

from tests.benchmarks import frames, looped
from tests.benchmarks.blocking import run_streams
from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import ANSWER, LARGE, NUMBERS, SMALL, TEXTS, TOKENS, prepare
from tests.benchmarks.peer import EMBEDDED, AsyncFlow, AsyncPeer, Flow, Peer
from tests.benchmarks.peers import (
    bare_socket,
    grpcio_stubs,
    grpclib_bytes,
    grpclib_plain,
    memory_copy,
    xai_async,
    xai_blocking,
    xai_v1,
)
from tests.benchmarks.plan import Scenario
from tests.benchmarks.runner import common_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")

BLOCKING = {"xai": xai_blocking.connect, "xai v1": xai_v1.connect, "grpcio": grpcio_stubs.connect}
LOOPED = {
    "xai": xai_async.connect,
    "grpclib": grpclib_plain.connect,
    "bytes": grpclib_bytes.connect,
    "socket": bare_socket.connect,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The common server in its own process."""
    with common_server() as server:
        yield server


@pytest.fixture(params=["xai", "xai v1", "grpcio"])
def peer(request: pytest.FixtureRequest, server: Server) -> Iterator[Peer]:
    """Each peer whose calls block, and whose package the tests have."""
    connected = BLOCKING[request.param](server)
    yield connected
    connected.close()


def read(server: Server, flow: Flow, suffix: str, count: int) -> list[str]:
    """Return the texts of a stream."""
    server.answer_with(flow.payload + suffix, count=count)
    return [flow.text(message) for message in flow.open()]


def test_unary_calls_get_whole_replies(server: Server, peer: Peer) -> None:
    """Every call of every blocking peer finds in the reply as much as it has to."""
    assert peer.calls
    for call in peer.calls.values():
        server.answer_with(call.payload, count=call.messages)
        assert [call.run(), call.run()] == [call.expected] * 2


@pytest.mark.parametrize(("suffix", "size"), [("", SMALL), ("-large", LARGE)])
def test_streams_have_every_message(server: Server, peer: Peer, suffix: str, size: int) -> None:
    """A stream has so many messages as were ordered, all with the text they were made of."""
    assert peer.flows
    for flow in peer.flows.values():
        count = 2000 if size == SMALL else 400
        texts = read(server, flow, suffix, count)
        assert len(texts) == count
        assert set(texts) == {texts[0]}
        assert size - 60 < len(texts[0]) < size
        assert texts[0].encode() in prepare(flow.payload + suffix).message


@pytest.mark.parametrize("connect", LOOPED.values(), ids=LOOPED.keys())
def test_looped_peers(server: Server, connect: Callable[[Server], Any]) -> None:
    """Peers on an event loop make their calls and read their streams in full, too."""

    async def run() -> None:
        peer: AsyncPeer = await connect(server)
        # Plain betterproto takes seconds for a million numbers.
        calls = [name for name in peer.calls if name != "embed" or connect is xai_async.connect]
        for name in calls:
            call = peer.calls[name]
            server.answer_with(call.payload)
            assert await call.run() == call.expected, name
        for name, flow in peer.flows.items():
            suffix = "-large" if name.endswith("-large") else ""
            for count in (7, 1500):
                server.answer_with(flow.payload + suffix, count=count)
                assert len([flow.text(message) async for message in flow.open()]) == count
        await peer.close()

    asyncio.run(run())


def test_http(server: Server) -> None:
    """An HTTP client gets a document or a stream of events, one after another on a connection."""
    client = http.client.HTTPConnection("127.0.0.1", server.ports["http"], timeout=10)
    server.answer_with("answer")
    for body in (b"{}", b"x" * 100_000):
        client.request("POST", "/v1/chat/completions", body)
        reply = client.getresponse()
        assert reply.status == 200
        document = json.loads(reply.read())
        assert document["choices"][0]["message"]["content"] == ANSWER
    server.answer_with("chat", count=50)
    client.request("POST", "/v1/chat/completions", b"{}")
    *events, done, rest = client.getresponse().read().split(b"\n\n")
    client.close()
    assert len(events) == 50
    assert done == b"data: [DONE]"
    assert rest == b""
    chunk = json.loads(events[0].removeprefix(b"data: "))
    assert chunk["choices"][0]["delta"]["content"].encode() in prepare("chat").message


def test_the_embeddings_are_the_prepared_numbers(server: Server) -> None:
    """The client of this repository reads the very numbers that were prepared."""
    import xai

    server.answer_with("embed")
    data = prepare("embed").message
    with xai.Client("key", api_host=server.host) as client:
        found = client.embedder.embed([str(number) for number in range(TEXTS)])
    packed = struct.pack(f"<{NUMBERS}f", *found[-1].values)
    assert data.count(packed) == len(found) == TEXTS


def test_the_floor_makes_as_many_lists(server: Server) -> None:
    """The floor of the embeddings makes as many numbers as the clients do."""
    call = memory_copy.connect(server).calls["embed"]
    assert call.run() == call.expected == EMBEDDED


def test_held_streams_go_on_when_told(server: Server, peer: Peer) -> None:
    """Held streams have one message each until they are released, then all the others."""
    kind = next(iter(peer.flows))
    found = run_streams(server, peer, Scenario("s", "streams", (), kind, count=60, streams=20))
    assert found["cpu"] > 0
    assert "held" in found


def test_held_streams_on_a_loop(server: Server) -> None:
    """The same holds for a peer on an event loop."""

    async def run() -> dict[str, float]:
        peer = await xai_async.connect(server)
        scenario = Scenario("s", "streams", (), "stream", count=60, streams=20)
        found = await looped.run_streams(server, peer, scenario)
        await peer.close()
        return found

    assert asyncio.run(run())["cpu"] > 0


def test_windows_are_respected(server: Server) -> None:
    """A reply stops where the client's window ends, and goes on when SETTINGS widen it."""
    size = 2000
    server.answer_with("token", count=100)
    whole = b"".join([frames.prefixed(prepare("token").message)] * 100)
    narrow, wide = (
        frames.frame(frames.SETTINGS, 0, 0, struct.pack(">HL", 4, window))
        for window in (size, len(whole))
    )
    assert size < len(whole) < frames.DEFAULT_WINDOW
    with socket.create_connection(("127.0.0.1", server.ports["grpc"]), timeout=10) as client:
        incoming = client.makefile("rb")
        client.sendall(frames.PREFACE + narrow + frames.request(1))
        data = b""
        while len(data) < size:
            kind, payload = read_frame(incoming)
            data += payload if kind == frames.DATA else b""
        assert len(data) == size
        # Nothing but the answer to the ping may come before the window is wider.
        client.sendall(frames.frame(frames.PING, 0, 0, bytes(8)))
        assert read_frame(incoming) == (frames.PING, bytes(8))
        client.sendall(wide)
        while (frame := read_frame(incoming)) != (frames.HEADERS, frames.TRAILERS_BLOCK):
            data += frame[1] if frame[0] == frames.DATA else b""
        incoming.close()
    assert data == whole


def read_frame(incoming: BinaryIO) -> tuple[int, bytes]:
    """Return the type and the content of the next frame."""
    head = incoming.read(frames.HEADER_SIZE)
    return head[3], incoming.read(int.from_bytes(head[:3], "big"))


def test_a_reply_that_is_short_is_refused(server: Server) -> None:
    """A peer that gets fewer messages than were ordered is not measured but fails."""

    async def three() -> AsyncIterator[str]:
        for _ in range(3):
            yield "text"

    flow = AsyncFlow("token", three, str)

    async def close() -> None:
        pass

    peer = AsyncPeer(calls={}, flows={"stream": flow}, close=close)
    scenario = Scenario("s", "drain", (), "stream", count=4)
    with pytest.raises(RuntimeError, match="3 things arrived, 1 were sent"):
        asyncio.run(looped.run_drain(server, peer, scenario))


def test_sizes() -> None:
    """The messages of a stream are equally long for every peer."""
    for name in ("token", "chat", "sdk-chat"):
        assert len(prepare(name).message) == SMALL
        assert len(prepare(f"{name}-large").message) == LARGE
    assert ANSWER.encode() in prepare("answer").json
    assert TOKENS == 3

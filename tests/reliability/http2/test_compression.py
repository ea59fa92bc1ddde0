"""Replies that the server compresses, well or not."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from hyperframe.frame import RstStreamFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import GOOD, Peer, Wire, framed
from xai.errors import StatusCode

_PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}


def _sends(*bodies: bytes, encoding: str | None) -> Callable[[Wire], None]:
    """Answer one request with headers that name an encoding, and these bytes."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        more = [("grpc-encoding", encoding)] if encoding is not None else []
        wire.headers(asked.stream, [*GOOD, *more])
        for body in bodies:
            for start in range(0, len(body), 16000):
                wire.data(asked.stream, body[start : start + 16000])
        wire.status(asked.stream)

    return script


@both
def test_encodings_are_announced(connect: type[Link]) -> None:
    """The server is told what may be sent."""
    with Peer() as peer, connect(peer) as link:
        link.works()
        assert peer.wires[0].asked[1].all("grpc-accept-encoding") == ["identity,deflate,gzip"]
        # Requests are never compressed.
        assert peer.wires[0].asked[1].all("grpc-encoding") == []


@both
@pytest.mark.parametrize("encoding", sorted(_PACK))
@pytest.mark.parametrize("size", [0, 1, 1000, 3_000_000])
def test_compressed_reply(connect: type[Link], encoding: str, size: int) -> None:
    """A reply of any size is decompressed, also one that comes in many frames."""
    message = bytes(range(250)) * (size // 250) + b"x" * (size % 250)
    body = framed(_PACK[encoding](message), flag=1)
    with Peer(_sends(body, encoding=encoding)) as peer, connect(peer) as link:
        assert link.unary() == message
        link.works()
        assert len(peer.wires) == 1


@both
@pytest.mark.parametrize("encoding", sorted(_PACK))
def test_compressed_stream(connect: type[Link], encoding: str) -> None:
    """Each message of a stream says for itself whether it is compressed; their order is kept."""
    messages = [b"", b"one", b"two" * 1000, b"", b"three" * 200_000, b"four"]
    flags = [1, 1, 0, 0, 1, 0]
    bodies = [
        framed(_PACK[encoding](message), flag=1) if flag else framed(message)
        for message, flag in zip(messages, flags, strict=True)
    ]
    with Peer(_sends(*bodies, encoding=encoding)) as peer, connect(peer) as link:
        assert link.stream().collect() == messages
        link.works()


@both
def test_empty_compressed_message_without_a_byte(connect: type[Link]) -> None:
    """It is an empty message, as for grpcio."""
    with Peer(_sends(framed(b"", flag=1), encoding="gzip")) as peer, connect(peer) as link:
        assert link.unary() == b""


@both
def test_encoding_that_is_not_used(connect: type[Link]) -> None:
    """A server may name any encoding for messages that it does not compress."""
    with Peer(_sends(framed(b"plain"), encoding="br")) as peer, connect(peer) as link:
        assert link.unary() == b"plain"


_BROKEN = {
    "unknown": (framed(b"x" * 9, flag=1), "snappy", "unknown encoding, 'snappy'"),
    "not named": (framed(b"x" * 9, flag=1), None, "without naming the encoding"),
    "identity": (framed(b"x" * 9, flag=1), "identity", "without naming the encoding"),
    "cut off": (framed(gzip.compress(b"x" * 99)[:-3], flag=1), "gzip", "cut off"),
    "junk": (framed(b"x" * 99, flag=1), "gzip", "not valid gzip"),
    "other": (framed(zlib.compress(b"x" * 99), flag=1), "gzip", "not valid gzip"),
    "flag": (framed(b"x" * 9, flag=2), "gzip", "its flag is 2"),
}


@both
@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("case", _BROKEN)
def test_message_that_cannot_be_decompressed(
    connect: type[Link],
    case: str,
    streaming: bool,  # noqa: FBT001
) -> None:
    """The call fails with the reason and is not retried; others go on on the connection."""
    body, encoding, text = _BROKEN[case]
    with Peer(_sends(body, encoding=encoding)) as peer, connect(peer) as link:
        failure = failure_of(link.stream().collect if streaming else link.unary)
        assert failure.code is StatusCode.INTERNAL
        assert text in failure.message
        assert failure.final
        link.works()
        assert len(peer.wires) == 1


@both
@pytest.mark.parametrize("encoding", sorted(_PACK))
@pytest.mark.parametrize("streaming", [False, True])
def test_bomb_meets_the_limit(
    connect: type[Link],
    encoding: str,
    streaming: bool,  # noqa: FBT001
) -> None:
    """Of a small message that becomes a large one no more than the limit is decompressed."""
    body = framed(_PACK[encoding](bytes(50_000_000)), flag=1)
    with (
        Peer(_sends(body, encoding=encoding)) as peer,
        connect(peer, max_message_bytes=100_000) as link,
    ):
        failure = failure_of(link.stream().collect if streaming else link.unary)
        assert failure.code is StatusCode.INTERNAL
        assert "more than the limit of 100000 bytes" in failure.message
        link.works()


@both
def test_many_bombs_are_held_as_they_came(connect: type[Link]) -> None:
    """A reader who takes its time holds what was received, not what it would become."""
    bomb = framed(gzip.compress(bytes(1_000_000)), flag=1)
    count = 2000

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream, [*GOOD, ("grpc-encoding", "gzip")])
        for _ in range(count // 10):
            wire.data(asked.stream, bomb * 10)
        peer.tell(lambda: sent.append(True))
        wire.expect(RstStreamFrame, asked.stream)

    sent: list[bool] = []
    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        peer.until(lambda: sent)
        for _ in range(3):
            assert [len(message) for message in stream.receive() or ()] == [1_000_000]
        stream.close()
        link.works()

"""How messages are cut out of the body of a reply, however the server has framed them."""

import pytest
from hyperframe.frame import DataFrame, RstStreamFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import Peer, Wire, framed
from xai.errors import StatusCode


@both
@pytest.mark.parametrize("streaming", [False, True])
def test_message_over_the_limit_is_refused_by_its_prefix(
    connect: type[Link], *, streaming: bool
) -> None:
    """Five bytes that announce too much end the call, with a reset and before any body."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"", size=2**32 - 1))
        assert wire.expect(RstStreamFrame, asked.stream).error_code == 8

    with Peer(script) as peer, connect(peer, max_message_bytes=1000) as link:
        call = link.stream().collect if streaming else link.unary
        failure = failure_of(call)
        assert failure.code is StatusCode.INTERNAL
        assert failure.message == "a message of 4294967295 bytes is over the limit of 1000 bytes"
        assert link.unary(b"x" * 1000) == b"x" * 1000
        assert failure_of(lambda: link.unary(b"x" * 1001)).code is StatusCode.INTERNAL
        link.works()
        assert len(peer.wires) == 1


@both
def test_data_after_a_refused_message_is_harmless(connect: type[Link]) -> None:
    """What the server had sent before the reset reached it is given back to the window."""

    def script(wire: Wire) -> None:
        for _ in range(6):
            asked = wire.request()
            pieces = [DataFrame(asked.stream, bytes(16384)) for _ in range(200)]
            wire.send(
                wire.head(asked.stream), DataFrame(asked.stream, framed(b"", flag=1)), *pieces
            )

    with Peer(script) as peer, connect(peer) as link:
        for _ in range(6):
            assert failure_of(link.unary).code is StatusCode.INTERNAL
        link.works()
        assert len(peer.wires) == 1
        # All of it, but for what is below the threshold of a frame of its own.
        manager = link.connection().receive_window
        assert manager.current_window_size > manager.max_window_size / 2


@both
def test_empty_frames_are_not_the_end(connect: type[Link]) -> None:
    """DATA frames without bytes are skipped before, within and after a message."""

    def script(wire: Wire) -> None:
        for _ in range(2):
            asked = wire.request()
            wire.headers(asked.stream)
            for piece in (b"", framed(b"good")[:7], b"", b"", framed(b"good")[7:], b""):
                wire.data(asked.stream, piece)
            wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        assert link.unary() == b"good"
        assert link.stream().collect() == [b"good"]
        link.works()


@both
def test_message_in_single_bytes(connect: type[Link]) -> None:
    """It does not matter where the server cuts its DATA frames."""
    message = bytes(range(100))

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        for byte in framed(message) + framed(b"") + framed(message):
            wire.data(asked.stream, bytes([byte]))
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        assert link.stream().collect() == [message, b"", message]
        link.works()


@both
def test_segments_of_one_byte(connect: type[Link]) -> None:
    """It does not matter where the network cuts frames."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        frames = [wire.head(asked.stream), DataFrame(asked.stream, framed(b"good"))]
        for byte in b"".join(frame.serialize() for frame in frames):
            wire.raw(bytes([byte]))
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        assert link.unary() == b"good"
        link.works()


@both
def test_many_messages_in_one_frame(connect: type[Link]) -> None:
    """A thousand messages in one frame arrive one by one and in order."""
    messages = [b"%d" % number for number in range(1000)]

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, b"".join(map(framed, messages)))
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        assert link.stream().collect() == messages
        link.works()


@both
def test_messages_before_a_failure_are_delivered(connect: type[Link]) -> None:
    """What arrived before an error status is returned first."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        wire.data(asked.stream, framed(b"a") + framed(b"b"))
        wire.status(asked.stream, 8)

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        received: list[bytes] = []

        def collect() -> None:
            while (batch := stream.receive()) is not None:
                received.extend(batch)

        assert failure_of(collect).code is StatusCode.RESOURCE_EXHAUSTED
        assert received == [b"a", b"b"]
        link.works()

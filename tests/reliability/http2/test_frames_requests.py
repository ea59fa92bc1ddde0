"""Requests that do not fit into a window or a frame."""

from h2.settings import SettingCodes
from hyperframe.frame import DataFrame, SettingsFrame

from tests.reliability.links import Link, both
from tests.reliability.peer import LIMIT, Peer, Wire

WINDOW = int(SettingCodes.INITIAL_WINDOW_SIZE)
FRAME = int(SettingCodes.MAX_FRAME_SIZE)


@both
def test_request_larger_than_window_and_frame(connect: type[Link]) -> None:
    """A body waits for window and is cut into frames of the allowed size."""
    body = bytes(range(256)) * 1000

    def script(wire: Wire) -> None:
        wire.polite = False
        wire.send(SettingsFrame(0, flags=["ACK"]))
        received = 0
        while received < 65535:
            received += len(wire.expect(DataFrame).data)
        assert received == 65535
        (asked,) = wire.asked.values()
        # Room on the stream alone is no room, on the connection alone neither.
        wire.grant(asked.stream, 100_000)
        wire.grant(0, 1)
        assert len(wire.expect(DataFrame).data) == 1
        wire.grant(0, 1_000_000)
        while received < 165_534:
            received += len(wire.expect(DataFrame).data)
        wire.grant(asked.stream, 1_000_000)
        while not asked.complete:
            wire.read()
        assert max(len(f.data) for f in wire.frames if isinstance(f, DataFrame)) <= 16384
        wire.polite = True
        wire.reply(wire.request())

    with Peer(script) as peer, connect(peer) as link:
        assert link.unary(body) == body
        link.works()
        assert len(peer.wires) == 1


@both
def test_window_given_by_settings(connect: type[Link]) -> None:
    """A request without any window starts when SETTINGS raise it; larger frames are used."""

    def script(wire: Wire) -> None:
        wire.hello({WINDOW: 0})
        wire.read()
        first = wire.request_head()
        wire.grant(0, 1_000_000)
        wire.settings({WINDOW: 1_000_000, FRAME: 50_000})
        wire.reply(wire.request())
        assert first.complete
        assert max(len(f.data) for f in wire.frames if isinstance(f, DataFrame)) > 16384
        wire.serve()

    with Peer(script, bare=True) as peer, connect(peer) as link:
        body = bytes(200_000)
        assert link.unary(body) == body
        link.works()


@both
def test_window_that_becomes_negative(connect: type[Link]) -> None:
    """A window lowered under what is on its way stops the request until it is positive again."""

    def script(wire: Wire) -> None:
        wire.polite = False
        wire.send(SettingsFrame(0, flags=["ACK"]))
        received = 0
        while received < 65535:
            received += len(wire.expect(DataFrame).data)
        (asked,) = wire.asked.values()
        wire.settle({WINDOW: 1000})
        wire.grant(0, 1_000_000)
        wire.grant(asked.stream, 64_535)
        # Now it is 0. One byte more is one byte more.
        wire.grant(asked.stream, 1)
        assert len(wire.expect(DataFrame).data) == 1
        wire.polite = True
        wire.grant(asked.stream, 1_000_000)
        wire.reply(wire.request())

    with Peer(script) as peer, connect(peer) as link:
        assert link.unary(bytes(100_000)) == bytes(100_000)
        assert len(peer.wires) == 1


@both
def test_large_requests_side_by_side(connect: type[Link]) -> None:
    """Requests that share a small window all get through, each with its own bytes."""
    bodies = [bytes([number]) * 300_000 for number in range(8)]

    with Peer() as peer, connect(peer) as link:
        calls = [link.start(body) for body in bodies]
        assert [call.result(LIMIT) for call in calls] == bodies
        assert len(peer.wires) == 1


@both
def test_last_stream_number_retires_the_connection(connect: type[Link]) -> None:
    """A connection whose stream numbers are used up finishes its call; the next one dials."""
    with Peer() as peer, connect(peer) as link:
        link.works()
        connection = link.connection()

        def jump() -> None:
            connection.last_stream_id = 2**31 - 3

        link.on_loop(jump)
        link.works()
        link.works()
        assert len(peer.wires) == 2
        assert max(peer.wires[0].asked) == 2**31 - 1

"""Streams that wait for each other: the limit of streams, windows, and slow readers."""

import threading
from typing import TYPE_CHECKING

import pytest
from h2.settings import SettingCodes
from hyperframe.frame import RstStreamFrame, WindowUpdateFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import LIMIT, Peer, Wire, framed
from xai.errors import StatusCode
from xai.runtime.http2.connection import Connection
from xai.runtime.http2.stream import STREAM_WINDOW
from xai.runtime.transport.attempt import BUFFER_BYTES, BUFFER_MESSAGES

if TYPE_CHECKING:
    from concurrent.futures import Future

STREAMS = int(SettingCodes.MAX_CONCURRENT_STREAMS)
WINDOW = int(SettingCodes.INITIAL_WINDOW_SIZE)
FRAME = int(SettingCodes.MAX_FRAME_SIZE)


def _limited(wire: Wire, streams: int) -> None:
    """Answer one call under a limit of streams, so that the client knows of it."""
    asked = wire.request()
    wire.settle({STREAMS: streams})
    wire.reply(asked)


def _queue_up(link: Link, names: list[bytes]) -> "list[Future[bytes]]":
    """Start calls one after the other, each when the one before is in the queue."""
    connection = link.connection()
    calls = []
    for name in names:
        size = link.on_loop(lambda: len(connection.queue))
        calls.append(link.start(name))
        while link.on_loop(lambda: len(connection.queue)) == size:
            pass
    return calls


# -- the limit of streams ---------------------------------------------------------------------


@both
def test_calls_wait_for_a_free_stream_in_order(connect: type[Link]) -> None:
    """With one stream allowed, calls run one by one, first come first served."""
    running, queued = threading.Event(), threading.Event()
    names = [b"%d" % number for number in range(5)]

    def script(wire: Wire) -> None:
        _limited(wire, 1)
        first = wire.request()
        running.set()
        assert queued.wait(LIMIT)
        wire.reply(first)
        for name in names:
            asked = wire.request()
            assert asked.message == name
            wire.reply(asked)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        first = link.start(b"first")
        assert running.wait(LIMIT)
        calls = _queue_up(link, names)
        queued.set()
        assert first.result(LIMIT) == b"first"
        assert [call.result(LIMIT) for call in calls] == names
        assert len(peer.wires) == 1


@both
def test_order_survives_a_lower_limit(connect: type[Link]) -> None:
    """Who waits longest stays first when the server lowers its limit meanwhile."""
    running, queued = threading.Event(), threading.Event()
    names = [b"a", b"b", b"c"]

    def script(wire: Wire) -> None:
        _limited(wire, 2)
        first, second = wire.request(), wire.request()
        running.set()
        assert queued.wait(LIMIT)
        wire.settle({STREAMS: 1})
        # One of two ends: with the new limit that makes room for nobody.
        wire.reply(first)
        wire.reply(second)
        for name in names:
            asked = wire.request()
            assert asked.message == name
            wire.reply(asked)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        calls = [link.start(b"first"), link.start(b"second")]
        assert running.wait(LIMIT)
        calls += _queue_up(link, names)
        queued.set()
        for call in calls:
            call.result(LIMIT)
        assert len(peer.wires) == 1


@both
def test_higher_limit_lets_all_of_the_queue_in(connect: type[Link]) -> None:
    """A raised limit wakes as many as it allows, in order."""
    running, queued = threading.Event(), threading.Event()
    names = [b"a", b"b", b"c"]

    def script(wire: Wire) -> None:
        _limited(wire, 1)
        first = wire.request()
        running.set()
        assert queued.wait(LIMIT)
        wire.settings({STREAMS: 3})
        assert [wire.request().message for _ in range(2)] == names[:2]
        wire.settings({STREAMS: 100})
        assert wire.request().message == names[2]
        for asked in list(wire.asked.values())[1:]:
            wire.reply(asked)
        assert first.complete

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        calls = [link.start(b"first")]
        assert running.wait(LIMIT)
        calls += _queue_up(link, names)
        queued.set()
        for call in calls:
            call.result(LIMIT)
        link.works()


@both
def test_queued_calls_fail_with_their_connection(connect: type[Link]) -> None:
    """Waiting calls end when the connection goes; they were never sent, so may be repeated."""
    running, queued = threading.Event(), threading.Event()

    def script(wire: Wire) -> None:
        _limited(wire, 1)
        wire.request()
        running.set()
        assert queued.wait(LIMIT)
        wire.close()

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        first = link.start(b"first")
        assert running.wait(LIMIT)
        calls = _queue_up(link, [b"a", b"b"])
        queued.set()
        assert not failure_of(lambda: first.result(LIMIT)).unprocessed
        for call in calls:
            failure = failure_of(lambda call=call: call.result(LIMIT))  # type: ignore[misc]  # bound at once
            assert (failure.connection, failure.unprocessed) == (True, True)
        link.works()


@both
def test_deadline_in_the_queue(connect: type[Link]) -> None:
    """A waiting call ends at its deadline, is never sent, and leaves the queue."""
    queued = threading.Event()

    def script(wire: Wire) -> None:
        _limited(wire, 1)
        first = wire.request()
        assert queued.wait(LIMIT)
        wire.reply(first)
        asked = wire.request()
        assert asked.message == b"all is well"
        wire.reply(asked)

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        first = link.start(b"first")
        while not link.on_loop(lambda: len(link.connection().streams)):
            pass
        failure = failure_of(lambda: link.unary(b"late", timeout=0.1))
        assert failure.code is StatusCode.DEADLINE_EXCEEDED
        queued.set()
        first.result(LIMIT)
        link.works()
        assert len(peer.wires) == 1


@both
def test_close_fails_running_and_queued_calls(connect: type[Link]) -> None:
    """Closing sends none of the queued calls; all end as those of a closed client."""
    running = threading.Event()

    def script(wire: Wire) -> None:
        _limited(wire, 1)
        wire.request()
        running.set()
        wire.until_closed()

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        calls = [link.start(b"first")]
        assert running.wait(LIMIT)
        calls += _queue_up(link, [b"a", b"b"])
        link.close()
        for call in calls:
            assert failure_of(lambda call=call: call.result(LIMIT)).closed  # type: ignore[misc]  # bound at once
        peer.until(lambda: peer.wires[0].closed)
        assert len(peer.wires[0].asked) == 2


# -- windows ---------------------------------------------------------------------------------


@both
def test_unread_stream_does_not_stop_the_others(connect: type[Link]) -> None:
    """A stream whose window is used up because nobody reads it leaves the others alone."""
    full = threading.Event()

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        # Exactly the stream's window.
        left = STREAM_WINDOW
        while left:
            piece = min(left, 16384)
            wire.data(asked.stream, framed(bytes(piece - 5)))
            left -= piece
        full.set()

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        assert full.wait(LIMIT)
        for _ in range(3):
            assert len(link.unary(bytes(3 * 2**20))) == 3 * 2**20
        # The client has not given the window back.
        granted = [f for f in peer.wires[0].frames if isinstance(f, WindowUpdateFrame)]
        assert sum(f.window_increment for f in granted if f.stream_id == 1) < STREAM_WINDOW / 2
        stream.close()
        link.works()
        assert len(peer.wires) == 1


@both
@pytest.mark.parametrize("end", ["closed", "finished"])
def test_held_streams_return_the_window_of_the_connection(connect: type[Link], end: str) -> None:
    """A stream that ends while the server is held back owes the connection nothing."""
    rounds = 3

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        for _ in range(rounds):
            asked = wire.request()
            wire.headers(asked.stream)
            for _ in range(200):
                wire.data(asked.stream, framed(bytes(16000)))
            if end == "finished":
                wire.status(asked.stream)
            else:
                wire.expect(RstStreamFrame, asked.stream)
            wire.reply(wire.request())

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        connection = link.connection()
        for _ in range(rounds):
            stream = link.stream()
            if end == "closed":
                _await_bytes(link, connection, 200 * 16005)
                stream.close()
            else:
                while link.on_loop(lambda: len(connection.streams)):
                    pass
                assert len(stream.collect()) == 200
            link.works()
        manager = connection.receive_window
        unreturned = manager.max_window_size - manager.current_window_size
        # Small amounts are given back together: what counts is that nothing is lost.
        assert unreturned == manager._bytes_processed


def _await_bytes(link: Link, connection: Connection, count: int) -> None:
    """Wait until so many bytes of the one stream have arrived."""

    def missing() -> int:
        (stream,) = connection.streams.values()
        manager = stream.receive_window
        return count - (manager.max_window_size - manager.current_window_size)

    # What came before the buffer was full has been given back.
    while link.on_loop(missing) > 2 * BUFFER_BYTES:
        pass


@both
def test_slow_reader_gets_everything(connect: type[Link]) -> None:
    """A reader far behind stops the server by its window, and loses nothing."""
    count = 3 * BUFFER_MESSAGES

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        window = STREAM_WINDOW
        for number in range(count):
            message = framed(number.to_bytes(4, "big") + bytes(4000))
            while window < len(message):
                window += wire.expect(WindowUpdateFrame, asked.stream).window_increment
            window -= len(message)
            wire.data(asked.stream, message)
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        stream = link.stream()
        received = [int.from_bytes(message[:4], "big") for message in stream.collect()]
        assert received == list(range(count))
        link.works()
        assert len(peer.wires) == 1

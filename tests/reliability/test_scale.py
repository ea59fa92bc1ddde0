"""Many calls at once on one connection: a thousand streams, two hundred threads."""

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

from hyperframe.frame import WindowUpdateFrame

from tests.reliability.links import BlockingLink, Link, LinkStream, both
from tests.reliability.peer import LIMIT, Asked, Peer, Wire, framed
from xai.runtime.http2.connection import CONNECTION_WINDOW
from xai.runtime.http2.stream import STREAM_WINDOW

STREAMS = 1000
THREADS = 200
ROUNDS = 3


def _collect(wire: Wire, count: int) -> list[Asked]:
    """Take requests and begin to answer each."""
    asked = [wire.request() for _ in range(count)]
    for one in asked:
        wire.headers(one.stream)
    return asked


@both
def test_a_thousand_streams_are_open_at_once(connect: type[Link]) -> None:
    """Each of 1,000 streams on one connection gets its own messages, in order, and its end."""

    def script(wire: Wire) -> None:
        asked = _collect(wire, STREAMS)
        for number in range(ROUNDS):
            for one in asked:
                wire.data(one.stream, framed(one.message + b"/%d" % number))
        for one in asked:
            wire.status(one.stream)

    with Peer(script) as peer, connect(peer) as link:
        streams = [link.stream(b"%d" % number) for number in range(STREAMS)]
        for number, stream in enumerate(streams):
            assert stream.collect() == [b"%d/%d" % (number, i) for i in range(ROUNDS)]
        assert len(peer.wires) == 1
        assert not link.on_loop(lambda: len(link.connection().streams))
        link.works()


def test_two_hundred_threads_share_a_client() -> None:
    """Threads that call at the same time get each its own reply, over one connection."""
    gate = threading.Barrier(THREADS)

    def work(number: int) -> bool:
        gate.wait(LIMIT)
        return all(
            link.unary(b"%d/%d" % (number, turn)) == b"%d/%d" % (number, turn)
            for turn in range(ROUNDS)
        )

    with Peer() as peer, BlockingLink(peer) as link, ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(work, range(THREADS), timeout=LIMIT * 2))
        assert len(peer.wires) == 1


def _memory_of_a_stream(count: int) -> float:
    """Return how many bytes each of so many open streams takes, with its first message read."""
    release = threading.Event()

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        asked = _collect(wire, count)
        for one in asked:
            wire.data(one.stream, framed(b"first"))
        assert release.wait(LIMIT)
        for one in asked:
            wire.status(one.stream)

    with Peer(script) as peer, BlockingLink(peer) as link:
        link.works()
        tracemalloc.start()
        try:
            before = tracemalloc.take_snapshot()
            streams: list[LinkStream] = [link.stream() for _ in range(count)]
            for stream in streams:
                assert stream.receive()
            ours = [tracemalloc.Filter(inclusive=False, filename_pattern="*/tests/*")]
            after = tracemalloc.take_snapshot().filter_traces(ours)
            sizes = after.compare_to(before.filter_traces(ours), "filename")
            return sum(size.size_diff for size in sizes) / count
        finally:
            tracemalloc.stop()
            release.set()
            for stream in streams:
                stream.close()


def test_memory_of_a_stream_does_not_grow_with_their_number() -> None:
    """An open stream takes as much memory among 1,000 as among 100, and not much of it."""
    few, many = _memory_of_a_stream(100), _memory_of_a_stream(STREAMS)
    assert many < 1.5 * few
    assert many < 32 * 1024


@both
def test_streams_that_stay_open_return_the_window_they_share(connect: type[Link]) -> None:
    """What a thousand open streams have taken, a little each, leaves room for others."""
    each, size = 8, 12000

    def script(wire: Wire) -> None:
        asked = _collect(wire, STREAMS)
        window = CONNECTION_WINDOW
        for _ in range(each):
            for one in asked:
                # The window of the connection is what was granted and not used: more than all of
                # it is sent here, and no stream comes near the window of its own.
                while window < size + 5:
                    window += wire.expect(WindowUpdateFrame, 0).window_increment
                wire.data(one.stream, framed(bytes(size)))
                window -= size + 5
        for one in asked:
            wire.status(one.stream)

    assert each * size * STREAMS > CONNECTION_WINDOW
    assert each * size < STREAM_WINDOW / 16
    with Peer(script) as peer, connect(peer) as link:
        streams = [link.stream(timeout=4 * LIMIT) for _ in range(STREAMS)]
        for stream in streams:
            assert sum(map(len, stream.collect())) == each * size
        assert len(peer.wires) == 1


@both
def test_slow_reader_among_many_holds_only_itself_back(connect: type[Link]) -> None:
    """A stream that nobody reads fills its own window; 50 others get all they are sent."""
    others, size, count = 50, 16000, 40
    read = threading.Event()

    def script(wire: Wire) -> None:
        asked = _collect(wire, others + 1)
        for _ in range(STREAM_WINDOW // (size + 5)):
            wire.data(asked[0].stream, framed(bytes(size)))
        for _ in range(count):
            for one in asked[1:]:
                wire.data(one.stream, framed(bytes(size)))
        for one in asked[1:]:
            wire.status(one.stream)
        assert read.wait(LIMIT)
        wire.expect(WindowUpdateFrame, asked[0].stream)
        wire.status(asked[0].stream)

    with Peer(script) as peer, connect(peer) as link:
        slow, *quick = [link.stream(timeout=2 * LIMIT) for _ in range(others + 1)]
        with ThreadPoolExecutor(8) as pool:
            sizes = list(pool.map(lambda stream: len(stream.collect()), quick))
        assert sizes == [count] * others
        read.set()
        assert len(slow.collect()) == STREAM_WINDOW // (size + 5)
        assert len(peer.wires) == 1

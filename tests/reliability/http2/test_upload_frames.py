"""Requests in a stream: what goes over the wire, and when the next one is asked for."""

import threading
from collections.abc import Iterator

import pytest
from hyperframe.frame import DataFrame, HeadersFrame, RstStreamFrame, SettingsFrame

from tests.reliability.links import Link, both, failure_of
from tests.reliability.peer import BRIEF, LIMIT, Peer, Wire, framed
from xai.errors import StatusCode

CHUNK = bytes(16384)
#: What HTTP/2 lets a client send before the server has said anything, in bytes.
WINDOW = 65535


class Source:
    """Messages, and how many of them were taken."""

    def __init__(self, count: int, message: bytes = CHUNK) -> None:
        self.taken = 0
        self._count = count
        self._message = message

    def __iter__(self) -> Iterator[bytes]:
        """Yield them."""
        for _ in range(self._count):
            self.taken += 1
            yield self._message


@both
def test_messages_arrive_one_by_one_and_end_the_stream(connect: type[Link]) -> None:
    """Each message is framed by itself, and an empty frame ends the request after the last."""
    parts = [b"one", b"", b"three" * 10_000]

    def script(wire: Wire) -> None:
        asked = wire.request()
        assert bytes(asked.body) == b"".join(framed(part) for part in parts)
        assert [frame.data for frame in wire.frames if isinstance(frame, DataFrame)][-1] == b""
        wire.reply(asked, b"done")

    with Peer(script) as peer, connect(peer) as link:
        assert link.upload(parts) == b"done"
        assert link.upload([]) == b""


@both
def test_nothing_is_taken_before_the_server_has_the_call(connect: type[Link]) -> None:
    """Without a connection, or a free stream, no message is asked for."""
    ready = threading.Event()
    source = Source(1)

    def script(wire: Wire) -> None:
        wire.reply(wire.request())
        wire.settle({SettingsFrame.MAX_CONCURRENT_STREAMS: 0})
        ready.set()
        wire.until_closed()

    with Peer(script) as peer, connect(peer) as link:
        link.works()
        assert ready.wait(LIMIT)
        failure = failure_of(lambda: link.upload(source, timeout=BRIEF))
        assert failure.code is StatusCode.DEADLINE_EXCEEDED
    assert source.taken == 0


@both
def test_server_that_takes_nothing_holds_the_messages_up(connect: type[Link]) -> None:
    """No more than the window's worth is asked for, and one message that waits."""
    source = Source(1000)

    def script(wire: Wire) -> None:
        wire.polite = False
        asked = wire.request_head()
        while len(asked.body) < WINDOW:
            wire.expect(DataFrame)
        wire.expect(RstStreamFrame, asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(lambda: link.upload(source, timeout=BRIEF))
        assert failure.code is StatusCode.DEADLINE_EXCEEDED
    assert source.taken == WINDOW // (len(CHUNK) + 5) + 1


@both
@pytest.mark.parametrize("after", [0, 3], ids=["before", "amid"])
def test_status_before_the_end_stops_the_messages(connect: type[Link], after: int) -> None:
    """An error that comes early is the outcome; the rest is neither taken nor sent."""
    source = Source(1000)

    def script(wire: Wire) -> None:
        asked = wire.request_head()
        while len(asked.body) < after * len(CHUNK):
            wire.expect(DataFrame)
        wire.refuse(asked.stream, 3, "wrong from the start")
        wire.expect(RstStreamFrame, asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(lambda: link.upload(source))
        assert (failure.code, failure.message) == (3, "wrong from the start")
        assert source.taken < 1000
        link.works()
        assert len(peer.wires) == 1


@both
def test_reply_before_the_end_is_the_reply(connect: type[Link]) -> None:
    """A server that has enough may say so; the client stops, and has its reply."""

    def script(wire: Wire) -> None:
        asked = wire.request_head()
        wire.expect(DataFrame)
        wire.reply(asked, b"enough")
        wire.expect(RstStreamFrame, asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        assert link.upload(Source(1000)) == b"enough"
        link.works()


@both
def test_stream_refused_for_an_unknown_limit_is_opened_anew_while_nothing_was_taken(
    connect: type[Link],
) -> None:
    """A call that has sent its headers only waits for its turn; one that has sent more fails."""
    given = threading.Event()

    def late() -> Iterator[bytes]:
        # The first stream is refused before there is a message.
        assert given.wait(LIMIT)
        yield b"late"

    def script(wire: Wire) -> None:
        asked = wire.request_head()
        wire.settle({SettingsFrame.MAX_CONCURRENT_STREAMS: 0})
        wire.reset(asked.stream, 7)
        wire.settle({SettingsFrame.MAX_CONCURRENT_STREAMS: 1})
        given.set()
        asked = wire.request()
        assert asked.message == b"late"
        wire.reply(asked)
        asked = wire.request_head()
        wire.expect(DataFrame)
        wire.settle({SettingsFrame.MAX_CONCURRENT_STREAMS: 0})
        wire.reset(asked.stream, 7)

    with Peer(script) as peer, connect(peer) as link:
        assert link.upload(late()) == b"late"
        failure = failure_of(lambda: link.upload(Source(1000)))
        assert failure.code is StatusCode.UNAVAILABLE
        assert failure.unprocessed


@both
def test_messages_that_fail_reset_the_call(connect: type[Link]) -> None:
    """The error comes out as it is, and the server sees a reset with CANCEL."""
    error = ZeroDivisionError("mine")

    def failing() -> Iterator[bytes]:
        yield b"one"
        raise error

    def script(wire: Wire) -> None:
        asked = wire.request_head()
        assert wire.expect(RstStreamFrame, asked.stream).error_code == 8

    with Peer(script) as peer, connect(peer) as link:
        with pytest.raises(ZeroDivisionError) as caught:
            link.upload(failing())
        assert caught.value is error
        link.works()


@both
def test_uploads_share_the_window(connect: type[Link]) -> None:
    """Of two uploads at once both get on, whichever came first."""

    def script(wire: Wire) -> None:
        wire.polite = False
        done = set[int]()
        while len(done) < 2:
            frame = wire.read()
            if isinstance(frame, DataFrame):
                wire.grant(0, max(1, len(frame.data)))
                wire.grant(frame.stream_id, max(1, len(frame.data)))
            begun = [asked for asked in wire.asked.values() if len(asked.body) > 4 * len(CHUNK)]
            if len(begun) == 2:
                # Both are amid their messages.
                done = {asked.stream for asked in wire.asked.values() if asked.complete}
        for asked in list(wire.asked.values()):
            wire.reply(asked, b"done")
        wire.until_closed()

    with Peer(script) as peer, connect(peer) as link:
        running = [link.background(lambda: link.upload(Source(200))) for _ in range(2)]
        assert [one.result(LIMIT) for one in running] == [b"done"] * 2


@both
def test_slow_messages_are_not_a_silent_server(connect: type[Link]) -> None:
    """The limit of silence counts while the server has something to take or to answer."""
    waited = threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"one"
        waited.wait(1.5 * BRIEF)
        yield b"two"

    def script(wire: Wire) -> None:
        wire.reply(wire.request(), b"done")
        asked = wire.request()
        wire.expect(RstStreamFrame, asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        assert link.upload(slow(), idle=BRIEF) == b"done"
        failure = failure_of(lambda: link.upload([b"one"], idle=BRIEF))
        assert failure.code is StatusCode.DEADLINE_EXCEEDED
        assert failure.message == "the server neither took anything nor answered for 1 s"


@both
def test_next_connection_takes_what_a_goaway_refused(connect: type[Link]) -> None:
    """The call fails as one that nobody has worked on; an upload below the limit ends well."""

    def script(wire: Wire) -> None:
        asked = wire.request_head()
        wire.goaway(asked.stream)
        while not asked.complete:
            wire.read()
        wire.reply(asked, b"done")
        wire.until_closed()

    def refusing(wire: Wire) -> None:
        asked = wire.expect(HeadersFrame)
        wire.expect(DataFrame)
        assert asked.stream_id == 1
        wire.goaway(0)
        wire.until_closed()

    with Peer(script, refusing) as peer, connect(peer) as link:
        assert link.upload(Source(50)) == b"done"
        assert failure_of(lambda: link.upload(Source(1000))).unprocessed
        link.works()

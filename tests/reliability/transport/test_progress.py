"""How far a large call has come, as it is told to the caller."""

import threading
from itertools import pairwise

import pytest
from hyperframe.frame import DataFrame

from tests.reliability.links import BlockingLink, Link, both, failure_of
from tests.reliability.peer import LIMIT, Peer, Wire, framed
from xai.errors import StatusCode

SIZE = 2 * 2**20
LIST = list[tuple[int, int]]


@both
def test_progress_of_a_request_follows_the_window(connect: type[Link]) -> None:
    """What is told to have left is never more than the server has let the client send."""
    told: LIST = []
    windows: list[int] = []

    def note(done: int, total: int) -> None:
        told.append((done, total))
        windows.append(granted[0])

    granted = [65535]

    def script(wire: Wire) -> None:
        wire.polite = False
        asked = wire.request_head()
        while not asked.complete:
            piece = wire.expect(DataFrame)
            granted[0] += len(piece.data)
            wire.grant(0, max(1, len(piece.data)))
            wire.grant(asked.stream, max(1, len(piece.data)))
        wire.reply(asked, b"done")

    with Peer(script) as peer, connect(peer) as link:
        assert link.unary(bytes(SIZE), on_sent=note) == b"done"
    assert told[-1] == (SIZE, SIZE)
    assert all(total == SIZE for _, total in told)
    assert all(before[0] <= after[0] for before, after in pairwise(told))
    assert len({done for done, _ in told}) > 1
    assert all(done <= window for (done, _), window in zip(told, windows, strict=True))


@both
def test_progress_of_a_reply_is_told_before_it_is_complete(connect: type[Link]) -> None:
    """The size of a reply is known from its prefix, and its parts are told as they arrive."""
    half = threading.Event()
    told: LIST = []

    def note(done: int, total: int) -> None:
        told.append((done, total))
        if done >= SIZE // 2:
            half.set()

    def script(wire: Wire) -> None:
        asked = wire.request()
        wire.headers(asked.stream)
        body = framed(bytes(SIZE))
        for start in range(0, len(body), 16384):
            if start * 2 > SIZE + 32768:
                # The second half is sent only when the first was told.
                assert half.wait(LIMIT)
            wire.data(asked.stream, body[start : start + 16384])
        wire.status(asked.stream)

    with Peer(script) as peer, connect(peer) as link:
        assert len(link.unary(on_received=note)) == SIZE
    assert told[-1] == (SIZE, SIZE)
    assert told[0][0] < SIZE
    assert all(before[0] <= after[0] for before, after in pairwise(told))


@both
def test_progress_of_a_call_that_fails_ends_with_it(connect: type[Link]) -> None:
    """A failed call tells what was sent before, and fails as any other."""
    told: LIST = []

    def script(wire: Wire) -> None:
        wire.refuse(wire.request_head().stream, int(StatusCode.NOT_FOUND), "gone")

    with Peer(script) as peer, connect(peer) as link:
        failure = failure_of(
            lambda: link.unary(bytes(SIZE), on_sent=lambda *news: told.append(news))
        )
        assert failure.code is StatusCode.NOT_FOUND
        assert told
        assert told[-1][0] < SIZE
        link.works()


@both
def test_error_of_the_one_who_is_told_cancels_the_call(connect: type[Link]) -> None:
    """An exception in the callback comes out where the call was made, and the call is reset."""

    def note(_done: int, _total: int) -> None:
        raise LookupError("mine")

    with Peer() as peer, connect(peer) as link:
        link.works()
        with pytest.raises(LookupError, match="mine"):
            link.unary(bytes(SIZE), on_sent=note)
        link.works()
        assert len(peer.wires) == 1


def test_progress_is_told_in_the_thread_of_the_call() -> None:
    """The callback of a blocking call runs where the call was made, not on the loop."""
    threads: set[int] = set()
    with Peer() as peer, BlockingLink(peer) as link:
        link.unary(bytes(SIZE), on_sent=lambda *_: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}

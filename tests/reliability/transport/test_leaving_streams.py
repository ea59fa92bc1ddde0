"""All the ways in which a stream is left, shared or read twice."""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator

import pytest

import xai
from tests.reliability.processes import Peer
from tests.support import until, within
from xai._streams import AsyncStream, Stream
from xai.prompt_ide.types import Token
from xai.proto.prompt_ide import sampler_public as pb
from xai.runtime.transport.blocking import BlockingTransport, ByteStream
from xai.runtime.transport.request import Request
from xai.testing import LocalServer

_CANCEL = 8


@pytest.fixture
def client(peer: Peer) -> Iterator[xai.Client]:
    """Give a client of the server."""
    with peer.server.client(ssl_context=peer.context()) as made:
        yield made


def _replies(count: int) -> list[pb.SampleTokensResponse]:
    return [
        pb.SampleTokensResponse(token=pb.Token(final_logit=pb.Logit(token_id=number)))
        for number in range(count)
    ]


def _sample(client: xai.Client) -> Stream[Token]:
    return client.sampler.sample("Does it work?", max_len=40)


def _by_break(stream: Stream[Token]) -> None:
    for _ in stream:
        break


def _by_close(stream: Stream[Token]) -> None:
    next(iter(stream))
    stream.close()
    stream.close()
    assert list(stream) == []


def _by_with(stream: Stream[Token]) -> None:
    with stream as entered:
        next(iter(entered))
    assert list(stream) == []


def _by_exception(stream: Stream[Token]) -> None:
    def read() -> None:
        with stream:
            for _ in stream:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read()


def _by_generator(stream: Stream[Token]) -> None:
    generator = (token for token in stream)
    next(generator)
    generator.close()


def _by_cycle(stream: Stream[Token]) -> None:
    next(iter(stream))
    cycle: list[object] = [stream]
    cycle.append(cycle)


def _by_next(stream: Stream[Token]) -> None:
    next(iter(stream))


@pytest.mark.parametrize(
    "leave", [_by_break, _by_close, _by_with, _by_exception, _by_generator, _by_cycle, _by_next]
)
def test_stream_left_early(
    peer: Peer, client: xai.Client, leave: Callable[[Stream[Token]], None]
) -> None:
    """A stream that is left is reset with CANCEL at once, and the connection stays."""
    peer.server.stall(method="SampleTokens", after_messages=3)
    leave(_sample(client))
    gc.collect()
    assert peer.server.wait_for_call("SampleTokens", "cancelled").reset_code == _CANCEL
    assert client.sampler.list_models()
    assert peer.server.connections == 1


def test_stream_never_read_is_never_sent(peer: Peer, client: xai.Client) -> None:
    """A stream that is closed or dropped before its first message was never a call."""
    stream = _sample(client)
    stream.close()
    assert list(stream) == []
    del stream
    _sample(client)
    assert client.sampler.list_models()
    assert len(peer.server.calls) == 1


def _reading(
    stream: Stream[Token], found: list[Token] | None = None
) -> tuple[threading.Thread, list[BaseException | None]]:
    ends: list[BaseException | None] = []
    tokens: list[Token] = [] if found is None else found

    def read() -> None:
        try:
            for token in stream:
                tokens.append(token)  # noqa: PERF402  # looked at meanwhile
            ends.append(None)
        except BaseException as error:  # noqa: BLE001  # judged by the test
            ends.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    return thread, ends


@pytest.mark.parametrize("after", [None, 3], ids=["before the first message", "after some"])
def test_close_wakes_a_reader(peer: Peer, client: xai.Client, after: int | None) -> None:
    """Closing a stream from another thread ends a blocked read with RuntimeError."""
    peer.server.stall(method="SampleTokens", after_messages=after)
    stream = _sample(client)
    found: list[Token] = []
    thread, ends = _reading(stream, found)
    peer.server.wait_for_call("SampleTokens", "open")
    # A stream that is closed between two reads just ends.
    until(lambda: len(found) == (after or 0) and within(thread, "receive"))
    stream.close()
    thread.join(60.0)
    assert isinstance(ends[0], RuntimeError)
    assert peer.server.wait_for_call("SampleTokens", "cancelled").reset_code == _CANCEL
    assert client.sampler.list_models()


def test_close_in_the_moment_of_the_start(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A close that comes when the call is posted, and not known yet, ends it as well."""
    begin, posted, closed = BlockingTransport.stream, threading.Event(), threading.Event()

    def slow(transport: BlockingTransport, request: Request) -> ByteStream:
        wire = begin(transport, request)
        posted.set()
        assert closed.wait(60.0)
        return wire

    monkeypatch.setattr(BlockingTransport, "stream", slow)
    server.delay(60.0, times=None)
    with server.client() as client:
        stream = _sample(client)
        thread, ends = _reading(stream)
        assert posted.wait(60.0)
        stream.close()
        closed.set()
        thread.join(60.0)
        assert [type(end) for end in ends] == [RuntimeError]


async def test_close_from_another_task(server: LocalServer) -> None:
    """Closing a stream that another task waits for ends that wait with RuntimeError, too."""
    server.stall(times=2, method="SampleTokens")
    async with server.async_client() as client:
        for _ in range(2):
            stream = client.sampler.sample("Does it work?", max_len=40)

            async def read(stream: AsyncStream[Token] = stream) -> None:
                async for _ in stream:
                    pass

            task = asyncio.ensure_future(read())
            await server.wait_for_call_async("SampleTokens", "open")
            await stream.close()
            with pytest.raises(RuntimeError, match="closed"):
                await task
            server.clear_calls()


@pytest.mark.parametrize("call", ["unary", "stream"])
def test_client_is_closed_under_a_call(peer: Peer, call: str) -> None:
    """Closing the client ends the calls of other threads with RuntimeError, not otherwise."""
    method = "Tokenize" if call == "unary" else "SampleTokens"
    peer.server.stall(method=method, after_messages=None if call == "unary" else 3)
    client = peer.server.client(ssl_context=peer.context())
    ends: list[BaseException] = []

    def work() -> None:
        try:
            if call == "unary":
                client.sampler.tokenize("Does it work?")
            else:
                list(_sample(client))
        except BaseException as error:  # noqa: BLE001  # judged below
            ends.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    peer.server.wait_for_call(method, "open")
    client.close()
    thread.join(60.0)
    assert type(ends[0]) is RuntimeError
    assert "closed" in str(ends[0])
    peer.server.wait_for_call(method, "cancelled")


def test_server_cancels(server: LocalServer) -> None:
    """A call that the server cancels, by status or by reset, raises xai.CancelledError."""
    with server.client() as client:
        server.fail(xai.StatusCode.CANCELLED, times=2)
        server.reset(_CANCEL, times=2)
        for _ in range(2):
            with pytest.raises(xai.CancelledError):
                client.sampler.list_models()
            with pytest.raises(xai.CancelledError):
                list(_sample(client))


def test_two_threads_share_a_stream(server: LocalServer) -> None:
    """Two readers of one stream get different messages, and together all of them in order."""
    count = 3000
    server.reply("SampleTokens", _replies(count))
    with server.client() as client:
        stream = _sample(client)
        found: list[list[int]] = [[], []]
        barrier = threading.Barrier(2)

        def read(mine: list[int]) -> None:
            barrier.wait(60.0)
            mine.extend(token.token_id for token in stream)

        threads = [threading.Thread(target=read, args=(mine,)) for mine in found]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60.0)
    assert sorted(found[0] + found[1]) == list(range(count))
    assert found[0] == sorted(found[0])
    assert found[1] == sorted(found[1])


class _Reentrant(logging.Handler):
    """A log handler that reads the very stream whose message is being logged."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.stream: Stream[Token] | None = None
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Read on."""
        if self.stream is not None and "token budget" in record.getMessage():
            try:
                next(iter(self.stream))
            except RuntimeError as error:
                self.errors.append(str(error))


@pytest.mark.parametrize("before", [0, 1, 2])
def test_reading_while_reading(server: LocalServer, before: int) -> None:
    """A read within a read of the same stream raises RuntimeError instead of a deadlock.

    That is so for a message that was waited for, as the first one is, and one that was there.
    """
    budget = pb.SampleTokensResponse(budget=pb.TokenBudget(tokens_spent=1, token_limit=2))
    server.reply("SampleTokens", [*_replies(before), budget, *_replies(2)])
    handler = _Reentrant()
    logger = logging.getLogger("xai")
    logger.addHandler(handler)
    try:
        with server.client() as client:
            handler.stream = stream = _sample(client)
            assert [token.token_id for token in stream] == [*range(before), 0, 1]
    finally:
        logger.removeHandler(handler)
    assert len(handler.errors) == 1
    assert "this very thread" in handler.errors[0]


def test_end_is_a_sentinel(server: LocalServer) -> None:
    """StopIteration ends the loop and comes back at each further read; nothing else does."""
    server.reply("SampleTokens", _replies(3), times=None)
    with server.client() as client:
        stream = iter(_sample(client))
        assert [next(stream).token_id for _ in range(3)] == [0, 1, 2]
        for _ in range(3):
            with pytest.raises(StopIteration):
                next(stream)

        def through() -> Iterator[int]:
            # A StopIteration that crossed a generator's frame would be a RuntimeError.
            for token in _sample(client):
                yield token.token_id

        assert list(through()) == [0, 1, 2]

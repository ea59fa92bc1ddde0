from collections.abc import AsyncIterator, Iterator
from typing import Any

import attrs
import grpc
import pytest

from tests.reliability.links import NOBODY, Dialing, at
from tests.reliability.peer import Peer, Wire, framed
from tests.services.aio.helpers import wait_for_call
from tests.services.interop.protos import AnyMessage
from tests.services.interop.server import GrpcioServer
from tests.support import SECRET_KEY
from xai import (
    AsyncClient,
    InternalServerError,
    InvalidArgumentError,
    ServiceUnavailableError,
    StatusCode,
)
from xai.proto.xai_api.files import FILES_UPLOAD_FILE, File, UploadFileChunk, UploadFileInit
from xai.testing import LocalServer

METHOD = FILES_UPLOAD_FILE.path
INIT = UploadFileChunk(init=UploadFileInit(name="a.bin"))
DATA = UploadFileChunk(data=bytes(2**20))


def notes(error: BaseException) -> list[str]:
    """Return the notes of an error, on every Python."""
    return [str(note) for note in vars(error).get("__notes__", [])]


async def once(*chunks: object, error: Exception | None = None) -> AsyncIterator[Any]:
    """Yield chunks, and fail after them if told to."""
    for chunk in chunks:
        yield chunk
    if error is not None:
        raise error


@attrs.define
class Again:
    """Chunks that can be read anew, and how often they were begun and closed."""

    begun: int = 0
    closed: int = 0

    async def __aiter__(self) -> AsyncIterator[UploadFileChunk]:
        """Yield them."""
        self.begun += 1
        try:
            yield INIT
            yield DATA
        finally:
            self.closed += 1


def answer_size(server: GrpcioServer) -> None:
    """Let a server answer an upload with its size."""
    reply = server.protos.of(server.protos.methods[METHOD].output_type)

    def answer(requests: Iterator[Any], _: grpc.ServicerContext) -> AnyMessage:
        return reply(size=sum(len(request.data) for request in requests))

    server.answer(METHOD, answer)


async def test_upload_arrives_whole_and_in_order(grpcio_server: GrpcioServer) -> None:
    """Another library's server reads the messages as they were given, and its reply is read."""
    answer_size(grpcio_server)
    chunks = [INIT, *(UploadFileChunk(data=bytes([n]) * 300_000) for n in range(40))]
    async with AsyncClient(SECRET_KEY, api_host=grpcio_server.host) as client:
        reply = await client.stubs.v1.files.upload_file(once(*chunks))
    assert reply == File(size=12_000_000)
    (seen,) = grpcio_server.requests(METHOD)
    assert [request.SerializeToString() for request in seen] == [bytes(one) for one in chunks]


async def test_upload_that_is_refused_early_fails_with_the_servers_error(
    grpcio_server: GrpcioServer,
) -> None:
    """The status that comes amid the messages is the error, and the connection goes on."""

    def refuse(requests: Iterator[Any], context: grpc.ServicerContext) -> AnyMessage:
        next(requests)
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such name")

    grpcio_server.answer(METHOD, refuse)
    async with AsyncClient(SECRET_KEY, api_host=grpcio_server.host) as client:
        for _ in range(3):
            # More each than the window of the connection.
            with pytest.raises(InvalidArgumentError, match="no such name"):
                await client.stubs.v1.files.upload_file(once(INIT, *[DATA] * 64))
        answer_size(grpcio_server)
        assert (await client.stubs.v1.files.upload_file(once(DATA))).size == 2**20


async def test_error_of_the_requests_comes_out_as_it_is(
    server: LocalServer, client: AsyncClient
) -> None:
    """The very exception is raised, and the server sees the call cancelled."""
    error = ZeroDivisionError("mine")
    with pytest.raises(ZeroDivisionError) as caught:
        await client.stubs.v1.files.upload_file(once(INIT, error=error))
    assert caught.value is error
    await wait_for_call(server, METHOD, "cancelled")


@pytest.mark.parametrize(
    ("requests", "error", "text"),
    [
        (once(INIT, "text"), TypeError, "request must be a UploadFileChunk, not a str"),
        (once(INIT, INIT.init), TypeError, "not a UploadFileInit"),
        (once(UploadFileChunk(data=bytes(2**26))), ValueError, "max_message_bytes allows"),
        (INIT, TypeError, "requests must be of type .*Iterable, not UploadFileChunk"),
        (None, TypeError, "requests must be of type"),
    ],
)
async def test_wrong_requests_are_refused(
    server: LocalServer,
    client: AsyncClient,
    requests: AsyncIterator[Any],
    error: type[Exception],
    text: str,
) -> None:
    """What is no message of the RPC, or too large a one, ends the call with an error of ours."""
    server.stall(method=METHOD)
    with pytest.raises(error, match=text):
        await client.stubs.v1.files.upload_file(requests)
    assert all(call.state != "ok" for call in server.calls)
    # For those that are refused before the server hears of them.
    server.clear_faults()


async def test_requests_that_can_be_read_anew_are_sent_again(
    server: LocalServer, client: AsyncClient
) -> None:
    """Each attempt reads them from their beginning, and closes what it has opened."""
    server.fail(StatusCode.UNAVAILABLE, method=METHOD)
    server.reply(METHOD, [File(id="file-1")])
    chunks = Again()
    assert (await client.stubs.v1.files.upload_file(chunks)).id == "file-1"
    assert (chunks.begun, chunks.closed) == (2, 2)
    assert [call.method for call in server.calls] == [METHOD] * 2


async def test_requests_of_an_iterator_are_sent_once(
    server: LocalServer, client: AsyncClient
) -> None:
    """After its first request the call is not tried again, and the error says why."""
    server.fail(StatusCode.UNAVAILABLE, method=METHOD)
    server.fail(StatusCode.INTERNAL, method=METHOD)
    with pytest.raises(ServiceUnavailableError) as caught:
        await client.stubs.v1.files.upload_file(once(INIT, DATA))
    assert caught.value.attempts == 1
    assert notes(caught.value)[-1] == (
        "not tried again: its requests come from an iterator, which can be read only once"
    )
    with pytest.raises(InternalServerError) as other:
        await client.stubs.v1.files.upload_file(once(INIT, DATA))
    assert not any("iterator" in note for note in notes(other.value))


async def test_iterator_that_was_not_read_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While there is no connection nothing is taken from an iterator, so nothing is lost."""

    def script(wire: Wire) -> None:
        asked = wire.request()
        assert asked.body == framed(bytes(INIT)) + framed(bytes(DATA))
        wire.reply(asked, bytes(File(id="file-1")))

    with Peer(script) as peer:
        Dialing(monkeypatch, [NOBODY], at(peer))
        async with AsyncClient(SECRET_KEY, api_host=peer.host) as client:
            reply = await client.stubs.v1.files.upload_file(once(INIT, DATA))
    assert reply.id == "file-1"


async def test_closing_the_client_ends_an_upload(client: AsyncClient) -> None:
    """A client that is closed amid an upload raises RuntimeError, as amid other calls."""

    async def closing() -> AsyncIterator[UploadFileChunk]:
        yield INIT
        await client.close()
        yield DATA

    with pytest.raises(RuntimeError, match="closed"):
        await client.stubs.v1.files.upload_file(closing())


async def test_requests_may_make_calls_of_their_own(
    grpcio_server: GrpcioServer,
) -> None:
    """What makes the requests may use the client meanwhile, for another upload, too."""
    answer_size(grpcio_server)
    async with AsyncClient(SECRET_KEY, api_host=grpcio_server.host) as client:

        async def nested() -> AsyncIterator[UploadFileChunk]:
            inner = await client.stubs.v1.files.upload_file(once(DATA))
            yield UploadFileChunk(data=bytes(inner.size + 1))

        assert (await client.stubs.v1.files.upload_file(nested())).size == 2**20 + 1

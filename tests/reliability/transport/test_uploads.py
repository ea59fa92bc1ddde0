"""Uploads: who runs what makes the requests, and what interrupts, time and forks do to it."""

import asyncio
import io
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest

from tests.reliability.peer import BRIEF, LIMIT
from tests.reliability.processes import Script
from xai import AsyncClient, Client, DeadlineExceededError
from xai.proto.xai_api.files import FILES_UPLOAD_FILE, UploadFileChunk
from xai.testing import LocalServer

METHOD: Final = FILES_UPLOAD_FILE.path
CHUNK: Final = UploadFileChunk(data=b"data")
_CANCEL: Final = 8


def test_requests_are_made_in_the_callers_thread(server: LocalServer) -> None:
    """What makes them, and what cleans up after them, never runs on the loop thread."""
    seen = set[str]()

    class Chunks:
        def __iter__(self) -> Iterator[UploadFileChunk]:
            try:
                for _ in range(3):
                    seen.add(threading.current_thread().name)
                    yield CHUNK
            finally:
                seen.add(threading.current_thread().name)

    server.stall(method=METHOD)
    client = Client(server.api_key, api_host=server.host, timeout=BRIEF)
    with client, pytest.raises(DeadlineExceededError):
        client.stubs.v1.files.upload_file(Chunks())
    assert seen == {threading.current_thread().name}
    # A machine that is busy may let the deadline pass before the call has arrived.
    server.clear_faults()


def test_deadline_that_passes_while_a_request_is_made_ends_the_call_after_it(
    server: LocalServer,
) -> None:
    """The server is told at the deadline; the caller when it comes back from its own code."""

    def late() -> Iterator[UploadFileChunk]:
        yield CHUNK
        server.wait_for_call(METHOD, "cancelled")
        yield CHUNK

    server.stall(method=METHOD)
    client = Client(server.api_key, api_host=server.host, timeout=BRIEF)
    with client, pytest.raises(DeadlineExceededError):
        client.stubs.v1.files.upload_file(late())
    # A machine that is busy may let the deadline pass before the call has arrived.
    server.clear_faults()


async def test_deadline_ends_what_waits_for_a_request(server: LocalServer) -> None:
    """The iterator is cancelled where it waits, and has cleaned up when the error is raised."""
    over: list[bool] = []

    async def never() -> AsyncIterator[UploadFileChunk]:
        yield CHUNK
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            over.append(True)

    server.stall(method=METHOD)
    async with AsyncClient(server.api_key, api_host=server.host, timeout=BRIEF) as client:
        with pytest.raises(DeadlineExceededError):
            await client.stubs.v1.files.upload_file(never())
    assert over in ([True], [])
    # A machine that is busy may let the deadline pass before the call has arrived.
    server.clear_faults()


async def test_cancelled_upload_resets_the_call(server: LocalServer) -> None:
    """Whoever cancels the task gets a reset on the wire, and an iterator that has ended."""
    waits, over = asyncio.Event(), asyncio.Event()

    async def never() -> AsyncIterator[UploadFileChunk]:
        yield CHUNK
        waits.set()
        try:
            await asyncio.Event().wait()
        finally:
            over.set()

    server.stall(method=METHOD)
    async with AsyncClient(server.api_key, api_host=server.host) as client:
        task = asyncio.ensure_future(client.stubs.v1.files.upload_file(never()))
        await asyncio.wait_for(waits.wait(), LIMIT)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert over.is_set()
        call = await server.wait_for_call_async(METHOD, "cancelled")
        assert call.reset_code == _CANCEL


async def test_files_are_read_and_written_off_the_loop(server: LocalServer) -> None:
    """A slow disk keeps no other task of the loop waiting: files are used in other threads."""
    threads = set[int]()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            threads.add(threading.get_ident())
            return super().read(size)

        def write(self, data: Any, /) -> int:  # noqa: ANN401  # as typed there
            threads.add(threading.get_ident())
            return super().write(data)

    def items() -> Iterator[bytes]:
        threads.add(threading.get_ident())
        yield b"item"

    async with AsyncClient(server.api_key, api_host=server.host) as client:
        files = client.v1.files
        file = await files.upload(Slow(b"content"), filename="a")
        await files.upload(items(), filename="b")
        target = Slow()
        assert await files.download(file.id, target) == 7
        assert target.getvalue() == b"content"
    assert threads
    assert threading.get_ident() not in threads


async def test_read_that_hangs_keeps_no_cancelled_upload(server: LocalServer) -> None:
    """Whoever cancels does not wait for the disk; the file is closed when the read has ended."""
    begun, go_on = threading.Event(), threading.Event()

    class Hanging(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            begun.set()
            go_on.wait(LIMIT)
            return super().read(size)

    async with AsyncClient(server.api_key, api_host=server.host) as client:
        task = asyncio.ensure_future(client.v1.files.upload(Hanging(b"content"), filename="a"))
        assert await asyncio.to_thread(begun.wait, LIMIT)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not go_on.is_set()
        go_on.set()
        await server.wait_for_call_async(METHOD, "cancelled")


_INTERRUPT = """
from xai.proto.xai_api.files import UploadFileChunk

client = make_client()
client.sampler.list_models()
closed = []

class Chunks:
    def __iter__(self):
        try:
            yield UploadFileChunk(data=b"data")
            {there}
            yield UploadFileChunk(data=b"data")
        finally:
            closed.append(True)

say("ready")
try:
    client.stubs.v1.files.upload_file(Chunks())
except KeyboardInterrupt:
    say("interrupted")
assert closed == [True]
assert client.sampler.list_models()
say("alive")
hear()
client.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the signal is sent to a group")
@pytest.mark.parametrize("there", ["say('amid'); time.sleep(60.0)", "say('amid')"])
def test_interrupt_resets_the_upload(server: LocalServer, there: str) -> None:
    """Ctrl-C in the caller's own code, or in the wait: a reset, and a client that works on."""
    server.stall(method=METHOD)
    with Script(_INTERRUPT.format(there=there), server) as process:
        process.expect("ready")
        process.expect("amid")
        server.wait_for_call(METHOD, "open")
        process.interrupt()
        process.expect("interrupted")
        process.expect("alive")
        assert server.wait_for_call(METHOD, "cancelled").reset_code == _CANCEL
        process.tell("end")


_FORK = """
from xai.proto.xai_api.files import UploadFileChunk

client = make_client()
client.sampler.list_models()
pids = []

def forking():
    yield UploadFileChunk(data=b"data")
    pids.append(os.fork())
    if pids[0]:
        assert os.waitpid(pids[0], 0)[1] == 0
        say("waited")
    yield UploadFileChunk(data=b"data")

try:
    client.stubs.v1.files.upload_file(forking(), timeout=2.0)
except RuntimeError as error:
    assert pids == [0] and "parent" in str(error), error
    # The child's own calls are its own.
    assert client.sampler.list_models()
    os._exit(0)
except xai.DeadlineExceededError:
    assert pids[0]
assert client.sampler.list_models()
client.close()
"""


@pytest.mark.skipif(not hasattr(sys, "setdlopenflags"), reason="there is no fork")
def test_fork_amid_an_upload_leaves_it_to_the_parent(server: LocalServer) -> None:
    """The child, which comes back from the same iterator, is told; the parent's call goes on."""
    server.stall(method=METHOD)
    with Script("import os\n" + _FORK, server) as process:
        process.expect("waited")
    (upload,) = [call for call in server.calls if call.method == METHOD]
    assert upload.state == "cancelled"

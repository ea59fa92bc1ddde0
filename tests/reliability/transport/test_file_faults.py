"""Files of v1 when something breaks amid them: interrupts, a full disk, a cancelled task."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.reliability.peer import LIMIT
from tests.reliability.processes import Script
from tests.support import run_child
from xai import AsyncClient
from xai.proto.xai_api.files import File
from xai.testing import LocalServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")

CONTENT: Final = "/xai_api.Files/RetrieveFileContent"
UPLOAD: Final = "/xai_api.Files/UploadFile"
_CANCEL: Final = 8

_TOOLS = """
import pathlib, signal, tempfile

client = make_client()
files = client.v1.files
folder = pathlib.Path(tempfile.mkdtemp())

def end():
    single = [thread.name for thread in threading.enumerate() if thread.name != "xai-io"]
    assert single == ["MainThread"], single
    folder.rmdir()
    client.close()
"""

_DOWNLOAD = """
file = files.upload(bytes(3 * 2**20), filename="a.bin")
say("uploaded")
try:
    files.download(file.id, folder / "a.bin")
except KeyboardInterrupt:
    say("interrupted")
assert files.get(file.id) == file
end()
"""


def test_interrupt_amid_a_download_leaves_no_file(server: LocalServer) -> None:
    """Ctrl-C resets the call and removes what was written."""
    server.stall(method=CONTENT, after_messages=1)
    with Script(_TOOLS + _DOWNLOAD, server) as process:
        process.expect("uploaded")
        call = server.wait_for_call(CONTENT, "open")
        process.interrupt()
        process.expect("interrupted")
        assert server.wait_for_call(CONTENT, "cancelled").reset_code == _CANCEL
        assert call.messages_sent <= 1


_MANY = """
from xai import v1

def tell(place, item, outcome):
    say("done " + outcome.id)

items = [v1.Upload(b"a", filename=str(n)) for n in range(9)]
try:
    files.upload_many(items, concurrency=1, on_complete=tell)
except KeyboardInterrupt as error:
    say("kept " + " ".join(error.__dict__["__notes__"]))
end()
"""


def test_interrupt_amid_many_uploads_names_what_is_there(server: LocalServer) -> None:
    """Ctrl-C cancels the one that runs, and has a note with the ID of the one that is done."""
    server.reply(UPLOAD, [File(id="file-first", filename="0")])
    server.stall(method=UPLOAD)
    with Script(_TOOLS + _MANY, server) as process:
        process.expect("done file-first")
        server.wait_for_call(UPLOAD, "open")
        process.interrupt()
        process.expect("kept these files were uploaded and are kept: file-first (0)")
        assert server.wait_for_call(UPLOAD, "cancelled").reset_code == _CANCEL
        assert len([call for call in server.calls if call.method == UPLOAD]) == 2


_FULL = """
import resource, sys

file = files.upload(bytes(3 * 2**20), filename="a.bin")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
# Bytecode that others share would be cut off as well.
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, resource.RLIM_INFINITY))
try:
    files.download(file.id, folder / "a.bin")
except OSError as error:
    assert not isinstance(error, xai.XAIError), error
    say(type(error).__name__)
if os.path.exists("/dev/full"):
    try:
        files.download(file.id, "/dev/full")
    except OSError as error:
        assert error.errno == 28, error
end()
"""


def test_disk_that_is_full_is_an_error_of_the_system(server: LocalServer) -> None:
    """It comes out as it is, the call is cancelled, and what was written is removed."""
    with Script(_TOOLS + _FULL, server) as process:
        process.expect("OSError")


async def test_cancelled_download_leaves_no_file(server: LocalServer, tmp_path: Path) -> None:
    """Nor does a task that is cancelled amid one."""
    async with AsyncClient(server.api_key, api_host=server.host) as client:
        file = await client.v1.files.upload(bytes(3 * 2**20), filename="a.bin")
        server.stall(method=CONTENT, after_messages=1)
        task = asyncio.ensure_future(client.v1.files.download(file.id, tmp_path / "a.bin"))
        await server.wait_for_call_async(CONTENT, "open", timeout=LIMIT)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.wait_for_call_async(CONTENT, "cancelled", timeout=LIMIT)
    assert os.listdir(tmp_path) == []  # noqa: PTH208  # not in a coroutine


_PIPES = """
import asyncio, os, pathlib, sys, tempfile
import xai

async def main(folder):
    quiet, unread, unwritten = (folder / name for name in ("quiet", "unread", "unwritten"))
    for pipe in (quiet, unread, unwritten):
        os.mkfifo(pipe)
    # One has a writer who says nothing; the others have nobody at the other end.
    held = os.open(quiet, os.O_RDWR)
    async with xai.AsyncClient("k", api_host=sys.argv[1]) as client:
        files = client.v1.files
        file = await files.upload(b"a", filename="a.bin")
        for waiting in (
            files.upload(quiet, filename="b.bin"),
            files.upload(unwritten, filename="c.bin"),
            files.upload(os.fdopen(os.dup(held), "rb", 0), filename="d.bin"),
            files.download(file.id, unread),
        ):
            try:
                await asyncio.wait_for(waiting, 0.2)
            except asyncio.TimeoutError:
                print("left")
        assert await files.get(file.id) == file
    os.close(held)

with tempfile.TemporaryDirectory() as folder:
    asyncio.run(main(pathlib.Path(folder)))
"""


def test_pipe_where_nobody_comes_holds_up_neither_a_task_nor_the_program() -> None:
    """Uploads from it and downloads to it are left at once, and the loop and the process end."""
    with LocalServer(api_keys={"k": ["*"]}) as server:
        # Collected with the process: the file whose thread is still there.
        found = run_child(_PIPES, args=[server.host], python_args=("-W", "ignore"))
    assert found.stdout.split() == ["left"] * 4

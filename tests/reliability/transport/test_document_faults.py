"""Documents of collections when somebody loses patience amid their upload or their indexing."""

import asyncio
import sys
from typing import Any, Final

import pytest

from tests.reliability.peer import LIMIT
from tests.reliability.processes import Script
from xai.testing import LocalServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

ADD: Final = "/collections.Collections/AddDocumentToCollection"
LOOK: Final = "/collections.Collections/GetDocumentMetadata"
_CANCEL: Final = 8

_UPLOAD = """
key = "local-management-key"
client = make_client(management_api_key=key, management_api_host=sys.argv[1])
collections = client.v1.collections
where = collections.create("Notes").collection_id
say("created")
try:
    collections.upload_document(
        b"text", collection_id=where, name="a.txt", wait_for_indexing=True
    )
except KeyboardInterrupt as error:
    (file,) = client.v1.files.list().items
    assert error.file_id == file.id, error.file_id
    assert file.id in error.__notes__[0]
    say("interrupted")
client.close()
single()
"""


@pytest.mark.parametrize("method", [ADD, LOOK])
def test_interrupt_names_the_file(server: LocalServer, method: str) -> None:
    """Ctrl-C amid attaching or polling resets the call, and has the ID of the file."""
    server.stall(method=method)
    with Script(_UPLOAD, server) as process:
        process.expect("created")
        server.wait_for_call(method, "open")
        process.interrupt()
        process.expect("interrupted")
        assert server.wait_for_call(method, "cancelled").reset_code == _CANCEL


async def test_cancelled_task_names_the_file(server: LocalServer) -> None:
    """The exception of the upload itself has the ID, whoever else is told of the cancellation."""
    found: list[dict[str, Any]] = []
    server.stall(method="IndexDocument")
    async with server.async_v1_client() as client:
        where = (await client.collections.create("Notes")).collection_id

        async def upload() -> None:
            try:
                await client.collections.upload_document(
                    b"text", collection_id=where, name="a.txt", wait_for_indexing=True
                )
            except asyncio.CancelledError as error:
                found.append(dict(error.__dict__))
                raise

        task = asyncio.create_task(upload())
        await server.wait_for_call_async(LOOK, count=2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, LIMIT)
        (file,) = (await client.files.list()).items
        assert found[0]["file_id"] == file.id
    server.release()

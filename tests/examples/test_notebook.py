"""The notebook of this folder in a real kernel, and what happens to cells that are interrupted."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support import SECRET_KEY
from xai.proto.xai_api.chat import CHAT_GET_COMPLETION_CHUNK
from xai.testing import LocalServer

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

NOTEBOOK: Final = Path(__file__).parent / "notebook.ipynb"

#: A local server stands in for the API, as for the programs.
_HOST: Final = """
import xai.v1

for client in (xai.v1.Client, xai.v1.AsyncClient):
    client.__init__.__kwdefaults__["api_host"] = {host!r}
"""
_BLOCKING: Final = """
client = xai.v1.Client()
chat = client.chat.create("grok-4", messages=[xai.v1.user("Tell me about the sea.")])
stream = chat.stream()
xai.v1.display_stream(stream)
"""
#: Every other stream in a cell, each with what comes back; the last is over already.
_OTHERS: Final = """
client = xai.v1.Client()
chat = client.chat.create("grok-4", messages=[xai.v1.user("Is 4 even?")])
both = xai.v1.display_stream(chat.stream_batch(2))
parsed, value = xai.v1.display_stream(chat.stream_parse(int))
done = xai.v1.display_stream(chat.run_stream(tools=[]))
text = xai.v1.display_stream(client.sampler.stream("The sea", model="grok-4"))
over = xai.v1.display_stream(stream := chat.stream())
again = xai.v1.display_stream(stream)
print(*(type(each).__name__ for each in (both, parsed, value, done, text, over, again)))
"""


def awaited(source: str) -> str:
    """Return a cell as it is with the asynchronous client."""
    source = source.replace("xai.v1.Client", "xai.v1.AsyncClient")
    return source.replace("xai.v1.display_stream", "await xai.v1.display_stream")


class Kernel(NotebookClient):
    """Runs cells, and tells when the first text of a stream is in the output of one."""

    def __init__(self, notebook: nbformat.NotebookNode) -> None:
        super().__init__(notebook, timeout=60, allow_errors=True)
        self.updated = asyncio.Event()

    def process_message(self, msg: dict[str, Any], cell: nbformat.NotebookNode, at: int) -> Any:
        """Take a message of the kernel."""
        found = super().process_message(msg, cell, at)
        if msg["msg_type"] == "update_display_data":
            self.updated.set()
        return found

    async def run(self, source: str) -> list[nbformat.NotebookNode]:
        """Add a cell and run it; return its outputs."""
        cell = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]  # of nbformat
        self.nb.cells.append(cell)
        await self.async_execute_cell(cell, len(self.nb.cells) - 1)
        return list(cell.outputs)


def read_notebook() -> nbformat.NotebookNode:
    """Return the notebook of this folder."""
    return cast("nbformat.NotebookNode", nbformat.read(NOTEBOOK, as_version=4))  # type: ignore[no-untyped-call]  # of nbformat


def texts(outputs: list[nbformat.NotebookNode]) -> list[str]:
    """Return the Markdown of some outputs."""
    return [found.data["text/markdown"] for found in outputs if "text/markdown" in found.data]


async def run_example(kernel: Kernel) -> None:
    """Run the notebook as it stands, and look at what it shows."""
    shown = []
    for at, cell in enumerate(list(kernel.nb.cells)):
        if cell.cell_type == "code":
            await kernel.async_execute_cell(cell, at)
            shown.append(cell.outputs)
    river, usage, model, house, sea, closed = shown
    # One output, which grew: the result of the last line was assigned.
    for outputs in (river, sea):
        assert [found.output_type for found in outputs] == ["display_data"], outputs
        assert len(texts(outputs)[0]) > 20
    assert "completion tokens" in usage[0].data["text/html"]
    assert "per million tokens" in model[0].data["text/html"]
    assert house[0].data.keys() & {"image/png", "image/jpeg"}
    assert "text/html" not in house[0].data
    assert closed == []


async def interrupt(kernel: Kernel, server: LocalServer, source: str) -> str:
    """Interrupt a cell amid a stream; return the name of the error that it ends with."""
    server.clear_calls()
    server.stall(method=CHAT_GET_COMPLETION_CHUNK, after_messages=3)
    kernel.updated.clear()
    running = asyncio.create_task(kernel.run(source))
    await asyncio.wait_for(kernel.updated.wait(), 60)
    await cast("AsyncKernelManager", kernel.km).interrupt_kernel()
    call = await server.wait_for_call_async(CHAT_GET_COMPLETION_CHUNK, "cancelled")
    assert call.reset_code == 8
    shown, error = await running
    # What came stays, all of it.
    (told,) = await kernel.run("print(stream.response.content, end='')")
    assert texts([shown]) == [told.text]
    assert told.text
    return str(error.ename)


async def run_others(kernel: Kernel, source: str) -> None:
    """Show the other streams; each result is that of `until_done`, and is in the output."""
    *shown, printed = await kernel.run(source)
    assert "text" in printed, printed
    assert printed.text.split() == [
        *("list", "Response", "int", "RunResult", "TextCompletion", "Response", "Response")
    ]
    found = texts(shown)
    assert len(found) == 6
    assert all(found)
    assert found[0].count("\n---\n") == 1
    assert found[4] == found[5]


async def run_all(server: LocalServer) -> None:
    """Start one kernel, which is most of the time, and do everything in it."""
    kernel = Kernel(read_notebook())
    async with kernel.async_setup_kernel():
        assert await kernel.run(_HOST.format(host=server.host)) == []
        kernel.nb.cells.pop()
        await run_example(kernel)
        assert await interrupt(kernel, server, _BLOCKING) == "KeyboardInterrupt"
        assert await interrupt(kernel, server, awaited(_BLOCKING)) == "CancelledError"
        server.reset(2, method=CHAT_GET_COMPLETION_CHUNK, after_messages=3)
        shown, error = await kernel.run(_BLOCKING)
        assert error.ename == "InternalServerError"
        assert texts([shown])[0]
        await run_others(kernel, _OTHERS)
        await run_others(kernel, awaited(_OTHERS))


@pytest.mark.timeout(120)
def test_notebook_runs_and_its_cells_can_be_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream is one output that grows; an interrupt resets the call, and keeps what came."""
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("XAI_API_KEY", SECRET_KEY)
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        asyncio.run(run_all(server))


def test_index_has_the_notebook_with_its_title() -> None:
    """And nothing of a run is in it."""
    notebook = read_notebook()
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    index = NOTEBOOK.with_name("README.md").read_text("utf-8")
    assert re.findall(r"\[(.+)\]\((.+\.ipynb)\)", index) == [(title, NOTEBOOK.name)]
    assert not any(cell.get("outputs") for cell in notebook.cells)

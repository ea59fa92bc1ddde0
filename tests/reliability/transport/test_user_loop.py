"""Blocking calls in a thread that runs an event loop of the user's."""

import asyncio
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from inspect import currentframe
from typing import Any

import pytest

import xai
from tests.reliability.processes import Script
from xai.testing import LocalServer


@pytest.fixture
def client(server: LocalServer) -> Iterator[xai.Client]:
    """Give a client that is connected, so that the loop alone makes the difference."""
    with server.client() as made:
        made.sampler.list_models()
        yield made


def _line() -> int:
    frame = currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def _caught(run: Callable[[], object]) -> list[warnings.WarningMessage]:
    async def main() -> None:
        run()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        asyncio.run(main())
    return caught


def test_warning_is_at_the_line_of_the_user(client: xai.Client) -> None:
    """A blocking call inside a running loop works, and warns at the very line of the call."""
    lines = []

    def run() -> None:
        lines.append(_line() + 1)
        assert client.sampler.list_models()
        lines.append(_line() + 1)
        assert list(client.sampler.sample("Does it work?", max_len=3, temperature=0.0))
        stream = client.sampler.sample("Does it work?", max_len=3, temperature=0.0)
        lines.append(_line() + 1)
        next(iter(stream))
        assert list(stream)
        lines.append(_line() + 1)
        xai.does_it_work(client)

    caught = _caught(run)
    assert [warning.category for warning in caught] == [xai.BlockingCallWarning] * 4
    assert [(warning.filename, warning.lineno) for warning in caught] == [
        (__file__, line) for line in lines
    ]
    assert "AsyncClient" in str(caught[0].message)


def test_one_warning_for_each_site(client: xai.Client) -> None:
    """Under Python's own filters a place in the code warns once, however often it calls."""

    def run() -> None:
        for _ in range(5):
            client.sampler.list_models()
        client.sampler.list_models()

    assert len(_caught(run)) == 2


def test_warning_as_an_error_stops_the_call(server: LocalServer, client: xai.Client) -> None:
    """Turned into an error, the warning comes before the call is sent."""
    sent = len(server.calls)

    async def main() -> None:
        with pytest.raises(xai.BlockingCallWarning):
            client.sampler.list_models()
        with pytest.raises(xai.BlockingCallWarning):
            list(client.sampler.sample("Does it work?"))

    asyncio.run(main())
    assert len(server.calls) == sent


@pytest.mark.parametrize("active", [True, False])
def test_notebooks_are_not_warned(
    client: xai.Client, monkeypatch: pytest.MonkeyPatch, *, active: bool
) -> None:
    """Silent where IPython is active, which is not the same as loaded."""
    shell = types.ModuleType("IPython")
    shell.get_ipython = lambda: object() if active else None  # type: ignore[attr-defined]  # made up
    monkeypatch.setitem(sys.modules, "IPython", shell)
    assert len(_caught(client.sampler.list_models)) == (0 if active else 1)


def test_half_imported_ipython(client: xai.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of that name which is only being imported disturbs nothing."""
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    assert len(_caught(client.sampler.list_models)) == 1


def test_no_warning_elsewhere(client: xai.Client) -> None:
    """A worker thread of a program with a loop is the right place for a blocking call."""

    async def main() -> list[str]:
        return await asyncio.to_thread(client.sampler.list_models)

    assert asyncio.run(main())


_CLOSED: dict[str, Callable[[xai.Client], Any]] = {
    "close": lambda client: client.close(),
    "stream": lambda client: client.sampler.sample("Does it work?").close(),
}


@pytest.mark.parametrize("what", sorted(_CLOSED))
def test_closing_is_no_call(client: xai.Client, what: str) -> None:
    """Closing inside a running loop does not warn."""
    assert not _caught(lambda: _CLOSED[what](client))


_NOTEBOOK = """
import asyncio, types

shell = types.ModuleType("IPython")
shell.get_ipython = object
sys.modules["IPython"] = shell

async def cell(source, names):
    exec(compile(source, "<cell>", "exec"), names)

async def notebook():
    names = {"make_client": make_client, "next": next}
    # A cell that is run again drops the client of the run before.
    for _ in range(3):
        await cell('client = make_client()\\nmodels = client.sampler.list_models()', names)
        await cell('stream = client.sampler.sample("Does it work?", max_len=40)', names)
        await cell('token = next(stream)', names)
        del names["stream"]
        assert names["models"] and names["token"]
    try:
        say("calling")
        await cell('client.sampler.tokenize("Does it work?")', names)
    except KeyboardInterrupt:
        say("interrupted")
    await cell('models = client.sampler.list_models()', names)
    assert names["models"]

def interrupt():
    raise KeyboardInterrupt

trigger_in("wait", interrupt)
loop = asyncio.SelectorEventLoop()
loop.run_until_complete(notebook())
loop.close()
"""


def test_notebook(server: LocalServer) -> None:
    """Cells that are run again and the interrupt key work as in a notebook."""
    server.stall(method="Tokenize")
    with Script(
        _NOTEBOOK, server, options=("-W", "error", "-W", "ignore::ResourceWarning")
    ) as process:
        process.expect("calling")
        server.wait_for_call("Tokenize", "open")
        process.interrupt()
        process.expect("interrupted")
        server.wait_for_call("Tokenize", "cancelled")

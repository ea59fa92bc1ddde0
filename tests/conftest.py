"""Rules that hold for every test: coroutines run, no thread survives, no secret is written."""

import asyncio
import gc
import inspect
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import SECRET_MARKER

#: Set by nox: the package must come from the installed wheel.
_WHEEL = "XAI_TEST_WHEEL"
#: Set by nox for one more run of the asynchronous tests: tasks begin to run when they are made.
_EAGER = "XAI_TEST_EAGER"
_JOIN_LIMIT = 60.0


def pytest_configure(config: pytest.Config) -> None:
    """Choose the hypothesis profile and see to it that the right package is tested."""
    _keep_bytecode_of_children(config)
    shared: dict[str, Any] = {
        "deadline": None,
        "database": None,
        # Data generation is slow on a machine that runs other things as well.
        "suppress_health_check": [HealthCheck.too_slow],
    }
    settings.register_profile("dev", **shared)
    settings.register_profile("ci", derandomize=True, **shared)
    settings.load_profile("ci" if os.environ.get("CI") else "dev")
    # It logs each header at DEBUG, on the side of the embedded server too, which is in this
    # process. What the client's side gives it is the matter of a test of its own.
    logging.getLogger("hpack").setLevel(logging.INFO)
    if os.environ.get(_WHEEL) and "site-packages" not in _package().parts:
        raise pytest.UsageError(f"the tests would use {_package()}, not the installed wheel")
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        and threading.current_thread() is threading.main_thread()
    ):
        # A shell starts what it puts into the background deaf to Ctrl-C, and so would be the
        # programs that the tests start and interrupt.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _keep_bytecode_of_children(config: pytest.Config) -> None:
    """Let the programs that tests start share their bytecode, where none is to be written.

    Each of the hundreds of them would compile the whole package anew, which is half of its time.
    """
    if not sys.dont_write_bytecode or "PYTHONPYCACHEPREFIX" in os.environ:
        return
    run = getattr(config, "workerinput", {}).get("testrunuid") or uuid.uuid4().hex
    folder = Path(tempfile.gettempdir(), f"xai-bytecode-{run}")
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
    # Whoever of the workers ends first takes it away; what the others still start does without.
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what will be there until the end.

    The tests themselves are so many objects that a collection, which many tests ask for, would
    take a quarter of a second.
    """
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    """Say which copy of the package is tested."""
    return f"xai: {_package()}"


def _package() -> Path:
    import xai

    return Path(xai.__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine function, in an event loop of its own.

    Arguments that are asynchronous context managers, such as an `AsyncClient` made by a fixture,
    are entered and left within that loop.
    """
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments: dict[str, Any] = {name: pyfuncitem.funcargs[name] for name in names}

    async def run() -> None:
        if os.environ.get(_EAGER):
            # Python 3.12 and later.
            factory = asyncio.eager_task_factory  # type: ignore[attr-defined]  # see above
            asyncio.get_running_loop().set_task_factory(factory)
        async with AsyncExitStack() as stack:
            for name, value in arguments.items():
                if hasattr(type(value), "__aenter__"):
                    arguments[name] = await stack.enter_async_context(value)
            await pyfuncitem.obj(**arguments)

    asyncio.run(run())
    return True


@pytest.fixture(autouse=True)
def no_thread_survives() -> Iterator[None]:
    """Fail a test that leaves the loop thread of its blocking clients behind."""
    before = set(threading.enumerate())
    yield
    if _loop_threads(before):
        gc.collect()
    end = time.monotonic() + _JOIN_LIMIT
    for thread in _loop_threads(before):
        thread.join(max(0.0, end - time.monotonic()))
    assert not _loop_threads(before), "the test left an xai-io thread behind: a client is open"


def _loop_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    current = threading.enumerate()
    return [thread for thread in current if thread.name == "xai-io" and thread not in before]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test during which the secret key was logged or printed."""
    report = yield
    places = [title for title, text in report.sections if SECRET_MARKER in text]
    if places and report.passed:
        report.outcome = "failed"
        report.longrepr = f"the secret key was written to: {', '.join(places)}"
    return report

"""The rules of conftest.py, tried on planted tests in a process of its own."""

import pytest

from tests.support import ROOT, run_child

_SCRIPT = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
_PLANTED = """
import asyncio, contextlib, logging, pytest, sys, threading, warnings
from tests import conftest
from tests.conftest import *
from tests.support import SECRET_KEY

conftest._JOIN_LIMIT = 0.1
log = logging.getLogger("xai")
stop = threading.Event()

@contextlib.asynccontextmanager
async def entered():
    yield "entered"

@pytest.fixture
def resource():
    return entered()

@pytest.fixture(scope="session", autouse=True)
def stopped():
    yield
    stop.set()

"""
#: Stands in front of each outcome in what the planted conftest.py writes.
_MARK = "OUTCOME "
_CONFTEST = f"""
from pathlib import Path
from tests.conftest import *

def pytest_runtest_logreport(report):
    name = report.nodeid.rpartition("::")[2]
    if report.when == "call" or not report.passed:
        text = f"{_MARK}{{name}} {{report.when}} {{report.outcome}}: {{report.longrepr}}"
        with Path(__file__).with_name("outcomes").open("a", encoding="utf-8") as file:
            print(text, file=file)
"""
_CASES = {
    "test_wait": ("async def test_wait(): await asyncio.sleep(0)", "call passed"),
    "test_loop": ("async def test_loop(): assert not asyncio.get_running_loop()", "call failed"),
    "test_resource": (
        "async def test_resource(resource): assert resource == 'entered'",
        "call passed",
    ),
    "test_print": (
        "def test_print(): print(SECRET_KEY)",
        "call failed: the secret key was written to: Captured stdout",
    ),
    "test_debug": (
        "def test_debug(): log.debug(SECRET_KEY)",
        "call failed: the secret key was written to: Captured log",
    ),
    "test_write": (
        "def test_write(): sys.stderr.write(SECRET_KEY)",
        "call failed: the secret key was written to: Captured stderr",
    ),
    "test_warn": ("def test_warn(): warnings.warn('x')", "call failed"),
    "test_open": ("def test_open(): open(__file__)", "ResourceWarning"),
    "test_other": (
        "def test_other(): threading.Thread(target=stop.wait, name='other').start()",
        "call passed",
    ),
    "test_loop_thread": (
        "def test_loop_thread(): threading.Thread(target=stop.wait, name='xai-io').start()",
        "teardown failed",
    ),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What became of each planted test."""
    folder = tmp_path_factory.mktemp("planted")
    (folder / "conftest.py").write_text(_CONFTEST, "utf-8")
    planted = _PLANTED + "\n\n".join(text for text, _ in _CASES.values())
    (folder / "test_planted.py").write_text(planted, "utf-8")
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "no:randomly"]
    result = run_child(_SCRIPT, args=[*options, str(folder)], check=False)
    assert result.rc == 1, result.stdout + result.stderr
    found = (folder / "outcomes").read_text("utf-8").split(_MARK)[1:]
    # A test with an error after its end has two reports.
    return {name: "".join(o for o in found if o.startswith(name + " ")) for name in _CASES}


@pytest.mark.parametrize("name", _CASES)
def test_planted_test_has_its_outcome(name: str, outcomes: dict[str, str]) -> None:
    """Coroutines run with their resources; secrets, warnings and loop threads fail a test."""
    assert _CASES[name][1] in outcomes[name]

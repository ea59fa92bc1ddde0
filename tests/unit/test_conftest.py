"""The rules of conftest.py, tried on planted tests in a process of its own."""

from pathlib import Path

import pytest

from tests.support import ROOT, run_child

_SCRIPT = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("async def test_it(): await asyncio.sleep(0)", "1 passed"),
        ("async def test_it(): assert not asyncio.get_running_loop()", "1 failed"),
        ("async def test_it(resource): assert resource == 'entered'", "1 passed"),
        ("def test_it(): print(SECRET_KEY)", "the secret key was written to: Captured stdout"),
        ("def test_it(): log.debug(SECRET_KEY)", "the secret key was written to: Captured log"),
        ("def test_it(): sys.stderr.write(SECRET_KEY)", "secret key was written to: Captured std"),
        ("def test_it(): warnings.warn('x')", "1 failed"),
        ("def test_it(): open(__file__)", "ResourceWarning"),
        ("def test_it(): threading.Thread(target=stop.wait, name='other').start()", "1 passed"),
        ("def test_it(): threading.Thread(target=stop.wait, name='xai-io').start()", "1 error"),
    ],
)
def test_planted_test_has_its_outcome(tmp_path: Path, text: str, outcome: str) -> None:
    """Coroutines run with their resources; secrets, warnings and loop threads fail a test."""
    planted = f"""
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

{text}
"""
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n", "utf-8")
    (tmp_path / "test_planted.py").write_text(planted, "utf-8")
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "no:randomly"]
    result = run_child(_SCRIPT, args=[*options, str(tmp_path)], check=False)
    assert outcome in result.stdout, result.stdout + result.stderr

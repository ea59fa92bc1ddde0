"""The package xai-sdk 1.x, given by this one: its modules, and programs that are run unchanged."""

import subprocess
from pathlib import Path

import pytest

import xai
from tests.services.commands.command_line import MODULE
from tests.support import ROOT, ChildResult, run_child

_NAMES = """
import importlib.util, sys
import xai
xai.install_as_xai_sdk("1")
xai.install_as_xai_sdk("1")
import xai_sdk
loaded = [name for name in sys.modules if name.startswith(("xai.aio", "xai.sync", "xai.proto"))]
assert loaded == [], loaded
names = '''
auth batch chat client collections cost files image meta models poll_timer proto search
service_tier sync telemetry tokenizer tools types video aio aio.auth aio.batch aio.chat aio.client
aio.collections aio.files aio.image aio.models aio.tokenizer aio.video sync.chat sync.client
types.chat types.common types.image types.model types.video telemetry.config proto.chat_pb2
proto.v5 proto.v6 proto.v5.chat_pb2 proto.v6.usage_pb2 proto.chat_pb2_grpc proto.collections_pb2
'''.split()
for name in names:
    assert importlib.util.find_spec("xai_sdk." + name) is not None, name
    module = importlib.import_module("xai_sdk." + name)
    assert module.__spec__ is not None, name
    above, _, last = ("xai_sdk." + name).rpartition(".")
    assert getattr(sys.modules[above], last) is module or ".v" in above, name
try:
    importlib.util.find_spec("xai_sdk.unknown")
except ModuleNotFoundError:
    pass
"""
_AFTER = """
from xai_sdk import AsyncClient, Client
from xai_sdk.chat import chat_pb2
from xai_sdk.proto import chat_pb2 as same
from xai_sdk.proto.v6.chat_pb2 import Message
assert chat_pb2 is same and Message is chat_pb2.Message
assert xai_sdk.__version__.startswith("1.21.")
assert xai_sdk.sync.client.Client is Client and xai_sdk.aio.client.Client is AsyncClient
importlib.reload(xai_sdk.chat)
try:
    xai.install_as_xai_sdk()
except RuntimeError as error:
    assert "another shape" in str(error), error
else:
    raise AssertionError("two shapes at once")
print("done")
"""


def test_every_module_of_the_package_is_found_and_loads_nothing_before_it_is_used() -> None:
    """Each has a spec, is imported once, and the parent has it; importing the package is light."""
    assert run_child(_NAMES + _AFTER).stdout == "done\n"


def test_real_package_is_not_replaced_after_its_import() -> None:
    """The error says that the call comes too late, whichever shape is wanted."""
    script = """
import sys, types, xai
sys.modules["xai_sdk"] = types.ModuleType("xai_sdk")
for shape in ("1", "prompt-ide"):
    try:
        xai.install_as_xai_sdk(shape)
    except RuntimeError as error:
        assert "imported already" in str(error), error
    else:
        raise AssertionError(shape)
"""
    run_child(script)


def test_none_is_the_shape_that_was_there_first() -> None:
    """As without an argument."""
    run_child("import xai; xai.install_as_xai_sdk(None); xai.install_as_xai_sdk(); import xai_sdk")


def test_shape_that_does_not_exist_is_refused() -> None:
    """The error names the argument and the shapes."""
    with pytest.raises(ValueError, match=r"shape must be one of 'prompt-ide', '1', not '2'"):
        xai.install_as_xai_sdk("2")
    with pytest.raises(TypeError, match="shape must be a str, not int"):
        xai.install_as_xai_sdk(1)  # type: ignore[arg-type]  # refused


PROGRAM = """
import sys
import xai_sdk
import beside
assert __name__ == "__main__" and sys.modules["__main__"].__dict__ is globals()
print(xai_sdk.Client.__module__, beside.NAME, sys.argv[1:], flush=True)
if "fail" in sys.argv:
    raise SystemExit(3)
if "raise" in sys.argv:
    raise ValueError("from the program")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a program and a module beside it."""
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    (tmp_path / "beside.py").write_text("NAME = 'beside'\n", "utf-8")
    return tmp_path


def run(*args: str, cwd: Path = ROOT) -> ChildResult:
    """Run the command line."""
    # Within a folder of its own, the package of the checkout is found by its path alone.
    done = subprocess.run(
        [*MODULE, "run", *args],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    return ChildResult(done.returncode, done.stdout, done.stderr)


def test_program_runs_as_with_python(folder: Path) -> None:
    """It is ``__main__``, finds its folder, has its arguments, and gives the exit status."""
    place = str(folder / "program.py")
    shown = "xai.xai_sdk.v1.sync.client beside ['-x', '--help', 'fail']\n"
    result = run("--as-xai-sdk", "1", place, "-x", "--help", "fail")
    assert (result.rc, result.stdout, result.stderr) == (3, shown, "")
    result = run(place, "raise")
    assert result.rc == 1
    assert result.stderr.startswith("Traceback")
    assert result.stderr.endswith("ValueError: from the program\n")


def test_module_runs_as_with_python(folder: Path) -> None:
    """What stands after ``-m`` is the module, and the rest its arguments."""
    result = run("-m", "program", "-m", "other", cwd=folder)
    assert (result.rc, result.stderr) == (0, "")
    assert result.stdout == "xai.xai_sdk.v1.sync.client beside ['-m', 'other']\n"


def test_program_that_is_not_there_is_named() -> None:
    """Without a traceback, and with the status of a wrong argument."""
    for args, text in ((("missing.py",), "missing.py"), ((), "name a program")):
        result = run(*args)
        assert result.rc == 2
        assert text in result.stderr
        assert "Traceback" not in result.stderr

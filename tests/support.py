"""What tests of every folder share."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]

#: Seconds after which a test takes something for hung, far longer than a busy machine needs.
LIMIT: Final = 60.0
#: No text a test produces may contain this; see conftest.py.
SECRET_MARKER: Final = "SECRETMARKER"  # made up, and meant to be found
#: The API key of every test that needs one.
SECRET_KEY: Final = f"xai-sk-{SECRET_MARKER}-0f4a1c77e2"


#: The management key of every test that needs one; not a secret that is looked for.
MANAGEMENT_KEY: Final = "management-key"

#: The start of a script in asyncio's debug mode, which tells also what took more than a tenth of a
#: second: on a busy machine that is anything.
NOT_SLOW: Final = """
import logging
logging.getLogger("asyncio").addFilter(lambda record: " took " not in record.getMessage())
"""


@dataclass(frozen=True)
class ChildResult:
    """How a child process ended and what it wrote."""

    rc: int
    stdout: str
    stderr: str


def run_child(
    script: str,
    *,
    timeout: float = 100,
    env: Mapping[str, str | None] | None = None,
    python_args: Sequence[str] = ("-W", "error"),
    check: bool = True,
    args: Sequence[str] = (),
) -> ChildResult:
    """Run a Python script in a process of its own.

    Whatever the script leaves behind in its process group is killed, at the time limit too.

    Args:
        script: The text of the script.
        timeout: Seconds until it is killed and the test fails.
        env: Variables to set on top of ours; None removes one.
        python_args: Options of the interpreter.
        check: Assert that it exits with 0 and writes nothing to stderr.
        args: What the script finds in ``sys.argv[1:]``.
    """
    variables = {name: value for name, value in os.environ.items() if name != "XAI_API_KEY"}
    for name, value in (env or {}).items():
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value
    process = subprocess.Popen(
        [sys.executable, *python_args, "-c", script, *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=variables,
        cwd=ROOT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    with process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            stdout, stderr = process.communicate()
            shown = f"stdout: {stdout}\nstderr: {stderr}"
            raise AssertionError(f"the child ran for more than {timeout} s\n{shown}") from None
        finally:
            kill_group(process.pid)
    result = ChildResult(process.returncode, stdout, stderr)
    if check:
        assert (result.rc, result.stderr) == (0, ""), f"stdout: {stdout}\nstderr: {stderr}"
    return result


def kill_group(group: int) -> None:
    """Kill the processes of a group that are left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def until(condition: Callable[[], object]) -> None:
    """Wait until something is true of which nobody tells.

    Args:
        condition: What has to be true.
    """
    end = time.monotonic() + LIMIT
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not come"
        pause.wait(0.001)


def within(thread: threading.Thread, name: str) -> bool:
    """Tell whether a thread is within a function of a certain name.

    Args:
        thread: The thread.
        name: The function's name.
    """
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_name == name:
            return True
        frame = frame.f_back
    return False


def growing(limit: float) -> Iterator[float]:
    """Return time limits that double, for a call that has to get somewhere before it is ended.

    How far it gets in any one time depends on what else the machine does; a test goes on with the
    next limit until it has seen what it is about.

    Args:
        limit: The first one, in seconds.
    """
    while True:
        yield limit
        limit *= 2


def refused_port() -> socket.socket:
    """Return a socket that holds a loopback port without listening: connecting is refused.

    A server that reuses addresses, as asyncio's do, can listen there all the same, and again and
    again: nobody else is given the port meanwhile.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder

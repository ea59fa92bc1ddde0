"""The command line in a process of its own, which a test runs or talks with."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final
from unittest import mock

from tests.support import ROOT, SECRET_MARKER, ChildResult
from xai.__main__ import main

#: Seconds after which a signal is sent again.
_PATIENCE: Final = 10.0
MODULE: Final = (sys.executable, "-W", "error", "-m", "xai")


class Command:
    """A running command: its output is read here, and its errors once it has ended."""

    def __init__(self, process: "subprocess.Popen[str]", errors: IO[str]) -> None:
        self.process = process
        self._errors = errors

    def line(self) -> str:
        """Wait for a line of output; an empty string is the end."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def lines_to(self, part: str) -> list[str]:
        """Return the lines of output up to the one that has a text in it."""
        lines = []
        while True:
            line = self.line()
            lines.append(line.rstrip("\n"))
            assert line, f"no {part!r} in {lines}; {self.errors()}"
            if part in line:
                return lines

    def leave(self) -> None:
        """Stop reading, as `head` does."""
        assert self.process.stdout is not None
        self.process.stdout.close()

    def interrupt(self) -> int:
        """Press Ctrl-C until the end; return the exit status.

        A signal that comes just before Python goes to sleep on a lock is noticed when it wakes up.
        """
        while True:
            self.process.send_signal(signal.SIGINT)
            try:
                return self.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                continue

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        return self.process.wait()

    def errors(self) -> str:
        """Return what was written to stderr."""
        self._errors.seek(0)
        return self._errors.read()


def environment(key: str | None = None, encoding: str = "utf-8") -> dict[str, str]:
    """Return our environment, with output that is buffered, for what is not flushed to be seen."""
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    for name in ("PYTHONUNBUFFERED", "XAI_API_KEY"):
        env.pop(name, None)
    return env if key is None else {**env, "XAI_API_KEY": key}


@contextlib.contextmanager
def running(
    *arguments: str,
    program: Sequence[str] = MODULE,
    key: str | None = None,
    encoding: str = "utf-8",
    text: str = "",
    cwd: "str | os.PathLike[str]" = ROOT,
    limit: float = 100.0,
) -> Iterator[Command]:
    """Start a command, and kill it with its children at the end and at the time limit.

    Args:
        arguments: Its arguments.
        program: What stands before them.
        key: The environment variable XAI_API_KEY, or None for an environment without it.
        encoding: How it writes.
        text: What it finds in its input.
        cwd: Where it starts.
        limit: Seconds after which it is killed.
    """
    with (
        tempfile.TemporaryFile("w+", encoding=encoding) as errors,
        tempfile.TemporaryFile() as given,
    ):
        given.write(text.encode())
        given.seek(0)
        process = subprocess.Popen(
            [*program, *arguments],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(key, encoding),
            cwd=cwd,
            text=True,
            encoding=encoding,
            start_new_session=True,
        )
        watchdog = threading.Timer(limit, _kill, [process])
        watchdog.start()
        try:
            with process:
                try:
                    yield Command(process, errors)
                finally:
                    _kill(process)
        finally:
            watchdog.cancel()
            watchdog.join()


def run(
    *arguments: str,
    program: Sequence[str] = MODULE,
    key: str | None = None,
    encoding: str = "utf-8",
    text: str = "",
    cwd: "str | os.PathLike[str]" = ROOT,
) -> ChildResult:
    """Run a command to its end; the parameters are those of `running`."""
    with running(
        *arguments, program=program, key=key, encoding=encoding, text=text, cwd=cwd
    ) as command:
        assert command.process.stdout is not None
        output = command.process.stdout.read()
        return ChildResult(command.wait(), output, command.errors())


def call_raw(
    *arguments: str,
    key: str | None = None,
    given: str | bytes = "",
    cwd: "str | os.PathLike[str] | None" = None,
) -> tuple[int, bytes, str]:
    """Run a command in this process, which is much quicker; nothing in it is a terminal.

    Args:
        arguments: Its arguments.
        key: The environment variable XAI_API_KEY, or None for an environment without it.
        given: What it finds in its input.
        cwd: Where it runs.

    Returns:
        The exit status, the output, and the errors.
    """
    data = given.encode() if isinstance(given, str) else given
    output, errors = io.BytesIO(), io.StringIO()
    stdin = io.TextIOWrapper(io.BytesIO(data), "utf-8")
    stdout = io.TextIOWrapper(output, "utf-8")
    before = Path.cwd()
    with (
        mock.patch.object(sys, "stdin", stdin),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(errors),
        mock.patch.dict(os.environ, environment(key), clear=True),
    ):
        try:
            os.chdir(cwd or before)
            status = main(arguments)
        finally:
            os.chdir(before)
    text = errors.getvalue()
    assert SECRET_MARKER not in output.getvalue().decode("latin-1") + text
    assert "Traceback" not in text
    return status, output.getvalue(), text


def call(
    *arguments: str,
    key: str | None = None,
    given: str | bytes = "",
    cwd: "str | os.PathLike[str] | None" = None,
) -> ChildResult:
    """Run a command in this process; the parameters are those of `call_raw`."""
    status, output, errors = call_raw(*arguments, key=key, given=given, cwd=cwd)
    return ChildResult(status, output.decode(), errors)


def _kill(process: "subprocess.Popen[str]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)

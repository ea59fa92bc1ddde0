"""A command in a terminal of its own, which a test types into and reads."""

import contextlib
import errno
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tests.services.commands.command_line import MODULE, environment
from tests.support import ROOT, SECRET_KEY, SECRET_MARKER

CTRL_C: Final = "\x03"
CTRL_D: Final = "\x04"
UP: Final = "\x1b[A"

#: Seconds after which something is done again.
_PATIENCE: Final = 10.0

# The first terminal that the leader of a session opens is the one whose keys are its signals.
_LAUNCH = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A running command, and what it has shown so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int, limit: float) -> None:
        self.process = process
        self._master = master
        self._deadline = time.monotonic() + limit
        self._bytes = b""
        self._seen = 0
        self._ended = False

    @property
    def text(self) -> str:
        """Everything that was shown so far, with plain line breaks."""
        return self._bytes.decode("utf-8", "replace").replace("\r\n", "\n")

    def expect(self, pattern: str, until: float | None = None) -> str:
        """Wait until what was not looked at yet matches; return it up to the match's end.

        Raises:
            TimeoutError: It did not by a moment of the monotonic clock.
        """
        while True:
            text = self.text
            match = re.compile(pattern, re.MULTILINE).search(text, self._seen)
            if match:
                start, self._seen = self._seen, match.end()
                return text[start : match.end()]
            assert not self._ended, f"it ended without {pattern!r}: {text!r}"
            self._read(until)

    def urge(self, action: Callable[[], object], pattern: str) -> str:
        """Do something again and again until what `expect` waits for is shown, and return that.

        For what may come a moment too early and be lost. Ctrl-C is such: a signal that comes just
        before Python goes to sleep, on a lock or in readline, is noticed when it wakes up.
        """
        while True:
            action()
            until = min(self._deadline, time.monotonic() + _PATIENCE)
            try:
                return self.expect(pattern, until)
            except TimeoutError:
                assert time.monotonic() < self._deadline, f"no {pattern!r}: {self.text!r}"

    def type(self, keys: str) -> None:
        """Press keys."""
        self.type_bytes(keys.encode())

    def interrupt(self, pattern: str) -> str:
        """Press Ctrl-C until a pattern is shown, and return what is shown up to there."""
        return self.urge(lambda: self.type(CTRL_C), pattern)

    def type_bytes(self, data: bytes) -> None:
        """Let the keyboard send some bytes."""
        os.write(self._master, data)

    def enter(self, line: str) -> None:
        """Type a line."""
        self.type(f"{line}\n")

    def ask(self, line: str, answer: str) -> None:
        """Type a line at the prompt, and wait for something shown and the next prompt."""
        self.enter(line)
        self.expect(f"^{answer}$")
        self.expect("^> $")

    def rest(self) -> str:
        """Wait for the end, and return what was not looked at yet."""
        while not self._ended:
            self._read()
        return self.text[self._seen :]

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        self.rest()
        return self.process.wait()

    def _read(self, until: float | None = None) -> None:
        left = (self._deadline if until is None else until) - time.monotonic()
        ready, _, _ = select.select([self._master], [], [], max(0.0, left))
        if not ready:
            raise TimeoutError(f"nothing more is shown after {self.text!r}")
        try:
            data = os.read(self._master, 65536)
        except OSError as error:
            # What Linux says when nobody has the terminal open any more.
            if error.errno != errno.EIO:
                raise
            data = b""
        self._bytes += data
        self._ended = not data


@contextlib.contextmanager
def terminal(
    *arguments: str,
    program: Sequence[str] = MODULE,
    key: str | None = SECRET_KEY,
    env: Mapping[str, str] | None = None,
    cwd: "str | os.PathLike[str]" = ROOT,
    columns: int = 100,
    limit: float = 100.0,
) -> Iterator[Terminal]:
    """Start a command in a pseudo-terminal of its own, and kill it at the end.

    Args:
        arguments: Its arguments.
        program: What stands before them.
        key: The environment variable XAI_API_KEY, or None for an environment without it.
        env: More variables.
        cwd: Where it starts.
        columns: How wide the terminal is.
        limit: Seconds within which everything has to be shown.
    """
    master, slave = os.openpty()
    try:
        with contextlib.closing(os.fdopen(slave, "rb", buffering=0)):
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            process = subprocess.Popen(
                [sys.executable, "-c", _LAUNCH, *program, *arguments],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                # A terminal without tricks: what is read is what was written. With a locale whose
                # characters are those that are typed.
                env={
                    **environment(key),
                    "TERM": "dumb",
                    "LC_ALL": "C.UTF-8",
                    "PROMPT_TOOLKIT_NO_CPR": "1",
                    **(env or {}),
                },
                cwd=cwd,
                start_new_session=True,
            )
        with process:
            shown = Terminal(process, master, limit)
            try:
                yield shown
            finally:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                assert SECRET_MARKER not in shown.text
                assert "Traceback" not in shown.text, shown.text
    finally:
        os.close(master)

"""Child processes that a test talks with while they run."""

import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple

from typing_extensions import Self

if TYPE_CHECKING:
    from xai.testing import LocalServer

_ROOT: Final = Path(__file__).resolve().parents[2]


class Peer(NamedTuple):
    """A server, and the file of the authority that vouches for it; empty without TLS."""

    server: "LocalServer"
    authority: str

    def context(self) -> ssl.SSLContext | None:
        """Return what a client's ``ssl_context`` has to be."""
        if not self.authority:
            return None
        context = ssl.create_default_context(cafile=self.authority)
        context.set_alpn_protocols(["h2"])
        return context


class Script:
    """A script in a process of its own, with warnings as errors.

    It starts with the names of `tests.reliability.script`, and finds host, key and the file with
    the server's certificate authority in its arguments. Leaving the ``with`` block waits for its
    end, and asserts that it exits with 0, wrote nothing that was not expected, and nothing to
    stderr.

    Args:
        text: The script.
        server: The server that it calls.
        authority: The file of the certificate authority, when TLS is spoken.
        limit: Seconds after which it is killed, with all its children.
        options: Options of the interpreter.
        rc: The exit status that is expected.
    """

    def __init__(
        self,
        text: str,
        server: "LocalServer | None" = None,
        *,
        authority: str = "",
        limit: float = 100.0,
        options: tuple[str, ...] = ("-W", "error"),
        rc: int = 0,
    ) -> None:
        host = server.host if server is not None else "localhost:1"
        key = server.api_key if server is not None else "none"
        self._rc = rc
        self._late = False
        # A file: a pipe that nobody reads could fill up.
        self._stderr = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  # closed at the end
        self._process = subprocess.Popen(
            [
                *(sys.executable, *options, "-c"),
                "from tests.reliability.script import *\n" + text,
                *(host, key, authority),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            cwd=_ROOT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._watchdog = threading.Timer(limit, self._give_up)
        self._watchdog.start()

    def expect(self, line: str) -> None:
        """Assert what the next line is that the process says."""
        said = self.line()
        assert said == line, f"said {said!r}, not {line!r}; {self._errors()}"

    def line(self) -> str:
        """Return the next line that the process says; empty at its end."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")

    def tell(self, line: str) -> None:
        """Let `hear` of the script return."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def __enter__(self) -> Self:
        """Return the process."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for the end and judge it."""
        try:
            if exc_type is not None:
                self._kill()
            rest, _ = self._process.communicate()
            if exc_type is None:
                assert not self._late, f"it took too long and said {rest!r}; {self._errors()}"
                found = (self._process.returncode, rest)
                assert found == (self._rc, ""), self._errors()
                assert not self._errors(), self._errors()
        finally:
            self._watchdog.cancel()
            self._watchdog.join()
            self._kill()
            self._stderr.close()

    def _give_up(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def _errors(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read()

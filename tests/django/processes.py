"""The processes of the tests: the API, the web server, the browsers."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from types import TracebackType
from typing import Any, Final

from typing_extensions import Self

from tests.support import ROOT

LIMIT: Final = 60.0
#: What Python, asyncio and the servers write when something was not as it should be.
NOISE: Final = re.compile(
    r"Traceback|Exception|Warning|was never|was destroyed|\[(?:ERROR|CRITICAL|WARNING)\]|ERROR:"
)
#: All are shown but one: gunicorn copies a socket that it inherits, and drops the original.
_WARNINGS: Final = ("-W", "always", "-W", "ignore::ResourceWarning:gunicorn.arbiter")


class Process:
    """A program in a process group of its own, of which nothing is left after the ``with`` block.

    Args:
        command: Options of the interpreter, and what it runs.
        env: Variables to set on top of ours.
        listener: A socket to inherit.
    """

    def __init__(
        self,
        command: list[str],
        env: dict[str, str] | None = None,
        listener: socket.socket | None = None,
    ) -> None:
        # A file: a pipe that nobody reads could fill up.
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  # closed at the end
        self._process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **(env or {}), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            text=True,
            encoding="utf-8",
            pass_fds=[listener.fileno()] if listener else [],
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self._process.pid

    def write(self, value: object) -> None:
        """Send a line of JSON."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()

    def read(self) -> Any:  # noqa: ANN401  # JSON
        """Return the next line of JSON."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"it ended: {self.log()}"
        return json.loads(line)

    def close_stdin(self) -> None:
        """Tell the program that nothing more comes."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        """Send the process, not its children, a signal."""
        self._process.send_signal(number)

    def end(self) -> int:
        """Wait for the end, and return the exit status; no process of the group may be left."""
        rc = self._process.wait(LIMIT)
        until = time.monotonic() + LIMIT
        while self._group_exists():
            # A child that was killed, and whose parent has ended since, takes a moment to be gone.
            assert time.monotonic() < until, f"a process was left behind: {self.log()}"
            time.sleep(0.01)
        return rc

    def _group_exists(self) -> bool:
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def log(self) -> str:
        """Return what was written to stderr so far."""
        # By position: the offset of the file is shared with those who write.
        return os.pread(self._log.fileno(), 1 << 24, 0).decode()

    def noise(self, *expected: str) -> list[str]:
        """Return the lines of the log that should not be there.

        Args:
            expected: Patterns of those that should.
        """
        lines = [line for line in self.log().splitlines() if NOISE.search(line)]
        return [line for line in lines if not any(re.search(text, line) for text in expected)]

    def __enter__(self) -> Self:
        """Return the process."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Kill what is left; show the log of a test that failed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # What was written to a program that has ended is lost, and that is as it should be.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        if exc_type is not None:
            print(self.log())  # noqa: T201  # pytest shows it
        self._log.close()


class Api(Process):
    """A local server of the API, in a process of its own.

    Args:
        delay: Seconds between two tokens.
    """

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__(["-W", "error", "-m", "tests.django.peer", str(delay)])
        self.host: str
        self.key: str
        self.host, self.key = self.read()

    def ask(self, question: str, *arguments: object) -> Any:  # noqa: ANN401  # JSON
        """Ask the server; see `tests.django.peer`."""
        self.write([question, *arguments])
        return self.read()


class Web(Process):
    """The site, served by a web server that inherits its listening socket.

    Args:
        api: What the site calls.
        command: The web server and its options; ``FD`` in one of them is the socket.
        env: Variables to set on top of ours.
    """

    def __init__(self, api: Api, *command: str, env: dict[str, str] | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
            number = str(listener.fileno())
            variables = {"XAI_API_KEY": api.key, "SITE_API_HOST": api.host, **(env or {})}
            words = [word.replace("FD", number) for word in command]
            super().__init__([*_WARNINGS, "-m", *words], variables, listener)

    def noise(self, *expected: str) -> list[str]:
        """Do as for any process, without what gunicorn's workers never close: the listener."""
        listener = rf"unclosed <[^>]* laddr=\('127.0.0.1', {self.port}\)>"
        lines = super().noise("ResourceWarning: Enable tracemalloc to get", *expected)
        # Workers that end at the same moment write into each other's lines.
        rest = [(line, re.sub(listener, "", line)) for line in lines]
        return [line for line, left in rest if "ResourceWarning" not in line or "unclosed" in left]

    def open(self, path: str) -> "Browser":
        """Make a request, and return with the head of the answer."""
        return Browser(self.port, path)

    def get(self, path: str) -> str:
        """Return the body of an answer."""
        with self.open(path) as browser:
            assert browser.response.status == 200, browser.response.read()
            return browser.response.read().decode()


def gunicorn(api: Api, *options: str, env: dict[str, str] | None = None) -> Web:
    """Start gunicorn with the site, in a way in which it writes nowhere but to its log."""
    fixed = ["--bind=fd://FD", "--no-control-socket", "--graceful-timeout=20", "--timeout=60"]
    application = "tests.django.site.wsgi:application"
    return Web(api, "gunicorn", *fixed, *options, application, env=env)


def uvicorn(api: Api, *options: str) -> Web:
    """Start uvicorn with the site."""
    application = "tests.django.site.asgi:application"
    return Web(api, "uvicorn", "--fd=FD", "--lifespan=off", *options, application)


class Browser:
    """One request on a connection of its own; leaving the ``with`` block closes it."""

    def __init__(self, port: int, path: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
        self._connection.request("GET", path)
        self.response = self._connection.getresponse()

    @property
    def worker(self) -> int:
        """The process that answers."""
        return int(self.response.headers["X-Worker"])

    def __enter__(self) -> Self:
        """Return the browser."""
        return self

    def __exit__(self, *_: object) -> None:
        """Go away."""
        self.response.close()
        self._connection.close()


class Load(Process):
    """Requests without end, from several threads of another process.

    Args:
        web: Where they go.
        expected: The right body of each path.
        threads: How many at a time.
    """

    def __init__(self, web: Web, expected: dict[str, str], threads: int = 4) -> None:
        super().__init__(["-W", "error", "-m", "tests.django.load", str(web.port), str(threads)])
        self.workers: set[int] = set()
        self.write(expected)

    def meet(self, count: int) -> None:
        """Wait until so many worker processes have answered, all in all."""
        while len(self.workers) < count:
            self.workers.add(self.read())

    def tally(self) -> dict[str, Any]:
        """Let every thread finish its request, and return what happened."""
        self.close_stdin()
        while not isinstance(said := self.read(), dict):
            self.workers.add(said)
        return said

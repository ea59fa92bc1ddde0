"""The server of the soak, in a process of its own, and what is done to it at random.

``python -m tests.reliability.soak.server PORT`` serves; each line of its input is one order.
"""

import json
import logging
import random
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from xai.testing import LocalServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

_ROOT: Final = Path(__file__).resolve().parents[3]
_TOKEN_DELAY: Final = 0.002
_SAMPLE: Final = "SampleTokens"
_UNAVAILABLE, _EXHAUSTED, _ABORTED, _INTERNAL = 14, 8, 10, 13
#: Below those that the kernel gives to clients: one that dials a server which is away could get
#: its very port, be connected to itself, and keep the server from coming back.
_PORTS: Final = range(20_000, 32_000)


def serve(port: int) -> None:
    """Serve, and obey.

    Args:
        port: Where to listen.
    """
    # Of replies that are written to clients who have left; those who leave are what is tested.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    with LocalServer(port=port, token_delay=_TOKEN_DELAY) as server:
        _say("ready")
        for line in sys.stdin:
            name, options = json.loads(line)
            if name == "restart":
                server.stop()
                server.start()
            else:
                getattr(server, name)(**options)
            _say("done")
        server.clear_faults()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Server:
    """The process, as the soak sees it."""

    def __init__(self) -> None:
        self.port = _free_port()
        self._process: subprocess.Popen[str] | None = None

    def order(self, name: str, **options: object) -> None:
        """Have a method of the `LocalServer` called, or let it restart."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.write(json.dumps([name, options]) + "\n")
        process.stdin.flush()
        self._expect("done")

    def start(self) -> None:
        """Start the process, and wait until it serves."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.soak.server", str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )
        self._expect("ready")

    def _expect(self, text: str) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        assert said == text, f"the server said {said!r}, not {text!r}"

    def send(self, number: int) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End the process without a warning."""
        if self._process is not None:
            self._process.kill()
            # Closes the pipes, too.
            self._process.communicate()
            self._process = None

    def __enter__(self) -> "Self":
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End."""
        self.kill()


def _free_port() -> int:
    # Not seeded: two soaks on one machine must not meet.
    for port in random.sample(_PORTS, 100):
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError(f"no port of {_PORTS} is free")


class Chaos(threading.Thread):
    """Restarts, throttles and cuts a server at random.

    Args:
        server: The server.
        seed: Decides about all of it.
    """

    def __init__(self, server: Server, seed: int) -> None:
        super().__init__(name="chaos", daemon=True)
        self._server = server
        self._random = random.Random(f"{seed} chaos")  # noqa: S311  # repeatable
        self._over = threading.Event()
        #: How often each thing was done.
        self.done: Counter[str] = Counter()
        #: What went wrong with the soak itself.
        self.error = ""

    def run(self) -> None:
        """Go on until told to stop."""
        actions: "list[Callable[[], None]]" = [
            self.kill, self.restart, self.freeze, self.drain,
            *[self.throttle] * 3, *[self.cut] * 4, *[self.refuse] * 3, *[self.fail] * 3,
            self.stall, self.garbage, self.relax,
        ]  # fmt: skip
        try:
            while not self._over.wait(self._random.uniform(0.0, 0.35)):
                action = self._random.choice(actions)
                action()
                self.done[action.__name__] += 1
        except Exception:  # noqa: BLE001  # told by the soak
            self.error = traceback.format_exc()

    def end(self) -> None:
        """Stop, and leave a server that is well."""
        self._over.set()
        self.join()
        if not self.error:
            self._server.order("clear_faults")

    def kill(self) -> None:
        """Kill the process; another one takes its place a moment later."""
        self._server.kill()
        self._over.wait(self._random.uniform(0.0, 0.5))
        self._server.start()

    def restart(self) -> None:
        """Close all sockets and listen again."""
        self._server.order("restart")

    def freeze(self) -> None:
        """Let the whole process stand still."""
        self._server.send(signal.SIGSTOP)
        self._over.wait(self._random.uniform(0.1, 3.0))
        self._server.send(signal.SIGCONT)

    def drain(self) -> None:
        """Send GOAWAY on every connection."""
        self._server.order("drain")

    def throttle(self) -> None:
        """Serve some calls late."""
        seconds = self._random.uniform(0.01, 0.3)
        self._server.order("delay", seconds=seconds, times=self._random.randint(1, 30))

    def cut(self) -> None:
        """Break connections or streams, at once or after some messages."""
        after = self._random.choice([None, self._random.randint(0, 15)])
        method = None if after is None else _SAMPLE
        options = {"times": self._random.randint(1, 5), "method": method, "after_messages": after}
        if self._random.random() < 0.5:
            self._server.order("drop_connection", **options)
        else:
            self._server.order("reset", error_code=self._random.choice([0, 2, 8, 11]), **options)

    def refuse(self) -> None:
        """Refuse streams, or take no more of them on a connection."""
        if self._random.random() < 0.5:
            self._server.order("refuse_streams", times=self._random.randint(1, 4))
        else:
            self._server.order("goaway", processed=self._random.random() < 0.5)

    def fail(self) -> None:
        """Answer with errors."""
        code = self._random.choice([_UNAVAILABLE, _UNAVAILABLE, _EXHAUSTED, _ABORTED, _INTERNAL])
        self._server.order("fail", code=code, times=self._random.randint(1, 6))

    def stall(self) -> None:
        """Let a stream wait for longer than anybody does."""
        self._server.order("stall", method=_SAMPLE, after_messages=self._random.randint(0, 10))

    def garbage(self) -> None:
        """Answer with nonsense."""
        kind = self._random.choice(["protobuf", "cut", "http", "frame"])
        self._server.order("send_garbage", kind=kind)

    def relax(self) -> None:
        """Forget all orders that were not carried out yet, and let what is stalled go on."""
        self._server.order("clear_faults")


if __name__ == "__main__":
    serve(int(sys.argv[1]))

import contextlib
import inspect
import io
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

import pytest
from typing_extensions import Self

from tests.services.commands.command_files import MIB, READER, Files
from tests.services.commands.pseudo_terminal import Terminal, terminal
from tests.support import SECRET_KEY
from xai import Client
from xai.commands import progress
from xai.commands.progress import PATIENCE, ProgressBar, progress_bar
from xai.commands.terminal import size
from xai.testing import LocalServer


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A server that knows the secret key, and one key that may only read files."""
    with LocalServer(api_keys={SECRET_KEY: ["*"], READER: ["files:read"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of the user whose files these are."""
    with server.client() as client:
        yield client


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_bar_waits_and_is_wiped_away() -> None:
    """What is over soon shows nothing; else it is drawn now and then, and wiped at the end."""
    output, clock = io.StringIO(), Clock()
    bar = ProgressBar("notes.txt", output, clock)
    bar(0, 4 * MIB)
    clock.now += PATIENCE - 0.01
    bar(MIB, 4 * MIB)
    bar.close()
    assert output.getvalue() == ""
    clock.now += 0.51
    bar(2 * MIB, 4 * MIB)
    shown = "notes.txt  [###############---------------]  50%  2.0 MiB / 4.0 MiB  2.0 MiB/s"
    assert output.getvalue() == f"\r{shown}"
    bar(3 * MIB, 4 * MIB)
    assert output.getvalue() == f"\r{shown}"
    clock.now += 1
    bar(4 * MIB, 4 * MIB)
    bar.close()
    _, first, last, blank, end = output.getvalue().split("\r")
    assert first == shown
    assert last.startswith("notes.txt  [##############################] 100%  4.0 MiB")
    assert (blank.strip(), len(blank), end) == ("", max(len(first), len(last)), "")


@pytest.mark.parametrize("total", [0, 7, 10**13])
@pytest.mark.parametrize("columns", [1, 10, 30, 60, 200])
@pytest.mark.parametrize("label", ["x", "a name that is longer than others", "n" * 300])
def test_bar_fits_into_its_line(total: int, columns: int, label: str) -> None:
    """Whatever the width, the last column stays free, so that no terminal goes to a next line."""
    master, slave = os.openpty()
    clock = Clock()
    with open(slave, "w", encoding="utf-8") as output, open(master, "rb", buffering=0) as shown:  # noqa: PTH123
        set_columns(slave, columns)
        bar = ProgressBar(label, output, clock)
        clock.now += 1
        bar(5, total)
        picture = shown.read(4096).decode().removeprefix("\r")
    assert 0 < len(picture) < columns or columns == 1
    assert ("%" in picture) == (bool(total) and columns > 5)


def set_columns(descriptor: int, columns: int) -> None:
    """Give a terminal a width."""
    import fcntl
    import struct
    import termios

    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class SlowLink:
    """Passes bytes between clients and a server, a little every few milliseconds.

    Args:
        port: The server's.

    Attributes:
        size: How many bytes are passed on at a time.
        free: Set to pass on the rest as fast as it comes.
    """

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.size = 2**12
        self.free = threading.Event()
        # Small buffers, which each accepted socket inherits: they would take it all at once.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
        self.host = f"localhost:{self._listener.getsockname()[1]}"
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        """Return the link."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cut all connections, and wait for the threads."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        for each in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in [self._listener, *self._sockets]:
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._server)
                self._sockets += [near, far]
                for pair in ((near, far), (far, near)):
                    self._threads.append(threading.Thread(target=self._pass_on, args=pair))
                    self._threads[-1].start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(2**16 if self.free.is_set() else self.size):
                target.sendall(data)
                # The pace of the link; nothing waits for it but the bytes.
                self.free.wait(0.03)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def link(server: LocalServer) -> Iterator[SlowLink]:
    """A link on which 4 MiB take half a minute, or until it is set free."""
    with SlowLink(server.port) as link:
        yield link


@pytest.fixture
def slow(link: SlowLink, tmp_path: Path) -> Files:
    """The command over the link."""
    return Files(link.host, tmp_path)


BAR: Final = r"\rbig  \[#*-*\] +(\d+)%  [\d.]+ \w+ / 4\.0 MiB  [\d.]+ \w+/s *$"


def percentage(shown: Terminal) -> int:
    """Wait for the next picture of the bar, and return how far it says to be."""
    found = re.search(BAR, shown.expect(BAR))
    assert found
    return int(found[1])


def test_bar_of_a_download_moves(slow: Files, link: SlowLink, client: Client) -> None:
    """On a terminal it follows the bytes that arrive, and is gone at the end."""
    content = bytes(4 * MIB)
    client.files.upload("big", content)
    with terminal(*slow.line("get", "big"), cwd=slow.folder) as shown:
        first = percentage(shown)
        while (later := percentage(shown)) == first:
            pass
        assert 0 <= first < later < 100
        link.free.set()
        assert re.search(r"\r +\rWrote big \(4\.0 MiB\)\n$", shown.rest())
        assert shown.wait() == 0
    assert slow.here() == {"big": content}


def test_bar_of_an_upload_is_shown(slow: Files, link: SlowLink, client: Client) -> None:
    """It counts what the connection has taken, which the server's window lets be nearly all."""
    content = bytes(4 * MIB)
    (slow.folder / "big").write_bytes(content)
    with terminal(*slow.line("put", "big"), cwd=slow.folder) as shown:
        assert 0 <= percentage(shown) <= 100
        link.free.set()
        assert re.search(r"\r +\rStored big \(4\.0 MiB, .+\)\n$", shown.rest())
        assert shown.wait() == 0
    assert client.files.download("big") == content


def test_bar_is_not_shown_when_not_wanted(slow: Files, link: SlowLink, client: Client) -> None:
    """With --no-progress, and where stderr is no terminal, there is no bar."""
    client.files.upload("big", bytes(4 * MIB))
    # It takes two seconds, at which a bar would be shown.
    link.size = 2**16
    with terminal(*slow.line("get", "big", "--no-progress"), cwd=slow.folder) as shown:
        assert shown.rest() == "Wrote big (4.0 MiB)\n"
        assert shown.wait() == 0
    assert slow("get", "big", "other") == (0, "Wrote other (4.0 MiB)\n", "")


class Screen(io.StringIO):
    """A terminal of one line, written to character by character."""

    def __init__(self) -> None:
        super().__init__()
        self.line: list[str] = []
        self._column = 0

    def isatty(self) -> bool:
        """Return that it is a terminal."""
        return True

    def write(self, text: str, /) -> int:
        """Show a text."""
        for character in text:
            self._put(character)
        return len(text)

    def _put(self, character: str) -> None:
        self._column = 0 if character == "\r" else self._column + 1
        if self._column:
            self.line[self._column - 1 : self._column] = character


def interrupted_transfer(screen: Screen, point: int) -> bool:
    """Show a bar that shrinks, and press Ctrl-C at a point; return whether there was such a point.

    A signal handler runs when a function of Python begins or one of C has returned.
    """
    left = point

    def pass_by(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        code = frame.f_code
        here = code.co_filename in (progress.__file__, __file__) and code is not own
        # Until a generator has begun to run, there is nothing in it to interrupt.
        generator = bool(code.co_flags & inspect.CO_GENERATOR)
        if here and (event == "c_return" or (event == "call" and not generator)):
            left -= 1
            if not left:
                sys.setprofile(None)
                raise KeyboardInterrupt

    own = sys._getframe().f_code
    before = sys.getprofile()
    try:
        with progress_bar("big", wanted=True) as bar:
            assert bar
            sys.setprofile(pass_by)
            bar(2**30 - 1, 2**30)
            assert screen.line
            bar(2**30, 2**30)
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(before)
    return False


def test_interrupt_at_any_point_leaves_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the bar is drawn, drawn again or wiped away leaves an empty line."""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_INTERVAL", 0.0)
    points = 1
    while True:
        screen = Screen()
        monkeypatch.setattr(sys, "stderr", screen)
        interrupted = interrupted_transfer(screen, points)
        assert "".join(screen.line).strip() == "", points
        if not interrupted:
            break
        points += 1
    assert points > 100


def test_interrupted_transfer_leaves_no_bar_and_no_file(slow: Files, client: Client) -> None:
    """Ctrl-C wipes the bar away, and the status is 130."""
    client.files.upload("big", bytes(4 * MIB))
    with terminal(*slow.line("get", "big"), cwd=slow.folder) as shown:
        shown.expect(BAR)
        shown.type("\x03")
        assert shown.wait() == 130
        assert re.search(r"\r +\r$", shown.text)
    assert slow.here() == {}


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (MIB - 1, "1.0 MiB"),
        (5 * MIB, "5.0 MiB"),
        (2**40, "1.0 TiB"),
    ],
)
def test_sizes_are_readable(count: int, text: str) -> None:
    """Sizes are given in powers of 1024, with one digit."""
    assert size(count) == text

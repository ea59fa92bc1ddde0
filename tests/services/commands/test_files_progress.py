import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from typing_extensions import Self

from tests.services.commands.command_files import MIB, READER, Files
from tests.services.commands.pseudo_terminal import Terminal, terminal
from tests.support import SECRET_KEY
from xai import Client
from xai.commands.output import size
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


#: A name, a bar, and how far it is; whatever colors are in between.
BAR: Final = r"big .*?(?:\s|\x1b\[\d+m)(\d+)%.*/4\.0 .*MiB"
#: A terminal that can move its cursor; what wipes a line there, and shows the cursor again.
XTERM: Final = {"TERM": "xterm"}
WIPED: Final = r"\x1b\[2K.*\x1b\[\?25h|\x1b\[\?25h.*\x1b\[2K"


def percentage(shown: Terminal) -> int:
    """Wait for the next picture of the bar, and return how far it says to be."""
    found = re.search(BAR, shown.expect(BAR))
    assert found
    return int(found[1])


def test_bar_of_a_download_moves(slow: Files, link: SlowLink, client: Client) -> None:
    """On a terminal it follows the bytes that arrive, and is gone at the end."""
    content = bytes(4 * MIB)
    client.files.upload("big", content)
    with terminal(*slow.line("get", "big"), cwd=slow.folder, env=XTERM) as shown:
        first = percentage(shown)
        while (later := percentage(shown)) == first:
            pass
        assert 0 <= first < later < 100
        link.free.set()
        assert re.search(rf"(?s)({WIPED}).*Wrote big \(4\.0 MiB\)\n$", shown.rest())
        assert shown.wait() == 0
    assert slow.here() == {"big": content}


def test_bar_of_an_upload_is_shown(slow: Files, link: SlowLink, client: Client) -> None:
    """It counts what the connection has taken, which the server's window lets be nearly all."""
    content = bytes(4 * MIB)
    (slow.folder / "big").write_bytes(content)
    with terminal(*slow.line("put", "big"), cwd=slow.folder, env=XTERM) as shown:
        assert 0 <= percentage(shown) <= 100
        link.free.set()
        assert re.search(rf"(?s)({WIPED}).*Stored big \(4\.0 MiB, .+\)\n$", shown.rest())
        assert shown.wait() == 0
    assert client.files.download("big") == content


def test_bar_is_not_shown_when_not_wanted(slow: Files, link: SlowLink, client: Client) -> None:
    """With --no-progress, and where stderr is no terminal, there is no bar."""
    client.files.upload("big", bytes(4 * MIB))
    # It takes two seconds, at which a bar would be shown.
    link.size = 2**16
    with terminal(*slow.line("get", "big", "--no-progress"), cwd=slow.folder, env=XTERM) as shown:
        assert shown.rest() == "Wrote big (4.0 MiB)\n"
        assert shown.wait() == 0
    assert slow("get", "big", "other") == (0, "Wrote other (4.0 MiB)\n", "")


def test_interrupted_transfer_leaves_no_bar_and_no_file(slow: Files, client: Client) -> None:
    """Ctrl-C wipes the bar away, and the status is 130."""
    client.files.upload("big", bytes(4 * MIB))
    with terminal(*slow.line("get", "big"), cwd=slow.folder, env=XTERM) as shown:
        shown.expect(BAR)
        shown.type("\x03")
        assert shown.wait() == 130
        assert re.search(rf"(?s)({WIPED})[^%]*$", shown.text)
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

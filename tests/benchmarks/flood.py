"""A server that floods whoever connects: ``python -m tests.benchmarks.flood`` prints its port.

Each connection gets control frames of one kind, as fast as it takes them, until the client closes
it. It ends when its standard input does.
"""

import contextlib
import itertools
import socket
import sys
import threading

from hyperframe.frame import Frame, PingFrame, PriorityFrame, RstStreamFrame, SettingsFrame

_TABLE = SettingsFrame.HEADER_TABLE_SIZE
_KINDS: tuple[tuple[Frame, ...], ...] = (
    (PingFrame(0, opaque_data=bytes(8)),),
    (SettingsFrame(0, settings={_TABLE: 0}), SettingsFrame(0, settings={_TABLE: 4096})),
    (PriorityFrame(1, depends_on=0, stream_weight=1),),
    (RstStreamFrame(1, error_code=8),),
)
#: The bytes of a preface with the beginning of a request.
_REQUEST = 200
#: About so many bytes are written at once.
_PIECE = 16 * 1024


def _flood(client: socket.socket, frames: tuple[Frame, ...]) -> None:
    data = b"".join(frame.serialize() for frame in frames)
    data *= _PIECE // len(data)
    with client, contextlib.suppress(OSError):
        client.sendall(SettingsFrame(0).serialize())
        # The preface and a request: to reset a stream that was not opened is another fault.
        received = 0
        while received < _REQUEST:
            received += len(client.recv(65536)) or _REQUEST
        drain = threading.Thread(target=_drain, args=(client,), daemon=True)
        drain.start()
        while True:
            client.sendall(data)


def _drain(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while client.recv(65536):
            pass


def main() -> None:
    """Listen until the standard input ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
        sys.stdin.read()


def _accept(listener: socket.socket) -> None:
    for frames in itertools.cycle(_KINDS):
        client, _ = listener.accept()
        threading.Thread(target=_flood, args=(client, frames), daemon=True).start()


if __name__ == "__main__":
    main()

"""The local server as a program."""

import signal
import threading
from collections.abc import Callable, Collection, Mapping
from types import FrameType

from xai.testing.control.accounts import ALL_ACLS
from xai.testing.server import LocalServer

# A wait without a limit can't be interrupted on Windows.
_LOOK_INTERVAL = 1.0


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    keys: Mapping[str, Collection[str]] | Collection[str] | None = None,
    on_ready: Callable[[LocalServer], object] | None = None,
    management_keys: Collection[str] | None = None,
) -> None:
    """Run a local server until the process is told to end by SIGINT or SIGTERM.

    Args:
        host: The address to listen on.
        port: The port; 0 lets the kernel choose.
        keys: The API keys; as a mapping with their ACLs, else each may do everything.
        on_ready: Called with the server as soon as clients can connect.
        management_keys: The keys of the management API; one of its own when None.

    Raises:
        RuntimeError: Not called in the main thread, or the server broke down.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(
            "serve() handles signals: call it in the main thread, or use LocalServer."
        )
    if keys is not None and not isinstance(keys, Mapping):
        keys = {key: [ALL_ACLS] for key in ([keys] if isinstance(keys, str) else keys)}
    if isinstance(management_keys, str):
        management_keys = [management_keys]
    # A bare lock: an event takes one of its own in `wait` and in `set`, and a signal that comes
    # while the wait has it would find it taken for ever.
    told = threading.Lock()
    told.acquire()

    def tell(_signum: int, _frame: FrameType | None) -> None:
        if told.locked():
            told.release()

    previous = {number: signal.signal(number, tell) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with LocalServer(
            api_keys=keys, management_api_keys=management_keys, host=host, port=port
        ) as server:
            if on_ready is not None:
                on_ready(server)
            while not told.acquire(timeout=_LOOK_INTERVAL):
                if not server.running:
                    raise RuntimeError("The local server broke down.")
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)

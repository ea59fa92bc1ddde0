"""How many of the package's files a call goes through on its way down."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

import xai
from xai.testing import LocalServer

PACKAGE = Path(xai.__file__).parent


def files(frame: FrameType | None) -> set[str]:
    """Return which files of the package are on a stack."""
    found = set()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            found.add(path.relative_to(PACKAGE).as_posix())
        frame = frame.f_back
    return {name for name in found if not name.startswith("testing/")}


class Tracer:
    """Notes the stacks of a call where it is handed to the loop, and where it is written."""

    def __init__(self) -> None:
        self.handed: set[str] = set()
        self.written: set[str] = set()
        # A number: to ask for the thread of an event loop at its end leaves a noisy stand-in.
        self._caller = threading.get_ident()

    def __call__(self, frame: FrameType, event: str, what: object) -> None:
        """Look at what is called."""
        if threading.get_ident() == self._caller:
            if event == "call" and frame.f_code.co_name == "call_soon_threadsafe":
                self.handed = self.handed or files(frame)
        elif event == "c_call" and getattr(what, "__name__", "") == "send" and self.handed:
            found = files(frame)
            if "runtime/http2/connection.py" in found:
                self.written = self.written or found


@pytest.fixture
def _profiling() -> Iterator[None]:
    """Leave no profiler behind."""
    yield
    sys.setprofile(None)
    threading.setprofile(None)


@pytest.mark.usefixtures("_profiling")
def test_blocking_sample_goes_through_eight_files_at_most() -> None:
    """From `chat.sample` down to the socket: few enough to read when something is wrong."""
    tracer = Tracer()
    with LocalServer() as server:
        # The thread of the client begins with the first call.
        threading.setprofile(tracer)
        with server.client() as client:
            chat = client.v1.chat.create("grok-local", messages=[xai.v1.user("Hi")], max_tokens=1)
            chat.sample()
            tracer.handed, tracer.written = set(), set()
            sys.setprofile(tracer)
            chat.sample()
            sys.setprofile(None)
    assert "sync/v1/chat/chat.py" in tracer.handed
    path = tracer.handed | tracer.written
    assert len(path) <= 8, sorted(path)

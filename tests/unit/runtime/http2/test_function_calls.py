"""How many functions a frame of no use runs through: what a flood costs others of the same loop."""

import gc
import sys
import time
from collections.abc import Iterator

import pytest
from hyperframe.frame import (
    DataFrame,
    Frame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from tests.unit.runtime.http2.client_side import PATH, Side, make_side
from xai.runtime.http2.events import USELESS_PER_TURN
from xai.runtime.http2.frames import FRAME_BYTES, HEAD_BYTES

#: The frames of a flood on a connection whose first stream has ended and whose second goes on, and
#: how many functions written in Python each of them runs through at most.
FLOODS: dict[str, tuple[Frame, int]] = {
    "PING": (PingFrame(0, opaque_data=bytes(8)), 3),
    "PING answer": (PingFrame(0, opaque_data=bytes(8), flags=["ACK"]), 2),
    "SETTINGS": (SettingsFrame(0), 5),
    "SETTINGS with a window": (SettingsFrame(0, settings={4: 65535}), 7),
    "PRIORITY": (PriorityFrame(1, depends_on=0, stream_weight=1), 2),
    "RST_STREAM of a closed stream": (RstStreamFrame(1, error_code=8), 3),
    "WINDOW_UPDATE": (WindowUpdateFrame(0, window_increment=1), 2),
    "empty DATA": (DataFrame(3), 11),
    "DATA of a closed stream": (DataFrame(1, b"x"), 9),
}


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """Keep the collector, whose hooks are functions too, from running meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def one_of_two_calls() -> Side:
    """Return a side with a call that has ended and one that goes on."""
    side = make_side()
    for stream in (1, 3):
        side.feed(HeadersFrame(stream, b"\x88", flags=["END_HEADERS"]).serialize())
    side.feed(RstStreamFrame(1, error_code=8).serialize())
    return side


def called(frame: Frame, count: int) -> int:
    """Return how many functions are called when so many frames are read in one turn."""
    side = one_of_two_calls()
    data, now, calls = frame.serialize() * count, time.monotonic(), 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    earlier = sys.getprofile()
    sys.setprofile(note)
    try:
        side.reader.feed(data, now)
    finally:
        sys.setprofile(earlier)
    return calls


@pytest.mark.parametrize("name", FLOODS)
def test_a_frame_of_no_use_runs_through_few_functions(name: str) -> None:
    """No more than these, apart from what reading anything takes."""
    frame, most = FLOODS[name]
    few, many = USELESS_PER_TURN // 4, USELESS_PER_TURN // 2
    assert (called(frame, many) - called(frame, few)) / (many - few) <= most


@pytest.mark.parametrize("name", FLOODS)
def test_a_turn_ends_after_some_frames_of_no_use(name: str) -> None:
    """However many there are, a turn takes a limited number, and the next one waits a little."""
    frame, most = FLOODS[name]
    assert called(frame, 100 * USELESS_PER_TURN) <= (most + 1) * USELESS_PER_TURN
    side = one_of_two_calls()
    assert side.reader.feed(frame.serialize() * 2 * USELESS_PER_TURN, time.monotonic())
    assert side.reader.useless


def test_a_body_runs_through_few_functions() -> None:
    """A megabyte of a request costs a few calls for each frame of it, and arrives whole."""
    side = make_side()
    listener = side.listeners[0]
    stream_id = side.connection.open_stream(listener, PATH, b"")
    assert stream_id is not None
    for stream in (0, stream_id):
        side.feed(WindowUpdateFrame(stream, window_increment=2**22).serialize())
    side.connection.flush()
    side.pipe.written.clear()
    body, calls = bytes(range(256)) * 4096, 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    earlier = sys.getprofile()
    sys.setprofile(note)
    try:
        assert side.connection.send_body(stream_id, body, unfinished=True) == len(body)
    finally:
        sys.setprofile(earlier)
    assert calls <= 3 * len(body) // FRAME_BYTES
    frames = bytes(side.pipe.written)
    step = FRAME_BYTES + HEAD_BYTES
    parts = [frames[at + HEAD_BYTES : at + step] for at in range(0, len(frames), step)]
    assert b"".join(parts) == body

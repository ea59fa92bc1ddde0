"""A limit on HTTP/2 frames that bring no call forward, against floods of them."""

from typing import Final

from h2.exceptions import DenialOfServiceError
from hyperframe.frame import DataFrame, Frame, HeadersFrame, SettingsFrame

from xai._clock import monotonic

_CAPACITY: Final = 10_000
_REFILL_PER_SECOND: Final = 100
#: How many frames one step of a call makes up for: a message in either direction, or its end.
_REFILL_PER_STEP: Final = 100
#: DATA frames with less than this in them count as empty ones.
_TINY: Final = 16
#: A SETTINGS frame is work for every open stream.
_STREAMS_PER_UNIT: Final = 8


class ControlFrameBudget:
    """Allows so many control frames and empty ones, and more while calls make progress.

    PING, SETTINGS, RST_STREAM, PRIORITY and WINDOW_UPDATE cost a client next to nothing and the
    server an answer or a search. One client that sends nothing else (CVE-2019-9512 and those with
    it, CVE-2023-44487) would take the loop of the server away from all others.
    """

    def __init__(self) -> None:
        self._left = float(_CAPACITY)
        self._refilled = monotonic()

    def spend(self, frame: Frame, open_streams: int) -> None:
        """Take a frame into account.

        Args:
            frame: What the client sent.
            open_streams: How many streams the connection knows.

        Raises:
            DenialOfServiceError: There were too many; h2 makes a GOAWAY frame with
                ENHANCE_YOUR_CALM of it.
        """
        if isinstance(frame, DataFrame):
            if len(frame.data) >= _TINY or "END_STREAM" in frame.flags:
                return
            cost = 1.0
        else:
            # A request is more work than others, and its stream is looked for among the open ones.
            cost = 2.0 if isinstance(frame, HeadersFrame) else 1.0
            if isinstance(frame, SettingsFrame):
                cost += open_streams / _STREAMS_PER_UNIT
        self._left -= cost
        if self._left < 0:
            now = monotonic()
            self._add((now - self._refilled) * _REFILL_PER_SECOND)
            self._refilled = now
        if self._left < 0:
            raise DenialOfServiceError(f"too many control frames, last {type(frame).__name__}")

    def progress(self) -> None:
        """Note that a call has got on."""
        self._add(_REFILL_PER_STEP)

    def _add(self, amount: float) -> None:
        self._left = min(self._left + amount, _CAPACITY)

"""The budget of control frames: how many a server may send while nothing gets done.

PING, SETTINGS, PRIORITY, RST_STREAM, unknown and empty frames cost the server next to nothing and
cost this side a little each; a server that sends nothing else is flooding (CVE-2019-9512 and those
found with it, CVE-2023-44487, CVE-2024-27316). Other HTTP/2 stacks end such a connection after
1,000 to 10,000 frames, and so does this one.
"""

from typing import Final

#: Frames that may come in a row without any progress.
CONTROL_FRAMES: Final = 5000
#: Frames that are forgiven each second: a quiet connection is kept alive by some PINGs for days.
_FORGIVEN: Final = 20.0
#: Frames that each new stream allows: acknowledgements, window updates, a PING that measures.
STREAM_FRAMES: Final = 16


class ControlBudget:
    """The control frames that one connection may still receive.

    Each frame without use takes one; each byte of a body, sent or received, gives one back, and
    each stream that is opened gives `STREAM_FRAMES`. The balance is changed directly and looked at
    once a read, so that the order of frames within a read is of no consequence.

    Args:
        now: The monotonic clock, in seconds.
    """

    __slots__ = ("_checked", "left")

    def __init__(self, now: float) -> None:
        self.left: float = CONTROL_FRAMES
        self._checked = now

    def exhausted(self, now: float) -> bool:
        """Return whether the server has sent more than it may.

        Args:
            now: The monotonic clock, in seconds.
        """
        forgiven = (now - self._checked) * _FORGIVEN
        self._checked = now
        self.left = min(CONTROL_FRAMES, self.left + forgiven)
        return self.left < 0.0

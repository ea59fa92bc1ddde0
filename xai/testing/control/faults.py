"""The faults that a local server can be scripted with, and which call meets which.

A fault waits for a call that it fits, acts on it, and is used up after as many calls as it was made
for. ``after_messages=None`` acts on the call before it is served; a number acts once so many
messages went out (0: the response headers alone).
"""

import threading
from collections.abc import Sequence
from typing import SupportsBytes

import attrs

from xai.testing.control.calls import same_method

Trailers = Sequence[tuple[str, str | bytes]]


@attrs.define(eq=False, kw_only=True)
class Fault:
    """What all faults have in common.

    Attributes:
        method: The path or name of the method it is for; None is for all.
        left: For how many more calls; None for all that come.
        after_messages: After how many messages it acts; None is before the call is served.
    """

    method: str | None = None
    left: int | None = 1
    after_messages: int | None = None


@attrs.define(eq=False, kw_only=True)
class Fail(Fault):
    """End the call with a status."""

    code: int
    message: str = ""
    trailers: Trailers = ()


@attrs.define(eq=False, kw_only=True)
class Delay(Fault):
    """Wait before the call is served."""

    seconds: float


@attrs.define(eq=False, kw_only=True)
class DropConnection(Fault):
    """Close the connection without a frame."""


@attrs.define(eq=False, kw_only=True)
class GoAway(Fault):
    """Send GOAWAY; finish the open calls and serve no more.

    Attributes:
        processed: Whether the call that triggers it is the last one to be served, or the first
            one that is not.
        error_code: The HTTP/2 error code in the frame.
    """

    processed: bool = True
    error_code: int = 0


@attrs.define(eq=False, kw_only=True)
class Refuse(Fault):
    """Refuse the stream: the client may be sure that nothing was done."""


@attrs.define(eq=False, kw_only=True)
class Reset(Fault):
    """Reset the stream with an HTTP/2 error code."""

    error_code: int


@attrs.define(eq=False, kw_only=True)
class Garbage(Fault):
    """Respond with something that is not a gRPC message.

    Attributes:
        kind: ``protobuf`` a message that can't be parsed, ``cut`` one that ends too early,
            ``http`` an error page, ``frame`` bytes that are no HTTP/2.
    """

    kind: str


@attrs.define(eq=False, kw_only=True)
class Stall(Fault):
    """Send nothing until released."""


@attrs.define(eq=False, kw_only=True)
class Reply(Fault):
    """Respond with scripted messages instead of those of the service."""

    messages: "list[SupportsBytes | bytes]"
    trailers: Trailers = ()


class FaultPlan:
    """The faults that still wait for a call; safe to change from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Append a fault."""
        if fault.left is not None and fault.left < 1:
            raise ValueError(f"times must be 1 or more, or None for every call, got {fault.left}.")
        if fault.after_messages is not None and fault.after_messages < 0:
            raise ValueError(f"after_messages must be 0 or more, got {fault.after_messages}.")
        with self._lock:
            self._faults.append(fault)

    def take(self, path: str, *, by_name: bool = False) -> list[Fault]:
        """Use up what fits a call: the first delay and the first fault of another kind.

        Args:
            path: The method of the call.
            by_name: Leave faults that are for any method to other calls.
        """
        taken: list[Fault] = []
        with self._lock:
            for is_delay in (True, False):
                for fault in self._faults:
                    if by_name and fault.method is None:
                        continue
                    if isinstance(fault, Delay) is is_delay and same_method(fault.method, path):
                        taken.append(fault)
                        break
            for fault in taken:
                if fault.left is not None:
                    fault.left -= 1
                    if not fault.left:
                        self._faults.remove(fault)
        return taken

    def unused(self) -> list[str]:
        """Describe the faults that were meant for a certain number of calls that never came."""
        with self._lock:
            return [repr(fault) for fault in self._faults if fault.left is not None]

    def clear(self) -> None:
        """Drop all faults."""
        with self._lock:
            self._faults.clear()

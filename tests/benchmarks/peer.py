"""What a peer offers to be measured with, blocking or on an event loop."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.payloads import FILE_BYTES, NUMBERS, TEXTS, V1_REQUESTS, V1_TEXTS

#: The prompt that every peer sends.
PROMPT = "In the beginning"
#: What every peer embeds.
INPUTS = [f"text {number}" for number in range(TEXTS)]
#: How many numbers come back for it.
EMBEDDED = TEXTS * NUMBERS
#: The same of v1, where more than a request takes goes into several.
V1_INPUTS = [f"text {number}" for number in range(V1_REQUESTS * V1_TEXTS)]
V1_EMBEDDED = len(V1_INPUTS) * NUMBERS
#: The model that every peer names.
MODEL = "grok-4"
#: Seconds that a hostile reply may take, and how large it may be, in bytes.
HOSTILE_TIMEOUT = 2.0
HOSTILE_BYTES = 64 * 2**20
#: The key of every peer. It opens nothing.
KEY = "benchmark"


#: What every peer calls the file that is there and the one that it asks for.
FILE_ID = "file-000000000000000000000001"


@contextlib.contextmanager
def files() -> Iterator[tuple[str, str]]:
    """Give the path of a file to upload, and one to download to."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        with source.open("wb") as file:
            # Without blocks on the disk: what is measured is not the disk.
            file.truncate(FILE_BYTES)
        yield str(source), str(Path(folder) / "target")


@dataclass(frozen=True)
class Call:
    """A unary call.

    Args:
        payload: What the server has to answer it with.
        run: Makes the call and returns how many things came back.
        expected: How many these have to be.
        messages: How many messages the reply has; 0 for a unary one.
    """

    payload: str
    run: Callable[[], int]
    expected: int
    messages: int = 0


@dataclass(frozen=True)
class Flow:
    """A stream.

    Args:
        payload: What the server has to stream, without its size.
        open: Starts the stream.
        text: Returns the text of a message, as a program that shows it would.
    """

    payload: str
    open: Callable[[], Iterator[Any]]
    text: Callable[[Any], str]


@dataclass(frozen=True)
class AsyncCall:
    """As `Call`, on an event loop."""

    payload: str
    run: Callable[[], Awaitable[int]]
    expected: int


@dataclass(frozen=True)
class AsyncFlow:
    """As `Flow`, on an event loop."""

    payload: str
    open: Callable[[], AsyncIterator[Any]]
    text: Callable[[Any], str]


@dataclass(frozen=True)
class Peer:
    """A connected client whose calls block.

    Args:
        calls: Its unary calls, by kind: ``unary``, ``chat``, ``embed``; and what is done with
            files: ``upload``, ``download``, ``list``.
        flows: Its streams, by kind: ``stream``, ``chat``.
        close: Ends it.
        hostile: Asks for a list of models within `HOSTILE_TIMEOUT`, and returns whether it got one.
    """

    calls: dict[str, Call]
    flows: dict[str, Flow]
    close: Callable[[], object]
    hostile: Callable[[], bool] | None = None


@dataclass(frozen=True)
class AsyncPeer:
    """A connected client on an event loop; see `Peer`."""

    calls: dict[str, AsyncCall]
    close: Callable[[], Awaitable[object]]
    flows: dict[str, AsyncFlow] = field(default_factory=dict)

"""What a peer offers to be measured with, blocking or on an event loop."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.payloads import NUMBERS, TEXTS, V1_REQUESTS, V1_TEXTS

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


@dataclass(frozen=True)
class Call:
    """A unary call.

    Args:
        payload: What the server has to answer it with.
        run: Makes the call and returns how many things came back.
        expected: How many these have to be.
    """

    payload: str
    run: Callable[[], int]
    expected: int


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
        calls: Its unary calls, by kind: ``unary``, ``chat``, ``embed``.
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

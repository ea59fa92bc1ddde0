"""What a caller sees of each fault, in both twins, is what the table in FAULTS.md says."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import attrs
import pytest

import xai
from tests.reliability import fault_matrix
from tests.reliability.fault_matrix import ATTEMPTS, ROWS, Bound, Kind, Row, Seen
from tests.reliability.fault_scenarios import (
    CONVERSATION,
    FILE,
    MAX_BYTES,
    MODELS,
    TOKENS,
    Scenario,
)
from tests.support import SECRET_KEY
from xai import options as xai_options
from xai.proto.prompt_ide.chat import CreateConversationRequest
from xai.proto.xai_api.files import UploadFileChunk
from xai.runtime.http2 import channel

#: Limits that must not matter, in seconds: longer than a test may take.
_FAR: Final = 60.0
#: The limit of a cell that names one, in seconds; each further one is for a machine so busy that
#: the call did not meet the fault, or have its retry, within the one before.
_NEAR: Final = (0.3, 1.5, 7.5)
#: A bound against hangs, in seconds; far from both of the above.
_SOON: Final = 50.0

CELLS: Final = [
    pytest.param(row, kind, id=f"{row.fault} - {kind.value}") for row in ROWS for kind in row.cells
]


@attrs.define
class Outcome:
    """How a call ended.

    Attributes:
        answer: What it brought; of a stream that failed, the tokens before that.
        error: How it failed.
        retries: How many retries the hook was told of.
        seconds: How long it took.
    """

    answer: object = None
    error: xai.APIError | None = None
    retries: list[xai.RetryEvent] = attrs.field(factory=list)
    seconds: float = 0.0


def client_options(scenario: Scenario, seen: Seen, outcome: Outcome, near: float) -> dict[str, Any]:
    """Return the options of a client whose only near limit is the one that a cell names."""
    limits = {
        name: near if seen.bound is bound else _FAR
        for name, bound in (
            ("total", Bound.DEADLINE),
            ("idle", Bound.IDLE),
            ("connect", Bound.CONNECT),
        )
    }
    keepalive = None
    if seen.bound is Bound.KEEPALIVE:
        keepalive = xai.Keepalive(interval=near / 4, timeout=near / 2)
    return {
        "timeout": xai.Timeouts(**limits),
        "keepalive": keepalive,
        "proxy": None,
        "max_message_bytes": MAX_BYTES,
        "retry": xai.RetryPolicy(
            max_attempts=ATTEMPTS, initial_backoff=0.0, on_retry=outcome.retries.append
        ),
        **scenario.options,
    }


class Chunks:
    """The requests of an upload, anew for each attempt: more than a server lets a client send."""

    _size = MAX_BYTES // 2
    _count = 2 * 2**16 // _size

    def __iter__(self) -> Iterator[UploadFileChunk]:
        """Yield them."""
        return iter([UploadFileChunk(data=bytes(self._size))] * self._count)

    async def __aiter__(self) -> AsyncIterator[UploadFileChunk]:
        """Yield them."""
        for chunk in self:
            yield chunk


def by_blocking(kind: Kind, scenario: Scenario, seen: Seen, near: float) -> Outcome:
    """Make a call with the blocking client."""
    outcome = Outcome()
    options = client_options(scenario, seen, outcome, near)
    with xai.Client(SECRET_KEY, **options) as client:
        if scenario.warm:
            assert client.with_options(timeout=_FAR).sampler.list_models() == MODELS
            assert scenario.ready.wait(_SOON)
        began = time.monotonic()
        try:
            if kind is Kind.IDEMPOTENT:
                outcome.answer = client.sampler.list_models()
            elif kind is Kind.OTHER:
                made = client.stubs.chat.create_conversation(CreateConversationRequest())
                outcome.answer = made.conversation_id
            elif kind is Kind.UPLOAD:
                outcome.answer = client.stubs.v1.files.upload_file(Chunks()).id
            else:
                outcome.answer = tokens = list[str]()
                for token in client.sampler.sample("text", rng_seed=1):
                    tokens.append(token.token_str)
                    scenario.delivered.set()
        except xai.APIError as error:
            outcome.error = error
        outcome.seconds = time.monotonic() - began
    return outcome


def by_asynchronous(kind: Kind, scenario: Scenario, seen: Seen, near: float) -> Outcome:
    """Make a call with the asynchronous client."""
    outcome = Outcome()

    async def call() -> None:
        options = client_options(scenario, seen, outcome, near)
        async with xai.AsyncClient(SECRET_KEY, **options) as client:
            if scenario.warm:
                assert await client.with_options(timeout=_FAR).sampler.list_models() == MODELS
                assert await asyncio.to_thread(scenario.ready.wait, _SOON)
            began = time.monotonic()
            try:
                if kind is Kind.IDEMPOTENT:
                    outcome.answer = await client.sampler.list_models()
                elif kind is Kind.OTHER:
                    made = await client.stubs.chat.create_conversation(CreateConversationRequest())
                    outcome.answer = made.conversation_id
                elif kind is Kind.UPLOAD:
                    outcome.answer = (await client.stubs.v1.files.upload_file(Chunks())).id
                else:
                    outcome.answer = tokens = list[str]()
                    async for token in client.sampler.sample("text", rng_seed=1):
                        tokens.append(token.token_str)
                        scenario.delivered.set()
            except xai.APIError as error:
                outcome.error = error
            outcome.seconds = time.monotonic() - began

    asyncio.run(call())
    return outcome


ANSWERS: Final[dict[Kind, object]] = {
    Kind.IDEMPOTENT: MODELS,
    Kind.OTHER: CONVERSATION,
    Kind.BEFORE: TOKENS,
    Kind.AFTER: TOKENS,
    Kind.UPLOAD: FILE,
}
#: What a call that failed has brought.
PIECES: Final[dict[Kind, object]] = {Kind.BEFORE: [], Kind.AFTER: TOKENS[:1]}

Twin = Callable[[Kind, Scenario, Seen, float], Outcome]


def check(kind: Kind, seen: Seen, outcome: Outcome) -> None:
    """Assert that a call ended as a cell says."""
    error = outcome.error
    assert type(error) is (seen.error or type(None)), repr(error)
    assert len(outcome.retries) + 1 == seen.attempts
    assert outcome.seconds < _SOON
    if error is None:
        assert outcome.answer == ANSWERS[kind]
    else:
        assert (error.code, error.attempts) == (seen.code, seen.attempts)
        assert outcome.answer == PIECES.get(kind)


@pytest.mark.parametrize("twin", [by_blocking, by_asynchronous], ids=["blocking", "asynchronous"])
@pytest.mark.parametrize(("row", "kind"), CELLS)
def test_cell(row: Row, kind: Kind, twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller sees of the fault what the table says, and in time, whichever client is used."""
    monkeypatch.setattr(xai_options, "_SHORTEST_INTERVAL", 0.0)
    monkeypatch.setattr(channel, "_BACKOFF_LIMIT", 0.0)
    seen = row.cells[kind]
    for near in _NEAR:
        with monkeypatch.context() as patch, row.make(patch, kind is Kind.AFTER) as scenario:
            outcome = twin(kind, scenario, seen, near)
        last = seen.bound is Bound.NONE or near == _NEAR[-1]
        with contextlib.nullcontext() if last else contextlib.suppress(AssertionError):
            check(kind, seen, outcome)
            return


def test_rows_have_names_of_their_own() -> None:
    """No fault stands in the table twice."""
    assert len({row.fault for row in ROWS}) == len(ROWS)


def test_page_has_the_table() -> None:
    """The page's table is the one that these tests are made from."""
    text = fault_matrix.PAGE.read_text("utf-8")
    assert fault_matrix.written(text) == text, (
        "run python -m tests.reliability.fault_matrix --write"
    )

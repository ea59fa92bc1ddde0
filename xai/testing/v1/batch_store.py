"""Batches of the local server: their requests, what came of them, and what they cost."""

import uuid
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

import attrs
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.base import which_one_of
from xai.proto.google.rpc import Status as StatusMessage
from xai.proto.xai_api.batch import (
    Batch,
    BatchCostBreakdown,
    BatchRequest,
    BatchRequestMetadata,
    BatchRequestMetadataState,
    BatchResult,
    BatchResultData,
    BatchState,
    EndpointCost,
)
from xai.testing.control.accounts import Account
from xai.testing.engine.bounded import AccountStore
from xai.testing.v1.chat_request import require

#: How long a batch is kept.
LIFETIME: Final = timedelta(days=30)
#: The endpoint of each kind of request.
ENDPOINTS: Final = {
    "completion_request": "/v1/chat/completions",
    "image_request": "/v1/images/generations",
    "video_request": "/v1/videos/generations",
    "video_extension_request": "/v1/videos/extensions",
}
_MOST_BATCHES, _MOST_REQUESTS = 1_000, 50_000

State = BatchRequestMetadataState


def now() -> datetime:
    """Return the time."""
    return datetime.now(timezone.utc)


@attrs.define(eq=False)
class Entry:
    """A request of a batch, and what came of it."""

    request: BatchRequest
    state: State = State.STATE_PENDING
    created: datetime = attrs.field(factory=now)
    finished: datetime | None = None
    result: BatchResult | None = None
    cost: int = 0

    @property
    def name(self) -> str:
        """The ID of the request."""
        return self.request.batch_request_id or ""

    def finish(self, state: State, result: BatchResult | None, cost: int = 0) -> None:
        """Note what came of the request."""
        self.state, self.result, self.cost = state, result, cost
        self.finished = now()

    def succeed(self, data: BatchResultData, cost: int) -> None:
        """Note the response."""
        result = BatchResult(batch_request_id=self.name, response=data)
        self.finish(State.STATE_SUCCEEDED, result, cost)

    def fail(self, code: int, text: str) -> None:
        """Note an error."""
        error = StatusMessage(code=code, message=text)
        self.finish(State.STATE_FAILED, BatchResult(batch_request_id=self.name, error=error))

    def metadata(self) -> BatchRequestMetadata:
        """Describe the request."""
        kind, request = which_one_of(self.request, "request")
        found = BatchRequestMetadata(
            batch_request_id=self.name,
            endpoint=ENDPOINTS[kind],
            model=request.model,
            state=self.state,
            create_time=self.created,
        )
        if self.finished is not None:
            found.finish_time = self.finished
        return found


@attrs.define(eq=False)
class StoredBatch:
    """A batch.

    Attributes:
        name: Its name.
        key_id: The key it was created with.
        input_file_id: The file it was filled from, if it was.
        entries: Its requests by ID, in order.
    """

    name: str
    key_id: str
    input_file_id: str | None = None
    batch_id: str = attrs.field(factory=lambda: f"batch_{uuid.uuid4()}")
    created: datetime = attrs.field(factory=now)
    cancelled: datetime | None = None
    entries: dict[str, Entry] = attrs.field(factory=dict)
    _waiting: deque[Entry] = attrs.field(factory=deque, init=False)

    def add(self, requests: Sequence[BatchRequest], field: str = "batch_requests") -> None:
        """Add requests: all of them, or none.

        Raises:
            GRPCError: One is empty, or has the ID of another, or there are too many.
        """
        count = len(self.entries) + len(requests)
        require(count <= _MOST_REQUESTS, f"a batch has at most {_MOST_REQUESTS} requests.")
        new: dict[str, Entry] = {}
        for index, request in enumerate(requests):
            where = f"{field}[{index}]"
            require(which_one_of(request, "request")[0] != "", f"{where} is empty.")
            # The client of xai_sdk sends an empty ID where it was given none.
            name = request.batch_request_id or f"req_{uuid.uuid4()}"
            known = name in new or name in self.entries
            require(not known, f"{where}.batch_request_id is that of another request: {name!r}.")
            new[name] = Entry(request)
        for name, entry in new.items():
            entry.request.batch_request_id = name
        self.entries |= new
        self._waiting += new.values()

    def pending(self) -> Entry | None:
        """Return the first request that is still to be processed."""
        while self._waiting and self._waiting[0].state != State.STATE_PENDING:
            self._waiting.popleft()
        return self._waiting[0] if self._waiting else None

    def cancel(self) -> None:
        """Cancel what is pending; a second time nothing is left to do."""
        if self.cancelled is None:
            self.cancelled = now()
        for entry in self.entries.values():
            if entry.state == State.STATE_PENDING:
                entry.finish(State.STATE_CANCELLED, None)

    def entry(self, name: str) -> Entry:
        """Return a request.

        Raises:
            GRPCError: There is none with this ID.
        """
        if name not in self.entries:
            text = f"The batch {self.batch_id!r} has no request {name!r}."
            raise GRPCError(Status.NOT_FOUND, text)
        return self.entries[name]

    def message(self) -> Batch:
        """Describe the batch."""
        states = [entry.state for entry in self.entries.values()]
        found = Batch(
            batch_id=self.batch_id,
            name=self.name,
            create_time=self.created,
            expire_time=self.created + LIFETIME,
            create_api_key_id=self.key_id,
            state=BatchState(
                num_requests=len(states),
                num_pending=states.count(State.STATE_PENDING),
                num_success=states.count(State.STATE_SUCCEEDED),
                num_error=states.count(State.STATE_FAILED),
                num_cancelled=states.count(State.STATE_CANCELLED),
            ),
            cost_breakdown=self._costs(),
            input_file_id=self.input_file_id,
        )
        if self.cancelled is not None:
            found.cancel_time = self.cancelled
        return found

    def _costs(self) -> BatchCostBreakdown:
        parts: dict[str, EndpointCost] = {}
        for entry in self.entries.values():
            if entry.state != State.STATE_SUCCEEDED:
                continue
            endpoint = ENDPOINTS[which_one_of(entry.request, "request")[0]]
            part = parts.setdefault(endpoint, EndpointCost(endpoint=endpoint))
            part.cost_usd_ticks += entry.cost
            part.request_count += 1
        return BatchCostBreakdown(
            total_cost_usd_ticks=sum(part.cost_usd_ticks for part in parts.values()),
            endpoint_costs=list(parts.values()),
            calculation_time=now(),
        )


class BatchStore:
    """The batches of all keys, each until it expires."""

    def __init__(self) -> None:
        self._batches: AccountStore[StoredBatch] = AccountStore("batch", max_count=_MOST_BATCHES)

    def put(self, account: Account, batch: StoredBatch) -> None:
        """Store a batch."""
        self._batches.put(account, batch.batch_id, batch)

    def get(self, account: Account, batch_id: str) -> StoredBatch:
        """Return a batch.

        Raises:
            GRPCError: The key has none with this ID, or it has expired.
        """
        self._forget(account)
        return self._batches.get(account, batch_id)

    def all(self, account: Account) -> list[StoredBatch]:
        """Return the batches of a key, the newest first."""
        self._forget(account)
        return list(self._batches.of(account))[::-1]

    def _forget(self, account: Account) -> None:
        for batch in self._batches.of(account):
            if batch.created + LIFETIME <= now():
                self._batches.pop(account, batch.batch_id)

# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/bulk/batch_run.py
"""A run of bulk work that goes through a batch: the server works through the items in its time."""

import math
from typing import Any, Final, TypeVar, cast

from xai._annotations import resolve_lazily
from xai._clock import monotonic
from xai._log import log
from xai.errors import NotFoundError
from xai.proto.xai_api.batch import BatchRequest
from xai.sync.rpc.caller import Caller
from xai.sync.v1.batch import Batches, BatchResult
from xai.sync.v1.bulk.item import ItemWork
from xai.sync.v1.bulk.run import BulkRun, Items
from xai.sync.v1.chat.service import Chats
from xai.sync.v1.polling import WaitTimeout, poll
from xai.v1.batch import Batch
from xai.v1.batch_request import make_batch_requests
from xai.v1.bulk.batched import KnownRequests, no_result, request_id
from xai.v1.bulk.result import Result
from xai.v1.bulk.settings import MapSettings
from xai.v1.bulk.task import ChatTask
from xai.v1.chat.response_format import format_of_type, read_response

I = TypeVar("I")  # noqa: E741  # an item
T = TypeVar("T")

#: How many requests are gathered before they are added to the batch.
_TOGETHER: Final = 500
#: What a call that adds requests has besides them, in bytes at most.
_BESIDES: Final = 1024
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
#: Results are listed again when there are so many times as many: the list is read from its start.
_GROWTH: Final = 1.5


class BatchRun(BulkRun[I, T]):
    """The results of a run that goes through a batch.

    With a checkpoint, which has the ID of the batch, a run that follows on one that was killed
    finds which requests are in the batch, and adds the others.
    """

    def __init__(
        self,
        work: ItemWork[I, T],
        caller: Caller,
        items: Items[I],
        settings: MapSettings,
        parts: dict[str, str],
        *,
        task: ChatTask[I, T],
    ) -> None:
        super().__init__(work, caller.context, items, settings, parts)
        self._caller = caller
        self._batches = Batches(caller)
        self._chats = Chats(caller)
        self._task = task
        self._format = None if task.shape is None else format_of_type(task.shape)
        self._most = caller.context.transport.config.max_message_bytes - _BESIDES
        self._id: str | None = None
        self._known: KnownRequests | None = None
        self._cancelled = False
        #: The items whose results are waited for, by the IDs of their requests.
        self._asked: dict[str, tuple[int, str | int, I]] = {}
        self._gathered: list[BatchRequest] = []
        #: How many requests the batch has to have.
        self._sent = 0
        self._all_sent = False
        self._since = monotonic()
        self._wait = WaitTimeout(caller, math.inf, None, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)
        #: How many results there were when they were listed last, and where the list goes on.
        self._listed = 0
        self._token: str | None = None
        self._done = False

    @property
    def batch_id(self) -> str | None:
        """The ID of the batch that has the items; None before it is created."""
        return self._id

    def _running(self) -> int:
        return len(self._asked)

    def _begin(self) -> None:
        super()._begin()
        checkpoint = self._work.checkpoint
        if checkpoint is None or checkpoint.batch_id is None:
            return
        batch_id = checkpoint.batch_id
        try:
            batch = self._batches.get(batch_id)
        except NotFoundError:
            log.warning("the server knows the batch %s no longer: a new one is made", batch_id)
            self._work.note_batch(batch_id, done=True)
            return
        self._id = batch_id
        self._cancelled = batch.cancel_time is not None
        found = self._batches.requests(batch_id)
        self._known = KnownRequests(batch_id, [each.batch_request_id for each in found])
        self._sent = len(self._known)

    def _more(self) -> bool:
        if not self._all_sent:
            self._send()
        elif self._asked:
            self._receive()
        else:
            return False
        return True

    def _send(self) -> None:
        """Send items until all are, or there is a result of one that needs not be sent."""
        while not self._ready:
            self._transport.check_open()
            taken = self._items.take()
            if taken is None:
                self._add()
                self._all_sent = True
                if not self._asked:
                    self._finish()
                return
            self._gather(*taken)
            if len(self._gathered) >= _TOGETHER:
                self._add()

    def _gather(self, place: int, item: I) -> None:
        key = self._key(place, item)
        restored = self._work.find(key, item)
        if restored is not None:
            self._arrived(place, restored)
            return
        name = request_id(key, item)
        known = self._known is not None and self._known.has(name, key)
        if not known:
            try:
                request = self._request(name, item)
            except Exception as error:  # noqa: BLE001  # it is the result
                self._arrived(place, Result(key=key, item=item, error=error))
                return
            self._gathered.append(request)
        self._asked[name] = place, key, item

    def _request(self, name: str, item: I) -> BatchRequest:
        settings = cast("dict[str, Any]", self._task.settings)
        if self._format is not None:
            settings = {**settings, "response_format": self._format}
        chat = self._chats.create(
            self._task.model,
            messages=self._task.messages(item),
            batch_request_id=name,
            **settings,
        )
        (request,) = make_batch_requests("messages", [chat])
        size = len(bytes(request))
        if size > self._most:
            raise ValueError(f"the request has {size:,} bytes, more than {self._most:,}")
        return request

    def _add(self) -> None:
        gathered, self._gathered = self._gathered, []
        # Nothing can be added to what was cancelled: these are told of as those that were in it.
        if not gathered or self._cancelled:
            return
        if self._id is None:
            batch = self._batches.create(f"bulk work with {self._task.model}")
            self._work.note_batch(batch.batch_id)
            self._id = batch.batch_id
            log.info("bulk.map goes through the batch %s", self._id)
        self._batches.add(self._id, gathered)
        self._sent += len(gathered)

    def _receive(self) -> None:
        """Take the results on the next page of the list, once there is something new on it."""
        batch_id = self._id or ""
        if self._token is None:
            poll(self._wait, self._ask, lambda _: TimeoutError())
        page = self._batches.results(batch_id, pagination_token=self._token)
        for result in page.items:
            asked = self._asked.get(result.batch_request_id)
            if asked is not None and result.kind != "pending":
                place, key, item = asked
                self._arrived(place, self._read(result, key, item))
                del self._asked[result.batch_request_id]
        self._token = page.next_page_token
        if not self._asked or (self._done and self._token is None):
            self._finish()

    def _ask(self, caller: Caller) -> Batch | None:
        """Look at the batch; return it when there is something new to list."""
        batch = Batches(caller).get(self._id or "")
        if self._over:
            raise RuntimeError("the run was closed while its next result was waited for")
        self._meter.tell(self._running())
        state = batch.state
        if state is None:
            return None
        self._cancelled = batch.cancel_time is not None
        # What was added may be counted a little later.
        self._done = batch.done and (self._cancelled or state.num_requests >= self._sent)
        ready = state.num_requests - state.num_pending
        if not self._done and ready < max(1, self._listed * _GROWTH):
            return None
        self._listed = ready
        return batch

    def _read(self, result: BatchResult, key: str | int, item: I) -> Result[I, T]:
        response = result.chat if result.kind == "chat" else None
        value, error = self._value(result)
        found: Result[I, T] = Result(
            key=key,
            item=item,
            value=value,
            error=error,
            usage=None if response is None else response.usage,
            attempts=1,
            seconds=monotonic() - self._since,
        )
        if error is None and response is not None:
            text = None if self._task.shape is None else response.content
            self._work.keep(found, text)
        try:
            return found
        finally:
            # The traceback of the error may have this frame, and would have the error.
            del error, found

    def _value(self, result: BatchResult) -> tuple[T | None, Exception | None]:
        if result.error is not None:
            return None, result.error
        shape = cast("type[T] | None", self._task.shape)
        try:
            chat = result.chat
            return cast("T", chat) if shape is None else read_response(shape, chat), None
        except Exception as error:  # noqa: BLE001  # it is the result
            return None, error

    def _finish(self) -> None:
        """Note that the batch is over, and tell of the requests that nothing came of."""
        if self._id is None:
            return
        # What the server lists a little later perhaps, the next run asks for once more.
        if self._cancelled or not self._asked or self._known is not None:
            self._work.note_batch(self._id, done=True)
        for place, key, item in self._asked.values():
            error = no_result(self._id, cancelled=self._cancelled)
            self._arrived(place, Result(key=key, item=item, error=error))
        self._asked.clear()


resolve_lazily(globals())

"""The service xai_api.BatchMgmt of the local server."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias, cast

from betterproto.lib.google.protobuf import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.base import Message, which_one_of
from xai.proto.xai_api.batch import (
    AddBatchRequestsRequest,
    Batch,
    BatchRequestMetadataState,
    BatchResultData,
    CancelBatchRequest,
    CreateBatchRequest,
    GetBatchRequest,
    GetBatchRequestResultRequest,
    GetBatchRequestResultResponse,
    ListBatchesRequest,
    ListBatchesResponse,
    ListBatchRequestMetadataRequest,
    ListBatchRequestMetadataResponse,
    ListBatchResultsRequest,
    ListBatchResultsResponse,
)
from xai.proto.xai_api.batch_server import BatchMgmtBase
from xai.proto.xai_api.chat import GetChatCompletionResponse, GetCompletionsRequest
from xai.proto.xai_api.deferred import DeferredStatus, StartDeferredResponse
from xai.proto.xai_api.image import GenerateImageRequest, ImageResponse
from xai.proto.xai_api.video import GetDeferredVideoRequest, GetDeferredVideoResponse, VideoResponse
from xai.testing.control.accounts import caller
from xai.testing.v1.batch_file import read_lines
from xai.testing.v1.batch_store import BatchStore, Entry, StoredBatch
from xai.testing.v1.chat_request import require
from xai.testing.v1.paging import page_of

_PATH = "/xai_api.BatchMgmt/"
_LOG = logging.getLogger("xai.testing")

#: Processes a request of one kind; returns the response and what it cost.
Processor: TypeAlias = Callable[[Message], Awaitable[tuple[BatchResultData, int]]]
#: Returns the content of a file of the calling key.
ReadFile: TypeAlias = Callable[[str], bytes]


class LocalBatches(BatchMgmtBase):
    """Serves ``xai_api.BatchMgmt``; requests are processed in the background, one by one.

    They are pending until somebody looks at their batch for the first time.

    Args:
        processors: What processes the requests, by their names in ``xai_api.BatchRequest``.
        read_file: Returns the content of a stored file.
    """

    acls: Mapping[str, str] = {
        _PATH + "CreateBatch": "batch:write",
        _PATH + "AddBatchRequests": "batch:write",
        _PATH + "CancelBatch": "batch:write",
        _PATH + "GetBatch": "batch:read",
        _PATH + "ListBatches": "batch:read",
        _PATH + "ListBatchRequestMetadata": "batch:read",
        _PATH + "ListBatchResults": "batch:read",
        _PATH + "GetBatchRequestResult": "batch:read",
    }

    def __init__(self, processors: Mapping[str, Processor], read_file: ReadFile) -> None:
        self._processors = processors
        self._read_file = read_file
        self._store = BatchStore()
        self._looked: dict[str, asyncio.Future[None]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def create_batch(self, request: CreateBatchRequest) -> Batch:
        """Create a batch, empty or filled from a file."""
        require(request.name != "", "name is empty.")
        batch = StoredBatch(name=request.name, key_id=f"key-{caller().number:06d}")
        if request.input_file_id:
            batch.input_file_id = request.input_file_id
            batch.add(read_lines(self._read_file(request.input_file_id)), "line")
        self._store.put(caller(), batch)
        self._process(batch)
        return batch.message()

    async def add_batch_requests(self, request: AddBatchRequestsRequest) -> Empty:
        """Add requests to a batch: all of them, or none."""
        batch = self._store.get(caller(), request.batch_id)
        for obstacle, text in (
            (batch.input_file_id, "was filled from a file and is sealed"),
            (batch.cancelled, "was cancelled"),
        ):
            if obstacle is not None:
                raise GRPCError(Status.FAILED_PRECONDITION, f"{batch.batch_id} {text}.")
        require(bool(request.batch_requests), "batch_requests is empty.")
        batch.add(request.batch_requests)
        self._process(batch)
        return Empty()

    async def get_batch(self, request: GetBatchRequest) -> Batch:
        """Describe a batch."""
        return self._look(request.batch_id).message()

    async def cancel_batch(self, request: CancelBatchRequest) -> Batch:
        """Cancel the requests of a batch that are pending."""
        batch = self._store.get(caller(), request.batch_id)
        batch.cancel()
        task = self._tasks.pop(batch.batch_id, None)
        if task is not None:
            task.cancel()
        return batch.message()

    async def list_batches(self, request: ListBatchesRequest) -> ListBatchesResponse:
        """List the batches of the key, the newest first."""
        batches = self._store.all(caller())
        page, token = page_of(batches, request.limit, request.pagination_token)
        return ListBatchesResponse(
            batches=[batch.message() for batch in page], pagination_token=token
        )

    async def list_batch_request_metadata(
        self, request: ListBatchRequestMetadataRequest
    ) -> ListBatchRequestMetadataResponse:
        """List the requests of a batch."""
        for index, state in enumerate(request.status):
            known = state in set(BatchRequestMetadataState)
            require(known, f"status[{index}] is unknown: {int(state)}.")
        entries = [
            entry
            for entry in self._look(request.batch_id).entries.values()
            if not request.status or entry.state in request.status
        ]
        page, token = page_of(entries, request.limit, request.pagination_token)
        return ListBatchRequestMetadataResponse(
            batch_request_metadata=[entry.metadata() for entry in page], pagination_token=token
        )

    async def list_batch_results(
        self, request: ListBatchResultsRequest
    ) -> ListBatchResultsResponse:
        """List the results of a batch so far, in the order in which they came."""
        entries = self._look(request.batch_id).entries.values()
        results = [entry.result for entry in entries if entry.result is not None]
        page, token = page_of(results, request.limit, request.pagination_token)
        return ListBatchResultsResponse(results=page, pagination_token=token)

    async def get_batch_request_result(
        self, request: GetBatchRequestResultRequest
    ) -> GetBatchRequestResultResponse:
        """Return a request with its result, once there is one."""
        entry = self._look(request.batch_id).entry(request.batch_request_id)
        found = GetBatchRequestResultResponse(request=entry.request)
        if entry.result is not None:
            found.result = entry.result
        return found

    def _look(self, batch_id: str) -> StoredBatch:
        """Return a batch, and let its requests be processed from now on."""
        batch = self._store.get(caller(), batch_id)
        # Again, since a server that was stopped meanwhile has cancelled the task.
        self._process(batch)
        looked = self._looked.get(batch_id)
        if looked is not None and not looked.done():
            looked.set_result(None)
        return batch

    def _process(self, batch: StoredBatch) -> None:
        task = self._tasks.get(batch.batch_id)
        if (task is None or task.done()) and batch.pending() is not None:
            loop = asyncio.get_running_loop()
            self._looked[batch.batch_id] = loop.create_future()
            self._tasks[batch.batch_id] = loop.create_task(self._work(batch))

    async def _work(self, batch: StoredBatch) -> None:
        # The first look finds every request pending, which reveals programs that don't wait.
        await self._looked[batch.batch_id]
        while (entry := batch.pending()) is not None:
            await self._finish(entry)
            # Other calls get their turn.
            await asyncio.sleep(0)

    async def _finish(self, entry: Entry) -> None:
        kind, request = which_one_of(entry.request, "request")
        processor = self._processors.get(kind)
        if processor is None:
            entry.fail(Status.UNIMPLEMENTED.value, f"The local server processes no {kind}.")
            return
        try:
            data, cost = await processor(request)
        except GRPCError as error:
            entry.fail(error.status.value, error.message or "")
        except Exception as error:  # noqa: BLE001 - it becomes the result of the request
            _LOG.exception("The local server failed in a request of a batch")
            entry.fail(Status.INTERNAL.value, f"{type(error).__name__}: {error}")
        else:
            entry.succeed(data, cost)


Chats: TypeAlias = Callable[[GetCompletionsRequest], Awaitable[GetChatCompletionResponse]]
Images: TypeAlias = Callable[[GenerateImageRequest], Awaitable[ImageResponse]]


def chat_processor(make: Chats) -> Processor:
    """Return what processes chats: as the service for them would, if they came one by one."""

    async def process(request: Message) -> tuple[BatchResultData, int]:
        response = await make(cast("GetCompletionsRequest", request))
        cost = response.usage.cost_in_usd_ticks or 0
        return BatchResultData(completion_response=response), cost

    return process


def image_processor(make: Images) -> Processor:
    """Return what processes images, in the same way."""

    async def process(request: Message) -> tuple[BatchResultData, int]:
        response = await make(cast("GenerateImageRequest", request))
        return BatchResultData(image_response=response), response.usage.cost_in_usd_ticks or 0

    return process


def video_processor(
    start: Callable[[Any], Awaitable[StartDeferredResponse]],
    look: Callable[[GetDeferredVideoRequest], Awaitable[GetDeferredVideoResponse]],
) -> Processor:
    """Return what processes videos: it starts one, and asks for it until it is there."""

    async def process(request: Message) -> tuple[BatchResultData, int]:
        started = GetDeferredVideoRequest(request_id=(await start(request)).request_id)
        while True:
            found = await look(started)
            response = found.response or VideoResponse()
            if found.status == DeferredStatus.DONE:
                cost = response.usage.cost_in_usd_ticks or 0
                return BatchResultData(video_response=response), cost
            if found.status != DeferredStatus.PENDING:
                error = response.error
                text = "" if error is None else error.message
                raise GRPCError(Status.FAILED_PRECONDITION, text)
            await asyncio.sleep(0)

    return process

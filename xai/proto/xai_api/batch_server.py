# Generated from xai/api/v1/batch.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/batch.proto."""

from betterproto.lib.google.protobuf import Empty

from xai.proto.server_base import Handler, ServiceBase
from xai.proto.xai_api.batch import (
    BATCH_MGMT_ADD_BATCH_REQUESTS,
    BATCH_MGMT_CANCEL_BATCH,
    BATCH_MGMT_CREATE_BATCH,
    BATCH_MGMT_GET_BATCH,
    BATCH_MGMT_GET_BATCH_REQUEST_RESULT,
    BATCH_MGMT_LIST_BATCH_REQUEST_METADATA,
    BATCH_MGMT_LIST_BATCH_RESULTS,
    BATCH_MGMT_LIST_BATCHES,
    AddBatchRequestsRequest,
    Batch,
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


class BatchMgmtBase(ServiceBase):
    """Manages batches of requests."""

    async def create_batch(self, request: CreateBatchRequest) -> Batch:
        """Make a batch, empty or filled from a file."""
        raise self._unimplemented(BATCH_MGMT_CREATE_BATCH)

    async def get_batch(self, request: GetBatchRequest) -> Batch:
        """Describe a batch and how far it is."""
        raise self._unimplemented(BATCH_MGMT_GET_BATCH)

    async def list_batches(self, request: ListBatchesRequest) -> ListBatchesResponse:
        """List the batches of the team, page by page."""
        raise self._unimplemented(BATCH_MGMT_LIST_BATCHES)

    async def cancel_batch(self, request: CancelBatchRequest) -> Batch:
        """Cancel the pending requests of a batch.

        Safe to repeat: it stops what is left.
        """
        raise self._unimplemented(BATCH_MGMT_CANCEL_BATCH)

    async def add_batch_requests(self, request: AddBatchRequestsRequest) -> Empty:
        """Add requests to a batch."""
        raise self._unimplemented(BATCH_MGMT_ADD_BATCH_REQUESTS)

    async def list_batch_request_metadata(
        self, request: ListBatchRequestMetadataRequest
    ) -> ListBatchRequestMetadataResponse:
        """List the states of the requests of a batch, page by page."""
        raise self._unimplemented(BATCH_MGMT_LIST_BATCH_REQUEST_METADATA)

    async def list_batch_results(
        self, request: ListBatchResultsRequest
    ) -> ListBatchResultsResponse:
        """List the results of a batch, page by page, in no particular order."""
        raise self._unimplemented(BATCH_MGMT_LIST_BATCH_RESULTS)

    async def get_batch_request_result(
        self, request: GetBatchRequestResultRequest
    ) -> GetBatchRequestResultResponse:
        """Fetch one request of a batch with its result."""
        raise self._unimplemented(BATCH_MGMT_GET_BATCH_REQUEST_RESULT)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            BATCH_MGMT_CREATE_BATCH.path: self._unary_handler(
                BATCH_MGMT_CREATE_BATCH, self.create_batch
            ),
            BATCH_MGMT_GET_BATCH.path: self._unary_handler(BATCH_MGMT_GET_BATCH, self.get_batch),
            BATCH_MGMT_LIST_BATCHES.path: self._unary_handler(
                BATCH_MGMT_LIST_BATCHES, self.list_batches
            ),
            BATCH_MGMT_CANCEL_BATCH.path: self._unary_handler(
                BATCH_MGMT_CANCEL_BATCH, self.cancel_batch
            ),
            BATCH_MGMT_ADD_BATCH_REQUESTS.path: self._unary_handler(
                BATCH_MGMT_ADD_BATCH_REQUESTS, self.add_batch_requests
            ),
            BATCH_MGMT_LIST_BATCH_REQUEST_METADATA.path: self._unary_handler(
                BATCH_MGMT_LIST_BATCH_REQUEST_METADATA, self.list_batch_request_metadata
            ),
            BATCH_MGMT_LIST_BATCH_RESULTS.path: self._unary_handler(
                BATCH_MGMT_LIST_BATCH_RESULTS, self.list_batch_results
            ),
            BATCH_MGMT_GET_BATCH_REQUEST_RESULT.path: self._unary_handler(
                BATCH_MGMT_GET_BATCH_REQUEST_RESULT, self.get_batch_request_result
            ),
        }

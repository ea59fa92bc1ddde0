# Generated from xai/api/v1/batch.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of xai/api/v1/batch.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
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


class BatchMgmtStub(ServiceStub):
    """Manages batches of requests."""

    def create_batch(
        self,
        request: CreateBatchRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Batch:
        """Make a batch, empty or filled from a file."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(BATCH_MGMT_CREATE_BATCH, request, timeout=timeout, metadata=pairs)

    def get_batch(
        self,
        request: GetBatchRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Batch:
        """Describe a batch and how far it is."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(BATCH_MGMT_GET_BATCH, request, timeout=timeout, metadata=pairs)

    def list_batches(
        self,
        request: ListBatchesRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListBatchesResponse:
        """List the batches of the team, page by page."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(BATCH_MGMT_LIST_BATCHES, request, timeout=timeout, metadata=pairs)

    def cancel_batch(
        self,
        request: CancelBatchRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Batch:
        """Cancel the pending requests of a batch.

        Safe to repeat: it stops what is left.
        """
        pairs, metadata = conceal(metadata), ()
        return self._unary(BATCH_MGMT_CANCEL_BATCH, request, timeout=timeout, metadata=pairs)

    def add_batch_requests(
        self,
        request: AddBatchRequestsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Add requests to a batch."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(BATCH_MGMT_ADD_BATCH_REQUESTS, request, timeout=timeout, metadata=pairs)

    def list_batch_request_metadata(
        self,
        request: ListBatchRequestMetadataRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListBatchRequestMetadataResponse:
        """List the states of the requests of a batch, page by page."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(
            BATCH_MGMT_LIST_BATCH_REQUEST_METADATA, request, timeout=timeout, metadata=pairs
        )

    def list_batch_results(
        self,
        request: ListBatchResultsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> ListBatchResultsResponse:
        """List the results of a batch, page by page, in no particular order."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(BATCH_MGMT_LIST_BATCH_RESULTS, request, timeout=timeout, metadata=pairs)

    def get_batch_request_result(
        self,
        request: GetBatchRequestResultRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GetBatchRequestResultResponse:
        """Fetch one request of a batch with its result."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(
            BATCH_MGMT_GET_BATCH_REQUEST_RESULT, request, timeout=timeout, metadata=pairs
        )

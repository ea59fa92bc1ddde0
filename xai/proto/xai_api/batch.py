# Generated from xai/api/v1/batch.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Requests processed later at lower priority."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base
from xai.proto.google.rpc.status import Status
from xai.proto.xai_api.chat import GetChatCompletionResponse, GetCompletionsRequest
from xai.proto.xai_api.image import GenerateImageRequest, ImageResponse
from xai.proto.xai_api.video import ExtendVideoRequest, GenerateVideoRequest, VideoResponse


class BatchRequestMetadataState(base.Enum):
    """State of a request."""

    STATE_UNKNOWN = 0
    """It is not known."""

    STATE_PENDING = 1
    """Pending."""

    STATE_SUCCEEDED = 2
    """It succeeded."""

    STATE_CANCELLED = 3
    """Cancelled."""

    STATE_FAILED = 4
    """Failed."""


@dataclass(eq=False, repr=False)
class Batch(base.Message):
    """A batch."""

    batch_id: str = betterproto.string_field(1)
    """Its ID."""

    name: str = betterproto.string_field(2)
    """Its name."""

    create_time: datetime = betterproto.message_field(3)
    """When it was made."""

    expire_time: datetime = betterproto.message_field(4)
    """When it will be forgotten."""

    create_api_key_id: str = betterproto.string_field(5)
    """The key it was made with."""

    cancel_time: datetime = betterproto.message_field(6)
    """When it was cancelled, if it was."""

    cancel_by_xai_message: "str | None" = betterproto.string_field(7, optional=True)
    """Why the service cancelled it, if the service did."""

    state: "BatchState" = betterproto.message_field(8)
    """State; not always filled in."""

    cost_breakdown: "BatchCostBreakdown" = betterproto.message_field(9)
    """Usage and cost so far."""

    input_file_id: "str | None" = betterproto.string_field(10, optional=True)
    """The file it was filled from."""


@dataclass(eq=False, repr=False)
class BatchState(base.Message):
    """Numbers of requests of a batch by state."""

    num_requests: int = betterproto.int64_field(1)
    """All of them."""

    num_pending: int = betterproto.int64_field(2)
    """Pending requests; the batch is done at 0."""

    num_success: int = betterproto.int64_field(3)
    """Succeeded."""

    num_error: int = betterproto.int64_field(4)
    """Failed."""

    num_cancelled: int = betterproto.int64_field(5)
    """Cancelled."""


@dataclass(eq=False, repr=False)
class BatchCostBreakdown(base.Message):
    """Cost of a batch."""

    total_cost_usd_ticks: int = betterproto.int64_field(1)
    """The sum, in ticks of 1e-10 US dollars."""

    endpoint_costs: "list[EndpointCost]" = betterproto.message_field(2)
    """The parts of the sum."""

    calculation_time: datetime = betterproto.message_field(3)
    """When it was added up."""


@dataclass(eq=False, repr=False)
class EndpointCost(base.Message):
    """What the requests of one kind cost."""

    endpoint: str = betterproto.string_field(1)
    """The kind of request."""

    cost_usd_ticks: int = betterproto.int64_field(2)
    """Their cost, in ticks of 1e-10 US dollars."""

    request_count: int = betterproto.int64_field(3)
    """Number of them."""


@dataclass(eq=False, repr=False)
class BatchRequest(base.Message):
    """A request of a batch."""

    batch_request_id: "str | None" = betterproto.string_field(1, optional=True)
    """Its ID within the batch; made by the server when unset."""

    completion_request: "GetCompletionsRequest" = betterproto.message_field(2, group="request")
    """Sample a response to a conversation."""

    image_request: "GenerateImageRequest" = betterproto.message_field(3, group="request")
    """Make images."""

    video_request: "GenerateVideoRequest" = betterproto.message_field(4, group="request")
    """Make a video."""

    video_extension_request: "ExtendVideoRequest" = betterproto.message_field(5, group="request")
    """Continue a video."""


@dataclass(eq=False, repr=False)
class BatchResultData(base.Message):
    """The response to a request of a batch."""

    completion_response: "GetChatCompletionResponse" = betterproto.message_field(
        2, group="response"
    )
    """The response to a conversation."""

    image_response: "ImageResponse" = betterproto.message_field(3, group="response")
    """The images."""

    video_response: "VideoResponse" = betterproto.message_field(4, group="response")
    """The video, also when one was continued."""


@dataclass(eq=False, repr=False)
class BatchResult(base.Message):
    """Result of a request of a batch."""

    batch_request_id: str = betterproto.string_field(1)
    """The request."""

    response: "BatchResultData" = betterproto.message_field(4, group="result")
    """Its response."""

    error: "Status" = betterproto.message_field(3, group="result")
    """Error."""


@dataclass(eq=False, repr=False)
class BatchRequestMetadata(base.Message):
    """A request of a batch, without its content."""

    batch_request_id: str = betterproto.string_field(1)
    """Its ID within the batch."""

    endpoint: str = betterproto.string_field(2)
    """The kind of request."""

    model: str = betterproto.string_field(3)
    """The model it asks for."""

    state: "BatchRequestMetadataState" = betterproto.enum_field(4)
    """State."""

    create_time: datetime = betterproto.message_field(5)
    """When it was added."""

    finish_time: datetime = betterproto.message_field(6)
    """When it was done, if it is."""


@dataclass(eq=False, repr=False)
class CreateBatchRequest(base.Message):
    """Makes a batch."""

    name: str = betterproto.string_field(1)
    """Its name."""

    input_file_id: str = betterproto.string_field(2)
    """A file with one request in JSON on each line; the batch takes no others then."""


@dataclass(eq=False, repr=False)
class AddBatchRequestsRequest(base.Message):
    """Adds requests to a batch."""

    batch_id: str = betterproto.string_field(1)
    """The ID of the batch."""

    batch_requests: "list[BatchRequest]" = betterproto.message_field(2)
    """The requests; their IDs must be new to the batch."""


@dataclass(eq=False, repr=False)
class GetBatchRequest(base.Message):
    """Names a batch."""

    batch_id: str = betterproto.string_field(1)
    """The ID of the batch."""


@dataclass(eq=False, repr=False)
class ListBatchesRequest(base.Message):
    """Asks for a page of batches."""

    limit: int = betterproto.int32_field(1)
    """Maximum number of entries of the page; the server decides when unset."""

    pagination_token: "str | None" = betterproto.string_field(2, optional=True)
    """Pagination token of the previous page."""


@dataclass(eq=False, repr=False)
class ListBatchesResponse(base.Message):
    """A page of batches."""

    batches: "list[Batch]" = betterproto.message_field(1)
    """The batches."""

    pagination_token: "str | None" = betterproto.string_field(2, optional=True)
    """Token of the next page; unset on the last one."""


@dataclass(eq=False, repr=False)
class CancelBatchRequest(base.Message):
    """Names the batch to stop."""

    batch_id: str = betterproto.string_field(1)
    """The ID of the batch."""


@dataclass(eq=False, repr=False)
class ListBatchRequestMetadataRequest(base.Message):
    """Asks for a page of the requests of a batch."""

    batch_id: str = betterproto.string_field(1)
    """The ID of the batch."""

    limit: int = betterproto.int32_field(2)
    """Maximum number of entries of the page; the server decides when unset."""

    pagination_token: "str | None" = betterproto.string_field(3, optional=True)
    """Pagination token of the previous page."""

    status: "list[BatchRequestMetadataState]" = betterproto.enum_field(4)
    """Only those in one of these states."""


@dataclass(eq=False, repr=False)
class ListBatchRequestMetadataResponse(base.Message):
    """A page of the requests of a batch."""

    batch_request_metadata: "list[BatchRequestMetadata]" = betterproto.message_field(1)
    """The requests."""

    pagination_token: "str | None" = betterproto.string_field(2, optional=True)
    """Token of the next page; unset on the last one."""


@dataclass(eq=False, repr=False)
class ListBatchResultsRequest(base.Message):
    """Asks for a page of the results of a batch."""

    batch_id: str = betterproto.string_field(1)
    """The ID of the batch."""

    limit: int = betterproto.int32_field(2)
    """Maximum number of entries of the page; the server decides when unset."""

    pagination_token: "str | None" = betterproto.string_field(3, optional=True)
    """Pagination token of the previous page."""


@dataclass(eq=False, repr=False)
class ListBatchResultsResponse(base.Message):
    """A page of the results of a batch."""

    results: "list[BatchResult]" = betterproto.message_field(1)
    """The results there are so far."""

    pagination_token: "str | None" = betterproto.string_field(2, optional=True)
    """Token of the next page; unset on the last one."""


@dataclass(eq=False, repr=False)
class GetBatchRequestResultRequest(base.Message):
    """Names a request of a batch."""

    batch_id: str = betterproto.string_field(1)
    """The ID of the batch."""

    batch_request_id: str = betterproto.string_field(2)
    """The request."""


@dataclass(eq=False, repr=False)
class GetBatchRequestResultResponse(base.Message):
    """A request of a batch with its result."""

    request: "BatchRequest" = betterproto.message_field(1)
    """The request as it was added."""

    result: "BatchResult" = betterproto.message_field(2)
    """Result."""


BATCH_MGMT_CREATE_BATCH: Final = base.Method(
    "/xai_api.BatchMgmt/CreateBatch",
    CreateBatchRequest,
    Batch,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
BATCH_MGMT_GET_BATCH: Final = base.Method(
    "/xai_api.BatchMgmt/GetBatch",
    GetBatchRequest,
    Batch,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
BATCH_MGMT_LIST_BATCHES: Final = base.Method(
    "/xai_api.BatchMgmt/ListBatches",
    ListBatchesRequest,
    ListBatchesResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
BATCH_MGMT_CANCEL_BATCH: Final = base.Method(
    "/xai_api.BatchMgmt/CancelBatch",
    CancelBatchRequest,
    Batch,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
BATCH_MGMT_ADD_BATCH_REQUESTS: Final = base.Method(
    "/xai_api.BatchMgmt/AddBatchRequests",
    AddBatchRequestsRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
BATCH_MGMT_LIST_BATCH_REQUEST_METADATA: Final = base.Method(
    "/xai_api.BatchMgmt/ListBatchRequestMetadata",
    ListBatchRequestMetadataRequest,
    ListBatchRequestMetadataResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
BATCH_MGMT_LIST_BATCH_RESULTS: Final = base.Method(
    "/xai_api.BatchMgmt/ListBatchResults",
    ListBatchResultsRequest,
    ListBatchResultsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
BATCH_MGMT_GET_BATCH_REQUEST_RESULT: Final = base.Method(
    "/xai_api.BatchMgmt/GetBatchRequestResult",
    GetBatchRequestResultRequest,
    GetBatchRequestResultResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)

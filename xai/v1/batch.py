"""Batches: their requests, states, costs and results."""

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias, TypedDict

import attrs

from xai.errors import CLASS_BY_STATUS, APIError, StatusCode
from xai.proto.base import which_one_of
from xai.proto.status_details import read_details
from xai.proto.xai_api import batch as pb
from xai.proto.xai_api.chat import GetChatCompletionResponse
from xai.v1.chat.enums import Role
from xai.v1.chat.response import Response, responses, role_of
from xai.v1.chat.usage import USD_PER_TICK
from xai.v1.detailed_error import DetailedError
from xai.v1.open_enum import OpenEnum
from xai.v1.proto_value import ProtoValue, read_time

#: What came of a request: one of its kinds of responses, an error, or nothing so far. "unknown" is
#: a kind of response that this version has no name for.
ResultKind: TypeAlias = Literal["chat", "image", "video", "error", "pending", "unknown"]
_KINDS: Final[Mapping[str, ResultKind]] = {
    "completion_response": "chat",
    "image_response": "image",
    "video_response": "video",
}


class BatchRequestState(OpenEnum):
    """The state of a request; the numbers are those of ``xai_api.BatchRequestMetadata.State``."""

    UNKNOWN = 0
    PENDING = 1
    SUCCEEDED = 2
    CANCELLED = 3
    FAILED = 4

    @property
    def wire_name(self) -> str:
        """The protobuf name, such as ``STATE_FAILED``; with the number if it has none."""
        return self._with("STATE_")


@attrs.frozen
class BatchState:
    """The numbers of requests of a batch by state.

    Attributes:
        num_requests: All of them.
        num_pending: Those that are still to be processed.
        num_success: Those that succeeded.
        num_error: Those that failed.
        num_cancelled: Those that were cancelled.
    """

    num_requests: int = 0
    num_pending: int = 0
    num_success: int = 0
    num_error: int = 0
    num_cancelled: int = 0


@attrs.frozen
class EndpointCost:
    """The cost of the requests of one kind.

    Attributes:
        endpoint: The kind of request.
        cost_in_usd_ticks: Their cost, in 1e-10 US dollars.
        request_count: The number of them.
    """

    endpoint: str
    cost_in_usd_ticks: int
    request_count: int

    @property
    def cost_usd(self) -> float:
        """Their cost, in US dollars."""
        return self.cost_in_usd_ticks * USD_PER_TICK


@attrs.frozen
class BatchCosts:
    """The cost of a batch so far.

    Attributes:
        total_cost_in_usd_ticks: The cost, in 1e-10 US dollars.
        endpoints: Its parts, one for each kind of request.
        calculated: When it was calculated; None when the server did not say.
    """

    total_cost_in_usd_ticks: int
    endpoints: tuple[EndpointCost, ...]
    calculated: datetime | None

    @property
    def total_usd(self) -> float:
        """The cost, in US dollars."""
        return self.total_cost_in_usd_ticks * USD_PER_TICK


@attrs.frozen
class Batch(ProtoValue):
    """A batch: requests that are processed later, at lower priority.

    Attributes:
        batch_id: Its ID.
        name: Its name.
        create_time: When it was created; None when the server did not say, as below.
        expire_time: When the server will forget it.
        create_api_key_id: The ID of the key it was created with.
        cancel_time: When it was cancelled; None unless it was.
        cancel_reason: Why the service cancelled it; None unless the service did.
        state: The numbers of its requests by state; None when the server did not say.
        costs: What it has cost so far; None when the server did not say.
        input_file_id: The file it was filled from; None without one.
        proto: The protobuf message.
    """

    batch_id: str
    name: str
    create_time: datetime | None
    expire_time: datetime | None
    create_api_key_id: str
    cancel_time: datetime | None
    cancel_reason: str | None
    state: BatchState | None
    costs: BatchCosts | None
    input_file_id: str | None
    proto: pb.Batch = attrs.field(repr=False, eq=False)

    @property
    def done(self) -> bool:
        """Whether no request is pending; False when the server did not say.

        A batch that is filled from a file is not done before the server has read the file.
        """
        state = self.state
        if state is None or state.num_pending:
            return False
        unread = self.input_file_id is not None and self.cancel_time is None
        return state.num_requests > 0 or not unread

    @property
    def cost_usd(self) -> float | None:
        """What it has cost so far, in US dollars; None when the server did not say."""
        return None if self.costs is None else self.costs.total_usd


@attrs.frozen
class BatchRequestInfo(ProtoValue):
    """What is known of a request of a batch, without its content.

    Attributes:
        batch_request_id: Its ID within the batch.
        endpoint: The kind of request.
        model: The model.
        state: Its state.
        create_time: When it was added; None when the server did not say.
        finish_time: When it was processed; None before that.
        proto: The protobuf message.
    """

    batch_request_id: str
    endpoint: str
    model: str
    state: BatchRequestState
    create_time: datetime | None
    finish_time: datetime | None
    proto: pb.BatchRequestMetadata = attrs.field(repr=False, eq=False)


@attrs.frozen
class BatchResultValue(ProtoValue):
    """What came of a request of a batch, without what fetches images and videos.

    Attributes:
        batch_request_id: The ID of the request within the batch.
        kind: ``"chat"``, ``"image"`` or ``"video"`` for a response, ``"error"`` for a failed
            request, ``"pending"`` where nothing has come yet; ``"unknown"`` for a response of a
            kind that this version does not know.
        error: Why the request failed, as an exception; None unless it did.
        request: The request as it was added, where it was asked for.
        proto: The protobuf message.
    """

    batch_request_id: str
    kind: ResultKind
    error: APIError | None = attrs.field(eq=False)
    request: pb.BatchRequest | None = attrs.field(repr=False, eq=False)
    proto: pb.BatchResult = attrs.field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether there is a response."""
        return self.kind not in ("error", "pending")

    @property
    def chat(self) -> Response:
        """The response to a chat; where tools ran on the server, its steps are one response.

        Raises:
            APIError: The request failed.
            ValueError: The result is of another kind.
        """
        proto = self._completion()
        steps = any(role_of(output) == Role.TOOL for output in proto.outputs)
        return Response(proto, None if steps else 0)

    @property
    def choices(self) -> list[Response]:
        """The responses to a chat, where several were requested.

        Raises:
            APIError: The request failed.
            ValueError: The result is of another kind.
        """
        proto = self._completion()
        return responses(proto, 1 + max((each.index for each in proto.outputs), default=-1))

    def check(self, kind: ResultKind) -> None:
        """Raise unless the result is of a kind.

        Args:
            kind: The kind.

        Raises:
            APIError: The request failed.
            ValueError: The result is of another kind.
        """
        if self.kind == kind:
            return
        if self.error is not None:
            # A copy: each raise adds to the traceback of what it raises.
            raise copy.copy(self.error)
        text = f"the result of the request {self.batch_request_id!r} is of the kind {self.kind!r}"
        raise ValueError(f"{text}, not {kind!r}")

    def _completion(self) -> GetChatCompletionResponse:
        self.check("chat")
        return self.proto.response.completion_response


@attrs.frozen
class AddedRequests:
    """How many requests were added to a batch.

    An error of `add` has one as ``partial``: the first ``added`` requests are in the batch.
    Whether those that were being sent are in it as well, the error's class tells: not after a
    status of the server, perhaps after a lost connection.

    Attributes:
        batch_id: The batch.
        added: The number of requests that were added, from the first one on.
        total: The number of requests that were given.
    """

    batch_id: str
    added: int
    total: int


class BatchTimeoutError(DetailedError, TimeoutError):
    """A batch was not done within the time that `wait` was given; it can be waited for again.

    Args:
        message: What is wrong.
        batch_id: The ID of the batch.
        batch: The batch as it was seen last; None if it never was.
    """

    def __init__(self, message: str, *, batch_id: str, batch: Batch | None = None) -> None:
        super().__init__(message)
        self.batch_id = batch_id
        self.batch = batch


def read_batch(proto: pb.Batch) -> Batch:
    """Return the value of a batch."""
    return Batch(
        batch_id=proto.batch_id,
        name=proto.name,
        create_time=read_time(proto, "create_time"),
        expire_time=read_time(proto, "expire_time"),
        create_api_key_id=proto.create_api_key_id,
        cancel_time=read_time(proto, "cancel_time"),
        cancel_reason=proto.cancel_by_xai_message,
        state=_read_state(proto.state) if proto.is_set("state") else None,
        costs=_read_costs(proto.cost_breakdown) if proto.is_set("cost_breakdown") else None,
        input_file_id=proto.input_file_id,
        proto=proto,
    )


def _read_state(proto: pb.BatchState) -> BatchState:
    return BatchState(
        num_requests=proto.num_requests,
        num_pending=proto.num_pending,
        num_success=proto.num_success,
        num_error=proto.num_error,
        num_cancelled=proto.num_cancelled,
    )


def _read_costs(proto: pb.BatchCostBreakdown) -> BatchCosts:
    return BatchCosts(
        total_cost_in_usd_ticks=proto.total_cost_usd_ticks,
        endpoints=tuple(
            EndpointCost(part.endpoint, part.cost_usd_ticks, part.request_count)
            for part in proto.endpoint_costs
        ),
        calculated=read_time(proto, "calculation_time"),
    )


def read_info(proto: pb.BatchRequestMetadata) -> BatchRequestInfo:
    """Return the value of what is known of a request."""
    return BatchRequestInfo(
        batch_request_id=proto.batch_request_id,
        endpoint=proto.endpoint,
        model=proto.model,
        state=BatchRequestState(int(proto.state)),
        create_time=read_time(proto, "create_time"),
        finish_time=read_time(proto, "finish_time"),
        proto=proto,
    )


def result_fields(proto: pb.BatchResult, request: pb.BatchRequest | None = None) -> "ResultFields":
    """Return the attributes of a result.

    Args:
        proto: The message.
        request: The request, where it is known.
    """
    kind, error = _kind(proto)
    return {
        "batch_request_id": proto.batch_request_id,
        "kind": kind,
        "error": error,
        "request": request,
        "proto": proto,
    }


class ResultFields(TypedDict):
    """The attributes of a result."""

    batch_request_id: str
    kind: ResultKind
    error: APIError | None
    request: pb.BatchRequest | None
    proto: pb.BatchResult


def _kind(proto: pb.BatchResult) -> tuple[ResultKind, APIError | None]:
    kind, value = which_one_of(proto, "result")
    if kind == "error":
        # OK is no error; a number of a newer server has no name.
        code = next((code for code in CLASS_BY_STATUS if code == value.code), StatusCode.UNKNOWN)
        error = CLASS_BY_STATUS[code](code, value.message, details=read_details(bytes(value)))
        error.add_note(f"the request {proto.batch_request_id!r} failed with {code.name}")
        return "error", error
    if kind == "response":
        return _KINDS.get(which_one_of(value, "response")[0], "unknown"), None
    return "pending", None


for _class in (
    AddedRequests,
    Batch,
    BatchCosts,
    BatchRequestInfo,
    BatchRequestState,
    BatchState,
    BatchTimeoutError,
    EndpointCost,
):
    _class.__module__ = "xai.v1"

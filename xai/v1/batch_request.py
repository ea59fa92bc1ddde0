"""Requests of batches: of chats, images and videos, and those to the service itself."""

from collections.abc import Sequence
from typing import Final, Literal, Protocol, TypeAlias, runtime_checkable

from xai._validation import kind_of
from xai.proto.base import which_one_of
from xai.proto.xai_api import batch as pb
from xai.proto.xai_api.chat import GetCompletionsRequest
from xai.v1.batch import BatchRequestState
from xai.v1.chat.enums import member
from xai.v1.validation import non_empty

#: The state of a request, by name.
BatchRequestStateName: TypeAlias = Literal["pending", "succeeded", "cancelled", "failed"]
#: A state, as an argument.
BatchRequestStatus: TypeAlias = BatchRequestStateName | BatchRequestState

_STATES: Final = {
    "pending": pb.BatchRequestMetadataState.STATE_PENDING,
    "succeeded": pb.BatchRequestMetadataState.STATE_SUCCEEDED,
    "cancelled": pb.BatchRequestMetadataState.STATE_CANCELLED,
    "failed": pb.BatchRequestMetadataState.STATE_FAILED,
}


@runtime_checkable
class BatchableChat(Protocol):
    """A chat that can be a request of a batch: `xai.v1.Chat` and `xai.v1.AsyncChat`."""

    @property
    def proto(self) -> GetCompletionsRequest:
        """The request."""
        ...

    @property
    def batch_request_id(self) -> str | None:
        """The ID of the request within a batch."""
        ...


#: A chat, or what ``image.prepare``, ``video.prepare`` and ``video.prepare_extension`` return.
BatchItem: TypeAlias = BatchableChat | pb.BatchRequest


def make_batch_requests(argument: str, items: object) -> list[pb.BatchRequest]:
    """Return the messages of requests.

    Args:
        argument: The name of the argument, for errors.
        items: The requests: chats, and what ``prepare`` returns.

    Raises:
        TypeError: It is not a sequence of these.
        ValueError: There are none, one is empty, or two have the same ID.
    """
    if isinstance(items, (str, bytes, pb.BatchRequest)) or not isinstance(items, Sequence):
        raise TypeError(
            f"{argument} must be a sequence of chats and requests, not {kind_of(items)}"
        )
    if not items:
        raise ValueError(f"{argument} must not be empty")
    found = [_batch_request(f"{argument}[{place}]", item) for place, item in enumerate(items)]
    places: dict[str, int] = {}
    for place, request in enumerate(found):
        name = request.batch_request_id
        if name and places.setdefault(name, place) != place:
            raise ValueError(
                f"{argument}[{place}] has the ID of {argument}[{places[name]}], {name!r}:"
                " IDs must differ within a batch"
            )
    return found


def _batch_request(argument: str, item: object) -> pb.BatchRequest:
    if isinstance(item, pb.BatchRequest):
        kind, _ = which_one_of(item, "request")
        if not kind:
            raise ValueError(f"{argument} must have a request, and has none")
        return item
    if not isinstance(getattr(item, "proto", None), GetCompletionsRequest):
        raise TypeError(
            f"{argument} must be a chat, or what image.prepare() and video.prepare() return,"
            f" not {kind_of(item)}"
        )
    assert isinstance(item, BatchableChat)  # noqa: S101  # it has the one attribute of the two
    request = item.proto
    if not request.messages and request.previous_response_id is None:
        raise ValueError(f"{argument} must have messages: append one to the chat")
    return pb.BatchRequest(
        batch_request_id=item.batch_request_id,
        completion_request=_without_count(request),
    )


def _without_count(request: GetCompletionsRequest) -> GetCompletionsRequest:
    # A copy: the chat goes on while its request is on its way, in several calls perhaps.
    own = GetCompletionsRequest().parse(bytes(request))
    own.n = None
    return own


def make_states(
    status: BatchRequestStatus | Sequence[BatchRequestStatus] | None,
) -> list[pb.BatchRequestMetadataState]:
    """Return the states of a filter; none for all.

    Raises:
        TypeError: One is neither a name nor a member.
        ValueError: There is no such state.
    """
    if status is None:
        return []
    if isinstance(status, (str, bytes)) or not isinstance(status, Sequence):
        return [_state("status", status)]
    return [_state(f"status[{place}]", each) for place, each in enumerate(status)]


def _state(argument: str, value: object) -> pb.BatchRequestMetadataState:
    return member(argument, value, _STATES, pb.BatchRequestMetadataState, BatchRequestState)


def create_request(name: str, input_file_id: str | None) -> pb.CreateBatchRequest:
    """Return the request to create a batch.

    Raises:
        TypeError: An argument is not a str.
        ValueError: An argument is empty.
    """
    request = pb.CreateBatchRequest(name=non_empty("name", name))
    if input_file_id is not None:
        request.input_file_id = non_empty("input_file_id", input_file_id)
    return request

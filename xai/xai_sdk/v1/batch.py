"""Results of batches."""

from collections.abc import Sequence

from xai.xai_sdk.v1.chats.base import BaseChat, detected
from xai.xai_sdk.v1.chats.response import Response
from xai.xai_sdk.v1.image import BaseImageResponse
from xai.xai_sdk.v1.meta import ProtoDecorator
from xai.xai_sdk.v1.proto.messages import Message, accept
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.video import VideoResponse

batch_pb2 = load("batch_pb2")


class ListBatchResultsResponse(ProtoDecorator[Message]):
    """A page of the results of a batch."""

    @property
    def results(self) -> "Sequence[BatchResult]":
        """All of them."""
        return [BatchResult(result) for result in self.proto.results]

    @property
    def succeeded(self) -> "Sequence[BatchResult]":
        """Those of requests that went well."""
        return [result for result in self.results if result.is_success]

    @property
    def failed(self) -> "Sequence[BatchResult]":
        """Those of requests that failed."""
        return [result for result in self.results if result.has_error]

    @property
    def pagination_token(self) -> str | None:
        """Where the next page begins; None on the last."""
        return self.proto.pagination_token or None


class BatchResult(ProtoDecorator[Message]):
    """The result of one request of a batch."""

    @property
    def batch_request_id(self) -> str:
        """The ID of the request."""
        return str(self.proto.batch_request_id)

    @property
    def is_success(self) -> bool:
        """Whether the request went well."""
        return not self.has_error

    @property
    def has_error(self) -> bool:
        """Whether the request failed."""
        return bool(self.proto.error.code != 0)

    @property
    def error_message(self) -> str | None:
        """Why the request failed; None when it went well."""
        return str(self.proto.error.message) if self.has_error else None

    @property
    def response(self) -> Response:
        """The response of a chat."""
        reply = self.proto.response.completion_response
        return Response(reply, detected(0, reply.outputs))

    @property
    def image_response(self) -> BaseImageResponse:
        """The image that was made."""
        return BaseImageResponse(self.proto.response.image_response, 0)

    @property
    def video_response(self) -> VideoResponse:
        """The video that was made."""
        return VideoResponse(self.proto.response.video_response)


def requests_of(items: Sequence[object]) -> list[Message]:
    """Return the requests of a batch.

    Args:
        items: Chats, and what ``prepare`` returned.

    Raises:
        ValueError: There is something else among them.
    """
    found = []
    for item in items:
        if isinstance(item, BaseChat):
            name = item._batch_request_id  # noqa: SLF001  # of this package
            request = batch_pb2.BatchRequest(completion_request=item.proto, batch_request_id=name)
        else:
            try:
                request = accept(batch_pb2.BatchRequest, item)
            except TypeError as error:
                raise ValueError(f"Unsupported request type: {type(item)}") from error
        found.append(request)
    return found

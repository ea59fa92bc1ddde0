# Do not edit: produced by "nox -s generate" from
# xai/aio/v1/batch.py
"""Batches of requests that are processed later: the service xai_api.BatchMgmt."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from xai._annotations import resolve_lazily
from xai._validation import check_callable, refuse_awaitable
from xai.errors import APIError
from xai.proto.xai_api import batch as pb
from xai.runtime.codec.reading import checked
from xai.sync.rpc.caller import Caller
from xai.sync.v1.paging import Page
from xai.sync.v1.polling import WaitTimeout, poll
from xai.v1.batch import (
    AddedRequests,
    Batch,
    BatchRequestInfo,
    BatchResultValue,
    BatchTimeoutError,
    read_batch,
    read_info,
    result_fields,
)
from xai.v1.batch_file import as_lines, write_lines
from xai.v1.batch_request import (
    BatchItem,
    BatchRequestStatus,
    create_request,
    make_batch_requests,
    make_states,
)
from xai.v1.media_errors import MediaUnavailableError, VideoFailedError
from xai.v1.splitting import split_by_size
from xai.v1.validation import non_empty

if TYPE_CHECKING:
    from xai.sync.v1.image import ImageResponse
    from xai.sync.v1.video_job import VideoResponse

#: How long a batch is waited for when nothing else is said, in seconds: it may take a day.
_DEFAULT_WAIT: Final = 86_400.0
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0


@attrs.frozen
class BatchResult(BatchResultValue):
    """What came of a request of a batch.

    Attributes:
        batch_request_id: The ID of the request within the batch.
        kind: ``"chat"``, ``"image"`` or ``"video"`` for a response, ``"error"`` for a failed
            request, ``"pending"`` where nothing has come yet; ``"unknown"`` for a response of a
            kind that this version does not know.
        error: Why the request failed, as an exception; None unless it did.
        request: The request as it was added, where it was asked for.
        proto: The protobuf message.
    """

    _caller: Caller | None = attrs.field(repr=False, eq=False)
    # Kept, so that the bytes of an image are fetched once.
    _images: list["ImageResponse"] = attrs.field(factory=list, init=False, repr=False, eq=False)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without the client."""
        return _restored, (self.proto, self.request)

    @property
    def images(self) -> "list[ImageResponse]":
        """The images that were made, as many as came.

        Raises:
            APIError: The request failed.
            ValueError: The result is of another kind.
        """
        from xai.sync.v1.image import read_images

        self.check("image")
        if not self._images:
            self._images.extend(read_images(self._caller, self.proto.response.image_response))
        return list(self._images)

    @property
    def image(self) -> "ImageResponse":
        """The image that was made, the first of several.

        Raises:
            APIError: The request failed.
            MediaUnavailableError: No image came.
            ValueError: The result is of another kind.
        """
        for image in self.images:
            return image
        raise MediaUnavailableError("the response has no image", respect_moderation=True)

    @property
    def video(self) -> "VideoResponse":
        """The video that was made, also when one was extended.

        Raises:
            APIError: The request failed.
            ValueError: The result is of another kind.
            VideoFailedError: The video could not be made.
        """
        from xai.sync.v1.video_job import read_video

        self.check("video")
        reply = self.proto.response.video_response
        if reply.is_set("error") and reply.error is not None:
            error, name = reply.error, self.batch_request_id
            text = error.message or f"the server could not make the video {name}"
            raise VideoFailedError(text, code=error.code or "UNKNOWN", request_id=name)
        return read_video(self._caller, reply, self.batch_request_id)


class Batches:
    """Creates batches, adds requests to them, and fetches the results.

    A batch is known by its ID, in this process and in others.

    Args:
        caller: Makes the calls.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def create(self, name: str, *, input_file_id: str | None = None) -> Batch:
        """Create a batch, empty or filled from a file.

        Args:
            name: Its name.
            input_file_id: The ID of a file with a request on each line, as `write_input` writes
                it. Such a batch is sealed: no more requests can be added.

        Returns:
            The batch.

        Raises:
            NotFoundError: There is no such file.
            APIError: The call failed.
            TypeError: An argument is not a str.
            ValueError: An argument is empty.

        RPC: ``/xai_api.BatchMgmt/CreateBatch``.
        """
        request = create_request(name, input_file_id)
        return self._caller.unary_of(pb.BATCH_MGMT_CREATE_BATCH, request, read_batch)

    def add(self, batch_id: str, requests: Sequence[BatchItem]) -> AddedRequests:
        """Add requests to a batch, any number of them.

        They are sent in as many calls as the limit of messages demands, in order. A chat is
        taken as it is now; its ID is what ``chat.create`` was given as ``batch_request_id``. The
        server chooses the IDs of requests without one.

        Args:
            batch_id: The ID of the batch.
            requests: Chats, and what ``image.prepare``, ``video.prepare`` and
                ``video.prepare_extension`` return.

        Returns:
            The number of requests that were added.

        Raises:
            NotFoundError: There is no such batch.
            APIError: A call failed; ``partial`` is an `AddedRequests` that tells which requests
                were added before.
            TypeError: An argument is of the wrong type.
            ValueError: A request is empty or too large, or two have the same ID.

        RPC: ``/xai_api.BatchMgmt/AddBatchRequests``.
        """
        batch_id = non_empty("batch_id", batch_id)
        messages = make_batch_requests("requests", requests)
        call = pb.AddBatchRequestsRequest(batch_id=batch_id)
        room = self._caller.context.transport.config.max_message_bytes - len(bytes(call))
        sizes = [len(bytes(message)) for message in messages]
        total = len(messages)
        for start, end in split_by_size("requests", sizes, max_count=total, max_bytes=room):
            call.batch_requests = messages[start:end]
            try:
                self._caller.unary(pb.BATCH_MGMT_ADD_BATCH_REQUESTS, call)
            except APIError as error:
                error.partial = AddedRequests(batch_id, start, total)
                raise
        return AddedRequests(batch_id, total, total)

    def get(self, batch_id: str) -> Batch:
        """Return a batch: how far it is, and what it has cost.

        Args:
            batch_id: The ID of the batch.

        Raises:
            NotFoundError: There is no such batch.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.BatchMgmt/GetBatch``.
        """
        return self._get(self._caller, non_empty("batch_id", batch_id))

    def cancel(self, batch_id: str) -> Batch:
        """Cancel the requests of a batch that are still pending.

        Args:
            batch_id: The ID of the batch.

        Returns:
            The batch; the results of the requests that were processed stay.

        Raises:
            NotFoundError: There is no such batch.
            APIError: The call failed.
            TypeError: The ID is not a str.
            ValueError: The ID is empty.

        RPC: ``/xai_api.BatchMgmt/CancelBatch``.
        """
        request = pb.CancelBatchRequest(batch_id=non_empty("batch_id", batch_id))
        return self._caller.unary_of(pb.BATCH_MGMT_CANCEL_BATCH, request, read_batch)

    def list(self, *, limit: int | None = None, pagination_token: str | None = None) -> Page[Batch]:
        """List the batches of the team.

        Args:
            limit: The most batches in all; all there are when None.
            pagination_token: Where to begin: the ``next_page_token`` of another page.

        Returns:
            The first page; iterating over it goes on with those that follow.

        Raises:
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: The limit is less than 1, or the token is empty.

        RPC: ``/xai_api.BatchMgmt/ListBatches``.
        """
        return Page.listed(
            self._caller,
            pb.BATCH_MGMT_LIST_BATCHES,
            pb.ListBatchesRequest(),
            lambda reply: [read_batch(batch) for batch in checked(reply.batches)],
            limit=limit,
            pagination_token=pagination_token,
        )

    def requests(
        self,
        batch_id: str,
        *,
        status: BatchRequestStatus | Sequence[BatchRequestStatus] | None = None,
        limit: int | None = None,
        pagination_token: str | None = None,
    ) -> Page[BatchRequestInfo]:
        """List the requests of a batch and their states, without their content.

        Args:
            batch_id: The ID of the batch.
            status: Only those in this state, or in one of several: ``"pending"``,
                ``"succeeded"``, ``"cancelled"``, ``"failed"``.
            limit: The most requests in all; all there are when None.
            pagination_token: Where to begin: the ``next_page_token`` of another page.

        Returns:
            The first page; iterating over it goes on with those that follow.

        Raises:
            NotFoundError: There is no such batch.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.

        RPC: ``/xai_api.BatchMgmt/ListBatchRequestMetadata``.
        """
        request = pb.ListBatchRequestMetadataRequest(
            batch_id=non_empty("batch_id", batch_id), status=make_states(status)
        )
        return Page.listed(
            self._caller,
            pb.BATCH_MGMT_LIST_BATCH_REQUEST_METADATA,
            request,
            lambda reply: [read_info(info) for info in checked(reply.batch_request_metadata)],
            limit=limit,
            pagination_token=pagination_token,
        )

    def results(
        self, batch_id: str, *, limit: int | None = None, pagination_token: str | None = None
    ) -> Page[BatchResult]:
        """List the results of a batch that there are so far, in no particular order.

        Args:
            batch_id: The ID of the batch.
            limit: The most results in all; all there are when None.
            pagination_token: Where to begin: the ``next_page_token`` of another page.

        Returns:
            The first page; iterating over it goes on with those that follow.

        Raises:
            NotFoundError: There is no such batch.
            APIError: The call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is not valid.

        RPC: ``/xai_api.BatchMgmt/ListBatchResults``.
        """
        return Page.listed(
            self._caller,
            pb.BATCH_MGMT_LIST_BATCH_RESULTS,
            pb.ListBatchResultsRequest(batch_id=non_empty("batch_id", batch_id)),
            lambda reply: [self._read(result) for result in checked(reply.results)],
            limit=limit,
            pagination_token=pagination_token,
        )

    def result(self, batch_id: str, batch_request_id: str) -> BatchResult:
        """Return a request of a batch with its result.

        Args:
            batch_id: The ID of the batch.
            batch_request_id: The ID of the request within the batch.

        Returns:
            The result, with the request as ``request``; of the kind ``"pending"`` as long as there
            is none.

        Raises:
            NotFoundError: There is no such batch, or no such request in it.
            APIError: The call failed.
            TypeError: An argument is not a str.
            ValueError: An argument is empty.

        RPC: ``/xai_api.BatchMgmt/GetBatchRequestResult``.
        """
        name = non_empty("batch_request_id", batch_request_id)
        request = pb.GetBatchRequestResultRequest(
            batch_id=non_empty("batch_id", batch_id), batch_request_id=name
        )

        def read(reply: pb.GetBatchRequestResultResponse) -> BatchResult:
            found = reply.result if reply.is_set("result") else None
            return self._read(
                found or pb.BatchResult(batch_request_id=name),
                reply.request if reply.is_set("request") else None,
            )

        return self._caller.unary_of(pb.BATCH_MGMT_GET_BATCH_REQUEST_RESULT, request, read)

    def wait(
        self,
        batch_id: str,
        *,
        timeout: float | timedelta | None = None,
        interval: float | timedelta | None = None,
        on_progress: Callable[[Batch], object] | None = None,
    ) -> Batch:
        """Poll until no request of a batch is pending.

        Args:
            batch_id: The ID of the batch.
            timeout: Seconds to wait in total; a day when None, no limit when infinite.
            interval: Seconds between polls; 0.5 at first, growing to 30, when None.
            on_progress: Called with the batch after each poll. What it raises ends the wait.

        Returns:
            The batch. Requests of it may have failed: see `results`.

        Raises:
            BatchTimeoutError: Requests are still pending; the batch can be waited for again.
            NotFoundError: There is no such batch.
            APIError: A call failed.
            TypeError: An argument is of the wrong type.
            ValueError: An argument is empty, or not more than 0.

        RPC: ``/xai_api.BatchMgmt/GetBatch``.
        """
        batch_id = non_empty("batch_id", batch_id)
        check_callable("on_progress", on_progress)
        wait = WaitTimeout(
            self._caller,
            _DEFAULT_WAIT if timeout is None else timeout,
            interval,
            first=_FIRST_PAUSE,
            longest=_LONGEST_PAUSE,
        )
        seen: Batch | None = None

        def ask(caller: Caller) -> Batch | None:
            nonlocal seen
            seen = self._get(caller, batch_id)
            if on_progress is not None:
                told = on_progress(seen)
                refuse_awaitable("on_progress", told)
            return seen if seen.done else None

        def timed_out(seconds: float) -> BatchTimeoutError:
            text = f"the batch {batch_id} is not done after {seconds:g} s"
            return BatchTimeoutError(text, batch_id=batch_id, batch=seen)

        return poll(wait, ask, timed_out)

    def write_input(self, path: str | os.PathLike[str], requests: Sequence[BatchItem]) -> int:
        """Write a file that a batch can be filled from; nothing is sent.

        Each request is a line of JSON in the form of the REST API, with ``custom_id``,
        ``method``, ``url`` and ``body``. A file of this name is replaced as a whole, or, after an
        error, not at all. Upload it, and pass its ID to `create`.

        Args:
            path: The path of the file.
            requests: As for `add`. Each needs an ID.

        Returns:
            The number of lines.

        Raises:
            OSError: The file can't be written.
            TypeError: An argument is of the wrong type.
            ValueError: A request is empty, has no ID or that of another one, or something that
                the REST API has no form for; the error names it.
        """
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"path must be a str or a path, not {type(path).__name__}")
        lines = as_lines(make_batch_requests("requests", requests))
        self._caller.context.transport.beside(lambda: write_lines(path, lines))
        return len(lines)

    def _read(self, proto: pb.BatchResult, request: pb.BatchRequest | None = None) -> BatchResult:
        return _result(self._caller, proto, request)

    def _get(self, caller: Caller, batch_id: str) -> Batch:
        request = pb.GetBatchRequest(batch_id=batch_id)
        return caller.unary_of(pb.BATCH_MGMT_GET_BATCH, request, read_batch)


def _result(
    caller: Caller | None, proto: pb.BatchResult, request: pb.BatchRequest | None
) -> BatchResult:
    return BatchResult(**result_fields(proto, request), caller=caller)


def _restored(proto: pb.BatchResult, request: pb.BatchRequest | None) -> BatchResult:
    """Return a result that was pickled: it knows of no client."""
    return _result(None, proto, request)


# Users meet it as a name of `xai.v1`; its repr and pickles say so.
BatchResult.__module__ = "xai.v1"


resolve_lazily(globals())

# Do not edit: produced by "nox -s generate" from
# xai/xai_sdk/v1/aio/batch.py
"""Batches of requests that are processed later."""

from collections.abc import Sequence

from xai.proto.xai_api import batch as pb
from xai.xai_sdk.v1.batch import ListBatchResultsResponse, requests_of
from xai.xai_sdk.v1.proto.messages import Message
from xai.xai_sdk.v1.proto.modules import load
from xai.xai_sdk.v1.sync.connection import Connection

batch_pb2 = load("batch_pb2")


class Client:
    """Makes batches, and reads their results.

    Args:
        connection: Makes the calls.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, batch_name: str, *, input_file_id: str | None = None) -> Message:
        """Create a batch.

        Args:
            batch_name: Its name.
            input_file_id: The file with its requests, one a line.
        """
        request = batch_pb2.CreateBatchRequest(name=batch_name, input_file_id=input_file_id)
        return self._connection.call(pb.BATCH_MGMT_CREATE_BATCH, request)

    def add(self, batch_id: str, batch_requests: Sequence[object]) -> None:
        """Add requests to a batch.

        Args:
            batch_id: The ID of the batch.
            batch_requests: Chats, and what ``prepare`` returned.

        Raises:
            ValueError: There is something else among them.
        """
        request = batch_pb2.AddBatchRequestsRequest(
            batch_id=batch_id, batch_requests=requests_of(batch_requests)
        )
        self._connection.call(pb.BATCH_MGMT_ADD_BATCH_REQUESTS, request)

    def get(self, batch_id: str) -> Message:
        """Return a batch.

        Args:
            batch_id: The ID of the batch.
        """
        request = batch_pb2.GetBatchRequest(batch_id=batch_id)
        return self._connection.call(pb.BATCH_MGMT_GET_BATCH, request)

    def cancel(self, batch_id: str) -> Message:
        """End a batch, and return it.

        Args:
            batch_id: The ID of the batch.
        """
        request = batch_pb2.CancelBatchRequest(batch_id=batch_id)
        return self._connection.call(pb.BATCH_MGMT_CANCEL_BATCH, request)

    def list(self, limit: int | None = None, pagination_token: str | None = None) -> Message:
        """Return a page of the batches.

        Args:
            limit: The most batches of a page.
            pagination_token: Where the page begins.
        """
        request = batch_pb2.ListBatchesRequest(limit=limit, pagination_token=pagination_token)
        return self._connection.call(pb.BATCH_MGMT_LIST_BATCHES, request)

    def list_batch_requests(
        self, batch_id: str, limit: int | None = None, pagination_token: str | None = None
    ) -> Message:
        """Return a page of the requests of a batch.

        Args:
            batch_id: The ID of the batch.
            limit: The most requests of a page.
            pagination_token: Where the page begins.
        """
        request = batch_pb2.ListBatchRequestMetadataRequest(
            batch_id=batch_id, limit=limit, pagination_token=pagination_token
        )
        return self._connection.call(pb.BATCH_MGMT_LIST_BATCH_REQUEST_METADATA, request)

    def list_batch_results(
        self, batch_id: str, limit: int | None = None, pagination_token: str | None = None
    ) -> ListBatchResultsResponse:
        """Return a page of the results of a batch.

        Args:
            batch_id: The ID of the batch.
            limit: The most results of a page.
            pagination_token: Where the page begins.
        """
        request = batch_pb2.ListBatchResultsRequest(
            batch_id=batch_id, limit=limit, pagination_token=pagination_token
        )
        reply = self._connection.call(pb.BATCH_MGMT_LIST_BATCH_RESULTS, request)
        return ListBatchResultsResponse(reply)

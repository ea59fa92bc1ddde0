# Generated from xai/api/v1/documents.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The asynchronous services of xai/api/v1/documents.proto."""

from xai._secrets import conceal
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import AsyncServiceStub
from xai.proto.xai_api.documents import DOCUMENTS_SEARCH, SearchRequest, SearchResponse


class AsyncDocumentsStub(AsyncServiceStub):
    """Searches collections."""

    async def search(
        self,
        request: SearchRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> SearchResponse:
        """Find the parts of documents that match a query best."""
        pairs, metadata = conceal(metadata), ()
        return await self._unary(DOCUMENTS_SEARCH, request, timeout=timeout, metadata=pairs)

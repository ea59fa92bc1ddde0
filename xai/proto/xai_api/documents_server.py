# Generated from xai/api/v1/documents.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of xai/api/v1/documents.proto."""

from xai.proto.server_base import Handler, ServiceBase
from xai.proto.xai_api.documents import DOCUMENTS_SEARCH, SearchRequest, SearchResponse


class DocumentsBase(ServiceBase):
    """Searches collections."""

    async def search(self, request: SearchRequest) -> SearchResponse:
        """Find the parts of documents that match a query best."""
        raise self._unimplemented(DOCUMENTS_SEARCH)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            DOCUMENTS_SEARCH.path: self._unary_handler(DOCUMENTS_SEARCH, self.search),
        }

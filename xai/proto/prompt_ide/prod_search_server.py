# Generated from prompt_ide/prod_search.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The server's side of the services of prompt_ide/prod_search.proto."""

from collections.abc import AsyncIterator

from betterproto.lib.google.protobuf import Empty

from xai.proto.prompt_ide.prod_search import (
    SEARCH_COMPLETE_QUERY,
    SEARCH_DELETE_SEARCH_QUERY,
    SEARCH_GET_MOST_RECENT_SEARCH_QUERY,
    SEARCH_GET_X_CURATED_TRENDS,
    SEARCH_GET_X_TREND_BY_ID,
    SEARCH_SEARCH,
    SEARCH_SUMMARIZE_WEB_RESULT,
    CompleteQueryRequest,
    CompleteQueryResponse,
    DeleteSearchQueryRequest,
    GetMostRecentSearchQueryRequest,
    GetXCuratedTrendsRequest,
    GetXCuratedTrendsResponse,
    GetXTrendByIdRequest,
    GetXTrendByIdResponse,
    SearchQueryResponse,
    SearchRequest,
    SearchResponse,
    SummarizeWebResultRequest,
    SummarizeWebResultResponse,
)
from xai.proto.server_base import Handler, ServiceBase


class SearchBase(ServiceBase):
    """Searches the web and X, and remembers what was searched for."""

    def search(self, request: SearchRequest) -> AsyncIterator[SearchResponse]:
        """Search, and stream what is found as it comes in."""
        raise self._unimplemented(SEARCH_SEARCH)

    async def get_most_recent_search_query(
        self, request: GetMostRecentSearchQueryRequest
    ) -> SearchQueryResponse:
        """List the latest queries of the user."""
        raise self._unimplemented(SEARCH_GET_MOST_RECENT_SEARCH_QUERY)

    async def delete_search_query(self, request: DeleteSearchQueryRequest) -> Empty:
        """Forget a query.

        Not safe to repeat: the second time may get NOT_FOUND.
        """
        raise self._unimplemented(SEARCH_DELETE_SEARCH_QUERY)

    async def complete_query(self, request: CompleteQueryRequest) -> CompleteQueryResponse:
        """Propose an ending for a query that is being typed."""
        raise self._unimplemented(SEARCH_COMPLETE_QUERY)

    def summarize_web_result(
        self, request: SummarizeWebResultRequest
    ) -> AsyncIterator[SummarizeWebResultResponse]:
        """Respond to a query from one web page, and stream the response."""
        raise self._unimplemented(SEARCH_SUMMARIZE_WEB_RESULT)

    async def get_x_curated_trends(
        self, request: GetXCuratedTrendsRequest
    ) -> GetXCuratedTrendsResponse:
        """List trends that were picked by hand."""
        raise self._unimplemented(SEARCH_GET_X_CURATED_TRENDS)

    async def get_x_trend_by_id(self, request: GetXTrendByIdRequest) -> GetXTrendByIdResponse:
        """Look up one trend."""
        raise self._unimplemented(SEARCH_GET_X_TREND_BY_ID)

    def __mapping__(self) -> dict[str, Handler]:
        """Return what answers each path, as grpclib asks for it."""
        return {
            SEARCH_SEARCH.path: self._stream_handler(SEARCH_SEARCH, self.search),
            SEARCH_GET_MOST_RECENT_SEARCH_QUERY.path: self._unary_handler(
                SEARCH_GET_MOST_RECENT_SEARCH_QUERY, self.get_most_recent_search_query
            ),
            SEARCH_DELETE_SEARCH_QUERY.path: self._unary_handler(
                SEARCH_DELETE_SEARCH_QUERY, self.delete_search_query
            ),
            SEARCH_COMPLETE_QUERY.path: self._unary_handler(
                SEARCH_COMPLETE_QUERY, self.complete_query
            ),
            SEARCH_SUMMARIZE_WEB_RESULT.path: self._stream_handler(
                SEARCH_SUMMARIZE_WEB_RESULT, self.summarize_web_result
            ),
            SEARCH_GET_X_CURATED_TRENDS.path: self._unary_handler(
                SEARCH_GET_X_CURATED_TRENDS, self.get_x_curated_trends
            ),
            SEARCH_GET_X_TREND_BY_ID.path: self._unary_handler(
                SEARCH_GET_X_TREND_BY_ID, self.get_x_trend_by_id
            ),
        }

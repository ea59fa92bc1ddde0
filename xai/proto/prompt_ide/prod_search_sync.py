# Generated from prompt_ide/prod_search.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The blocking services of prompt_ide/prod_search.proto."""

from betterproto.lib.google.protobuf import Empty

from xai._secrets import conceal
from xai._streams import Stream
from xai.options import NOT_GIVEN, Metadata, NotGiven, Timeouts
from xai.proto.base import ServiceStub
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


class SearchStub(ServiceStub):
    """Searches the web and X, and remembers what was searched for."""

    def search(
        self,
        request: SearchRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Stream[SearchResponse]:
        """Search, and stream what is found as it comes in."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(SEARCH_SEARCH, request, timeout=timeout, metadata=pairs)

    def get_most_recent_search_query(
        self,
        request: GetMostRecentSearchQueryRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> SearchQueryResponse:
        """List the latest queries of the user."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(
            SEARCH_GET_MOST_RECENT_SEARCH_QUERY, request, timeout=timeout, metadata=pairs
        )

    def delete_search_query(
        self,
        request: DeleteSearchQueryRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Empty:
        """Forget a query.

        Not safe to repeat: the second time may get NOT_FOUND.
        """
        pairs, metadata = conceal(metadata), ()
        return self._unary(SEARCH_DELETE_SEARCH_QUERY, request, timeout=timeout, metadata=pairs)

    def complete_query(
        self,
        request: CompleteQueryRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> CompleteQueryResponse:
        """Propose an ending for a query that is being typed."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(SEARCH_COMPLETE_QUERY, request, timeout=timeout, metadata=pairs)

    def summarize_web_result(
        self,
        request: SummarizeWebResultRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> Stream[SummarizeWebResultResponse]:
        """Respond to a query from one web page, and stream the response."""
        pairs, metadata = conceal(metadata), ()
        return self._stream(SEARCH_SUMMARIZE_WEB_RESULT, request, timeout=timeout, metadata=pairs)

    def get_x_curated_trends(
        self,
        request: GetXCuratedTrendsRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GetXCuratedTrendsResponse:
        """List trends that were picked by hand."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(SEARCH_GET_X_CURATED_TRENDS, request, timeout=timeout, metadata=pairs)

    def get_x_trend_by_id(
        self,
        request: GetXTrendByIdRequest,
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> GetXTrendByIdResponse:
        """Look up one trend."""
        pairs, metadata = conceal(metadata), ()
        return self._unary(SEARCH_GET_X_TREND_BY_ID, request, timeout=timeout, metadata=pairs)

"""The service prompt_ide.Search: pages, posts and trends of the library, and past queries."""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence

import attrs
from betterproto.lib.google.protobuf import Empty
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from xai.proto.prompt_ide.chat import AdditionalOptions
from xai.proto.prompt_ide.prod_search import (
    CompleteQueryRequest,
    CompleteQueryResponse,
    DebugInformation,
    DeleteSearchQueryRequest,
    GetMostRecentSearchQueryRequest,
    GetXCuratedTrendsRequest,
    GetXCuratedTrendsResponse,
    GetXTrendByIdRequest,
    GetXTrendByIdResponse,
    SearchQuery,
    SearchQueryResponse,
    SearchRequest,
    SearchResponse,
    SummarizeWebResultRequest,
    SummarizeWebResultResponse,
    WebsiteDebugInformation,
    XTrendResults,
)
from xai.proto.prompt_ide.prod_search_server import SearchBase
from xai.testing.control.accounts import Account, caller
from xai.testing.engine.dialogue import HUMAN, Backend, Prompt, Turn, chat_options, write_prompt
from xai.testing.engine.findings import answered, make_context, pages_pb, posts_pb, trend_pb
from xai.testing.engine.library import Library, Page, sentences

_PATH = "/prompt_ide.Search/"
_DEFAULT_LIMIT = 10
#: For each key; older queries are dropped.
_MOST_QUERIES = 1_000
_LONGEST_QUERY = 10_000


@attrs.frozen
class _Query:
    """A query of a user."""

    search_id: str
    text: str


class LocalSearch(SearchBase):
    """Serves ``prompt_ide.Search`` from memory; each key has queries of its own.

    Args:
        backend: The model.
        library: What can be found.
    """

    acls: Mapping[str, str] = {
        _PATH + "Search": "search:read",
        _PATH + "GetMostRecentSearchQuery": "search:read",
        _PATH + "DeleteSearchQuery": "search:write",
        _PATH + "CompleteQuery": "search:read",
        _PATH + "SummarizeWebResult": "search:read",
        _PATH + "GetXCuratedTrends": "search:read",
        _PATH + "GetXTrendById": "search:read",
    }

    def __init__(self, backend: Backend, library: Library) -> None:
        self._backend = backend
        self._library = library
        # The latest query is the last.
        self._queries: dict[Account, list[_Query]] = {}

    async def search(self, request: SearchRequest) -> AsyncIterator[SearchResponse]:
        """Search, and stream the results and the response of the model to them."""
        model_name = self._backend.model_name(request.model_name)
        query = self._remember(request)
        library = self._library
        pages, posts = library.find_pages(query.text), library.find_posts(query.text)
        trends = library.find_trends(query.text)
        context = make_context(library, query.text, pages, posts)
        preface = [request.prompt, *answered(query.text, context)]
        prompt = write_prompt([Turn(HUMAN, query.text)], preface)
        options = chat_options(AdditionalOptions(), "", prompt)
        reply = await self._backend.answer(prompt, options, kind="search", model_name=model_name)
        yield SearchResponse(search_id=query.search_id)
        if pages:
            yield SearchResponse(web_search_results=pages_pb(pages))
        if posts:
            yield SearchResponse(x_search_results=posts_pb(posts))
        if trends:
            yield SearchResponse(x_trend_results=XTrendResults(results=list(map(trend_pb, trends))))
        async for token_text in reply:
            if token_text.text:
                yield SearchResponse(text=token_text.text)
        yield SearchResponse(debug=self._debug(prompt, query.text, pages))

    async def get_most_recent_search_query(
        self, request: GetMostRecentSearchQueryRequest
    ) -> SearchQueryResponse:
        """List the latest queries of the user, the last one first."""
        prefix = request.query_prefix.casefold()
        found = [query for query in self._own()[::-1] if query.text.casefold().startswith(prefix)]
        return SearchQueryResponse(
            queries=[
                SearchQuery(search_id=query.search_id, query=query.text)
                for query in found[: _limit(request.limit)]
            ]
        )

    async def delete_search_query(self, request: DeleteSearchQueryRequest) -> Empty:
        """Forget a query."""
        self._own().remove(self._query(request.search_id))
        return Empty()

    async def complete_query(self, request: CompleteQueryRequest) -> CompleteQueryResponse:
        """Propose the latest query that begins like this, or complete the last word."""
        typed = request.query
        for query in reversed(self._own()):
            if typed and query.text.casefold().startswith(typed.casefold()):
                return CompleteQueryResponse(query=query.text)
        return CompleteQueryResponse(query=self._library.complete(typed))

    async def summarize_web_result(
        self, request: SummarizeWebResultRequest
    ) -> AsyncIterator[SummarizeWebResultResponse]:
        """Answer a query with the sentences of a page that say most about it, one by one."""
        page = self._library.page(request.url)
        if page is None:
            raise GRPCError(Status.NOT_FOUND, f"There is no page {request.url!r}.")
        gap = ""
        for sentence in self._library.summary(page, request.query, limit=3):
            yield SummarizeWebResultResponse(answer=gap + sentence)
            gap = " "

    async def get_x_curated_trends(
        self, request: GetXCuratedTrendsRequest
    ) -> GetXCuratedTrendsResponse:
        """List the trends, those with the most posts first."""
        wanted = request.category.casefold()
        found = [trend for trend in self._library.trends if wanted in ("", trend.page.category)]
        found.sort(key=lambda trend: -len(trend.posts))
        trends = [trend_pb(trend) for trend in found[: _limit(request.limit)]]
        return GetXCuratedTrendsResponse(trends=trends)

    async def get_x_trend_by_id(self, request: GetXTrendByIdRequest) -> GetXTrendByIdResponse:
        """Look up one trend."""
        trend = self._library.trend(request.id)
        if trend is None:
            raise GRPCError(Status.NOT_FOUND, f"There is no trend {request.id!r}.")
        return GetXTrendByIdResponse(trend=trend_pb(trend))

    def _own(self) -> list[_Query]:
        return self._queries.setdefault(caller(), [])

    def _query(self, search_id: str) -> _Query:
        for query in self._own():
            if query.search_id == search_id:
                return query
        raise GRPCError(Status.NOT_FOUND, f"There is no search {search_id!r}.")

    def _remember(self, request: SearchRequest) -> _Query:
        """Return the query; the same one keeps its ID unless it has to be searched anew."""
        text = request.query.strip()
        if not text and request.search_id:
            text = self._query(request.search_id).text
        if not text:
            raise GRPCError(Status.INVALID_ARGUMENT, "query is empty.")
        if len(text) > _LONGEST_QUERY:
            error = f"query has {len(text)} characters; it may have {_LONGEST_QUERY}."
            raise GRPCError(Status.INVALID_ARGUMENT, error)
        queries = self._own()
        earlier = next(
            (query for query in queries if query.text.casefold() == text.casefold()), None
        )
        query = earlier
        if query is None or request.force_refresh:
            query = _Query(uuid.uuid4().hex, text)
        if earlier is not None:
            queries.remove(earlier)
        queries.append(query)
        del queries[:-_MOST_QUERIES]
        return query

    def _debug(self, prompt: Prompt, query: str, pages: Sequence[Page]) -> DebugInformation:
        return DebugInformation(
            formatted_model_prompt=str(prompt),
            websites=[
                WebsiteDebugInformation(
                    url=page.url,
                    raw_html="".join(f"<p>{part}</p>\n" for part in page.text.splitlines()),
                    parsed_text=" ".join(sentences(page.text)),
                    summarized_chunks=self._library.summary(page, query),
                )
                for page in pages
            ],
        )


def _limit(limit: int) -> int:
    if limit < 0:
        raise GRPCError(Status.INVALID_ARGUMENT, f"limit must not be negative, got {limit}.")
    return limit or _DEFAULT_LIMIT

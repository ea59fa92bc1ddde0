# Generated from prompt_ide/prod_search.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Search on the web and on X."""

from dataclasses import dataclass
from typing import Final

import betterproto
from betterproto.lib.google.protobuf import Empty

from xai.proto import base
from xai.proto.prompt_ide.x_entities import XPost, XTrendResult


@dataclass(eq=False, repr=False)
class GetXCuratedTrendsRequest(base.Message):
    """Asks for trends that were picked by hand."""

    limit: int = betterproto.int32_field(1)
    """Maximum number of trends to return."""

    category: str = betterproto.string_field(2)
    """Only trends of this category."""


@dataclass(eq=False, repr=False)
class GetXCuratedTrendsResponse(base.Message):
    """Trends that were picked by hand."""

    trends: "list[XTrendResult]" = betterproto.message_field(1)
    """The trends."""


@dataclass(eq=False, repr=False)
class GetXTrendByIdRequest(base.Message):
    """Asks for one trend."""

    id: str = betterproto.string_field(1)
    """The ID of the trend."""


@dataclass(eq=False, repr=False)
class GetXTrendByIdResponse(base.Message):
    """One trend."""

    trend: "XTrendResult" = betterproto.message_field(1)
    """The trend."""


@dataclass(eq=False, repr=False)
class SearchRequest(base.Message):
    """What to search for, and how."""

    query: str = betterproto.string_field(1)
    """What to search for."""

    force_refresh: bool = betterproto.bool_field(2)
    """Search again even when a stored result exists."""

    model_name: str = betterproto.string_field(3)
    """The model that reads the results."""

    prompt: str = betterproto.string_field(4)
    """A prompt for that model."""

    search_id: str = betterproto.string_field(5)
    """The ID of an earlier search."""

    backend_address: str = betterproto.string_field(6)
    """The address of the backend to use."""

    force_rust: bool = betterproto.bool_field(7)
    """Use the Rust backend."""

    image_generator: str = betterproto.string_field(8)
    """What makes images."""


@dataclass(eq=False, repr=False)
class SearchResponse(base.Message):
    """One part of what a search finds."""

    x_search_results: "XSearchResults" = betterproto.message_field(1, group="payload")
    """Posts on X."""

    web_search_results: "WebSearchResults" = betterproto.message_field(2, group="payload")
    """Pages on the web."""

    text: str = betterproto.string_field(3, group="payload")
    """A chunk of the response."""

    image_generation_results: "ImageGenerationResults" = betterproto.message_field(
        4, group="payload"
    )
    """Images made for the query."""

    x_trend_results: "XTrendResults" = betterproto.message_field(5, group="payload")
    """Trends on X."""

    search_id: str = betterproto.string_field(6, group="payload")
    """The ID of this search."""

    debug: "DebugInformation" = betterproto.message_field(7, group="payload")
    """Debug information about the response."""


@dataclass(eq=False, repr=False)
class XSearchResults(base.Message):
    """Posts that a search found."""

    results: "list[XPost]" = betterproto.message_field(1)
    """The posts."""


@dataclass(eq=False, repr=False)
class XTrendResults(base.Message):
    """Trends that a search found."""

    results: "list[XTrendResult]" = betterproto.message_field(1)
    """The trends."""


@dataclass(eq=False, repr=False)
class WebSearchResult(base.Message):
    """A web page that a search found."""

    url: str = betterproto.string_field(1)
    """Where the page is."""

    title: str = betterproto.string_field(2)
    """The title of the page."""

    preview: str = betterproto.string_field(4)
    """A short excerpt of its text."""

    search_engine_text: str = betterproto.string_field(5)
    """What the search engine shows for it."""

    description: str = betterproto.string_field(6)
    """The description the page gives of itself."""

    site_name: str = betterproto.string_field(7)
    """The name of the site."""

    metadata_title: str = betterproto.string_field(8)
    """The title in the metadata of the page."""

    creator: str = betterproto.string_field(9)
    """Who made the page."""

    image: str = betterproto.string_field(10)
    """Where its picture is."""

    favicon: str = betterproto.string_field(11)
    """Where its icon is."""

    citation_id: str = betterproto.string_field(12)
    """What the response of a model cites it by."""


@dataclass(eq=False, repr=False)
class WebSearchResults(base.Message):
    """Web pages that a search found."""

    results: "list[WebSearchResult]" = betterproto.message_field(1)
    """The pages."""


@dataclass(eq=False, repr=False)
class ImageGenerationResult(base.Message):
    """An image made for a query."""

    image_url: str = betterproto.string_field(1)
    """Where the image is."""

    prompt: str = betterproto.string_field(2)
    """The prompt it was made from."""


@dataclass(eq=False, repr=False)
class ImageGenerationResults(base.Message):
    """Images made for a query."""

    results: "list[ImageGenerationResult]" = betterproto.message_field(1)
    """The images."""

    image_generator: str = betterproto.string_field(2)
    """What made them."""


@dataclass(eq=False, repr=False)
class GetMostRecentSearchQueryRequest(base.Message):
    """Asks for the latest queries of the user."""

    limit: int = betterproto.int32_field(1)
    """Maximum number of queries to return."""

    query_prefix: str = betterproto.string_field(2)
    """Only queries that start with this."""


@dataclass(eq=False, repr=False)
class SearchQuery(base.Message):
    """A query the user searched for."""

    search_id: str = betterproto.string_field(1)
    """The ID of the search."""

    query: str = betterproto.string_field(2)
    """What was searched for."""


@dataclass(eq=False, repr=False)
class SearchQueryResponse(base.Message):
    """Queries the user searched for."""

    queries: "list[SearchQuery]" = betterproto.message_field(1)
    """The queries, the latest first."""


@dataclass(eq=False, repr=False)
class DeleteSearchQueryRequest(base.Message):
    """Names a query to forget."""

    search_id: str = betterproto.string_field(1)
    """The ID of the search."""


@dataclass(eq=False, repr=False)
class CompleteQueryRequest(base.Message):
    """A query that is being typed."""

    query: str = betterproto.string_field(1)
    """What was typed so far."""


@dataclass(eq=False, repr=False)
class CompleteQueryResponse(base.Message):
    """A whole query."""

    query: str = betterproto.string_field(1)
    """The proposed query."""


@dataclass(eq=False, repr=False)
class SummarizeWebResultRequest(base.Message):
    """A question to one web page."""

    query: str = betterproto.string_field(1)
    """Messages to respond to."""

    url: str = betterproto.string_field(2)
    """Where the page is."""

    backend_address: str = betterproto.string_field(3)
    """The address of the backend to use."""


@dataclass(eq=False, repr=False)
class SummarizeWebResultResponse(base.Message):
    """A chunk of a response from one web page."""

    answer: str = betterproto.string_field(1)
    """The chunk."""


@dataclass(eq=False, repr=False)
class WebsiteDebugInformation(base.Message):
    """How one web page was read."""

    url: str = betterproto.string_field(1)
    """Where the page is."""

    raw_html: str = betterproto.string_field(2)
    """The page as it was received."""

    parsed_text: str = betterproto.string_field(3)
    """Its text."""

    summarized_chunks: "list[str]" = betterproto.string_field(4)
    """What was kept of its text."""


@dataclass(eq=False, repr=False)
class DebugInformation(base.Message):
    """Debug information about a response."""

    formatted_model_prompt: str = betterproto.string_field(1)
    """The prompt as the model saw it."""

    websites: "list[WebsiteDebugInformation]" = betterproto.message_field(2)
    """The pages that were read for it."""


SEARCH_SEARCH: Final = base.Method(
    "/prompt_ide.Search/Search",
    SearchRequest,
    SearchResponse,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)
SEARCH_GET_MOST_RECENT_SEARCH_QUERY: Final = base.Method(
    "/prompt_ide.Search/GetMostRecentSearchQuery",
    GetMostRecentSearchQueryRequest,
    SearchQueryResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
SEARCH_DELETE_SEARCH_QUERY: Final = base.Method(
    "/prompt_ide.Search/DeleteSearchQuery",
    DeleteSearchQueryRequest,
    Empty,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
SEARCH_COMPLETE_QUERY: Final = base.Method(
    "/prompt_ide.Search/CompleteQuery",
    CompleteQueryRequest,
    CompleteQueryResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
SEARCH_SUMMARIZE_WEB_RESULT: Final = base.Method(
    "/prompt_ide.Search/SummarizeWebResult",
    SummarizeWebResultRequest,
    SummarizeWebResultResponse,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)
SEARCH_GET_X_CURATED_TRENDS: Final = base.Method(
    "/prompt_ide.Search/GetXCuratedTrends",
    GetXCuratedTrendsRequest,
    GetXCuratedTrendsResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)
SEARCH_GET_X_TREND_BY_ID: Final = base.Method(
    "/prompt_ide.Search/GetXTrendById",
    GetXTrendByIdRequest,
    GetXTrendByIdResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=True,
)

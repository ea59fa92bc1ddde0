from collections.abc import Iterator

import betterproto
import pytest

import xai
from xai import Client
from xai.proto.prompt_ide.prod_search import (
    CompleteQueryRequest,
    DeleteSearchQueryRequest,
    GetMostRecentSearchQueryRequest,
    GetXCuratedTrendsRequest,
    GetXTrendByIdRequest,
    SearchRequest,
    SearchResponse,
    SummarizeWebResultRequest,
)
from xai.testing import LocalServer
from xai.testing.engine.library import Library, default_library, sentences, terms


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with two keys."""
    with LocalServer(api_keys={"one": ["*"], "two": ["*"]}) as server:
        yield server


@pytest.fixture
def client(server: LocalServer) -> Iterator[Client]:
    """A client of it."""
    with server.client() as client:
        yield client


def search(client: Client, query: str = "", **fields: object) -> dict[str, list[SearchResponse]]:
    """Return the parts of a search by their kinds."""
    request = SearchRequest(query=query, **fields)  # type: ignore[arg-type]  # any field
    parts: dict[str, list[SearchResponse]] = {}
    for reply in client.stubs.search.search(request):
        parts.setdefault(betterproto.which_one_of(reply, "payload")[0], []).append(reply)
    return parts


def search_id(client: Client, query: str = "", **fields: object) -> str:
    """Return the ID under which a search is remembered."""
    return search(client, query, **fields)["search_id"][0].search_id


def recent(client: Client, limit: int = 0, prefix: str = "") -> list[str]:
    """Return the latest queries."""
    request = GetMostRecentSearchQueryRequest(limit=limit, query_prefix=prefix)
    reply = client.stubs.search.get_most_recent_search_query(request)
    return [query.query for query in reply.queries]


def test_search_finds_pages_posts_and_trends(client: Client) -> None:
    """Everything that is found has the words of the query, and the model has a say."""
    parts = search(client, "the keeper's horn")
    assert list(parts) == [
        "search_id",
        "web_search_results",
        "x_search_results",
        "x_trend_results",
        "text",
        "debug",
    ]
    page = parts["web_search_results"][0].web_search_results.results[0]
    assert page.title == "The lighthouse stands at the end of the long stone pier"
    assert page.url.startswith("https://library.example/lighthouse-")
    for post in parts["x_search_results"][0].x_search_results.results:
        assert {"keeper", "horn"} & set(terms(post.text))
    assert len(parts["text"]) > 1
    debug = parts["debug"][0].debug
    # What the model says is taken from what was found.
    assert "".join(reply.text for reply in parts["text"]) in debug.formatted_model_prompt
    assert "starts the horn" in debug.formatted_model_prompt
    assert debug.websites[0].url == page.url
    assert "horn" in " ".join(debug.websites[0].summarized_chunks)


def test_search_for_what_nobody_wrote_finds_nothing(client: Client) -> None:
    """Without results there is still an ID, an answer and how it came about."""
    assert list(search(client, "quantum chromodynamics")) == ["search_id", "text", "debug"]


@pytest.mark.parametrize("query", ["", "  "])
def test_empty_query_is_refused(client: Client, query: str) -> None:
    """There is nothing to look for."""
    with pytest.raises(xai.InvalidArgumentError, match="query"):
        search(client, query)
    assert recent(client) == []


def test_recent_queries_come_latest_first_and_once(client: Client) -> None:
    """A repeated query moves to the front and keeps its ID, unless the search is new."""
    first = search_id(client, "river")
    search_id(client, "bread")
    assert search_id(client, "River") == first
    assert recent(client) == ["river", "bread"]
    assert search_id(client, "river", force_refresh=True) != first
    assert recent(client) == ["river", "bread"]
    assert search_id(client, search_id=search_id(client, "bread")) == search_id(client, "bread")


def test_recent_queries_can_be_narrowed(client: Client) -> None:
    """A prefix and a limit choose among them."""
    for query in ("river", "bread", "Bridge"):
        search_id(client, query)
    assert recent(client, 2) == ["Bridge", "bread"]
    assert recent(client, prefix="b") == ["Bridge", "bread"]
    with pytest.raises(xai.InvalidArgumentError, match="limit"):
        recent(client, -1)


def test_queries_belong_to_their_key_and_can_be_deleted(
    server: LocalServer, client: Client
) -> None:
    """A query is forgotten by its owner only; what is not there is NOT_FOUND."""
    request = DeleteSearchQueryRequest(search_id=search_id(client, "river"))
    with server.client(api_key="two") as other:
        assert recent(other) == []
        with pytest.raises(xai.NotFoundError):
            other.stubs.search.delete_search_query(request)
        with pytest.raises(xai.NotFoundError):
            search(other, search_id=request.search_id)
    client.stubs.search.delete_search_query(request)
    assert recent(client) == []
    with pytest.raises(xai.NotFoundError):
        client.stubs.search.delete_search_query(request)


def test_query_is_completed_from_the_past_or_the_vocabulary(client: Client) -> None:
    """An earlier query that begins so comes first, else the last word is completed."""

    def completed(typed: str) -> str:
        request = CompleteQueryRequest(query=typed)
        return client.stubs.search.complete_query(request).query

    assert completed("the lighth") == "the lighthouse"
    assert completed("xyzzy") == "xyzzy"
    assert completed("") == ""
    assert completed("river ") == "river "
    search_id(client, "the lights of the bay")
    assert completed("the ligh") == "the lights of the bay"


def test_page_is_summarised_with_its_own_sentences(client: Client) -> None:
    """The answer is what the page says about the query, in pieces."""
    page = default_library().find_pages("bread oven")[0]
    request = SummarizeWebResultRequest(query="flat loaf dough wet", url=page.url)
    pieces = [reply.answer for reply in client.stubs.search.summarize_web_result(request)]
    assert len(pieces) == 3
    assert all(piece.strip() in sentences(page.text) for piece in pieces)
    assert "If the loaf is flat, the dough was too wet" in "".join(pieces)


def test_unknown_page_is_not_found(client: Client) -> None:
    """Only pages of the library can be summarised."""
    request = SummarizeWebResultRequest(query="x", url="https://elsewhere.example/")
    with pytest.raises(xai.NotFoundError):
        list(client.stubs.search.summarize_web_result(request))


def test_trends_are_words_that_many_posts_have(client: Client) -> None:
    """Each trend can be looked up, its posts have its word, and the fullest comes first."""
    stub = client.stubs.search
    trends = stub.get_x_curated_trends(GetXCuratedTrendsRequest()).trends
    assert trends
    counts = [len(trend.posts) for trend in trends]
    assert counts == sorted(counts, reverse=True)
    for trend in trends:
        assert all(trend.name.casefold() in terms(post.text) for post in trend.posts)
        again = stub.get_x_trend_by_id(GetXTrendByIdRequest(id=trend.rest_id)).trend
        assert again == trend


def test_trends_can_be_narrowed(client: Client) -> None:
    """A limit and a category choose among them; an unknown ID is NOT_FOUND."""
    stub = client.stubs.search
    assert len(stub.get_x_curated_trends(GetXCuratedTrendsRequest(limit=2)).trends) == 2
    found = stub.get_x_curated_trends(GetXCuratedTrendsRequest(category="Lighthouse")).trends
    assert [trend.header for trend in found] == ["lighthouse"]
    assert not stub.get_x_curated_trends(GetXCuratedTrendsRequest(category="none")).trends
    with pytest.raises(xai.InvalidArgumentError, match="limit"):
        stub.get_x_curated_trends(GetXCuratedTrendsRequest(limit=-1))
    with pytest.raises(xai.NotFoundError):
        stub.get_x_trend_by_id(GetXTrendByIdRequest(id="none"))


def test_reading_and_writing_have_acls_of_their_own() -> None:
    """search:read searches, search:write deletes; neither does the other's work."""
    with LocalServer(api_keys={"reader": ["search:read"], "writer": ["search:write"]}) as server:
        with server.client(api_key="reader") as reader:
            request = DeleteSearchQueryRequest(search_id=search_id(reader, "river"))
            assert recent(reader) == ["river"]
            with pytest.raises(xai.PermissionDeniedError):
                reader.stubs.search.delete_search_query(request)
        with server.client(api_key="writer") as writer:
            with pytest.raises(xai.PermissionDeniedError):
                search(writer, "river")
            with pytest.raises(xai.NotFoundError):
                writer.stubs.search.delete_search_query(request)


def test_library_keeps_threads_and_addresses_apart() -> None:
    """Pages have addresses of their own, and a post replies only to one of its paragraph."""
    library = Library()
    assert len({page.url for page in library.pages}) == len(library.pages)
    posts = {post.post_id: post for post in library.posts}
    assert len(posts) == len(library.posts)
    replies = [post for post in library.posts if post.parent_id]
    assert replies
    for post in replies:
        parent = posts[post.parent_id]
        assert parent.page is post.page
        assert parent.create_time < post.create_time

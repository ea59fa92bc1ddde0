"""Search results of the local server for a message or a query, and their messages."""

import re
from collections.abc import Sequence
from datetime import datetime, timezone

import attrs

from xai.proto.prompt_ide.chat import AdditionalOptions, ResponseDebugLog, SearchContext
from xai.proto.prompt_ide.prod_search import WebSearchResult, WebSearchResults, XSearchResults
from xai.proto.prompt_ide.x_entities import XPost, XTrendPost, XTrendResult
from xai.testing.engine.dialogue import ASSISTANT, HUMAN, Prompt
from xai.testing.engine.library import Library, Page, Post, Trend, sentences

WEB = "web"
X = "x"

# The beginnings of messages that ask for something without a question mark.
_REQUEST = re.compile(
    r"\s*(?:please\s+)?(?:describe|explain|find|give|how|list|look|search|show|tell|what|when"
    r"|where|which|who|why)\b",
    re.IGNORECASE,
)
_QUESTION_LENGTH = 500
_AUTHOR = re.compile(r"^@\w+: ")
_POSTS_WANTED = re.compile(r"\b(?:posts?|tweets?|on X)\b")


@attrs.frozen
class Finding:
    """What a search made for an answer has found.

    Attributes:
        query: What was searched for.
        kind: ``web``, or ``x`` for posts alone.
        pages: Pages on the web.
        posts: Posts on X.
        context: The same as the model reads it.
    """

    query: str
    kind: str
    pages: Sequence[Page]
    posts: Sequence[Post]
    context: SearchContext

    def lines(self, question: str) -> list[str]:
        """Return what the model reads of it before it answers a question."""
        return answered(question, self.context)


def search_for_answer(
    message: str, library: Library, additional: AdditionalOptions
) -> Finding | None:
    """Return what there is to know for an answer, or None.

    A caller's own context takes the place of a search.
    """
    if additional.is_set("injected_search_context"):
        given = additional.injected_search_context
        kind = WEB if given.web_search_query or not given.x_search_query else X
        return Finding(given.web_search_query or given.x_search_query, kind, (), (), given)
    if "?" not in message and not _REQUEST.match(message):
        return None
    query = " ".join(library.key_words(message, 8))
    posts_only = _POSTS_WANTED.search(message) is not None
    pages = [] if posts_only else library.find_pages(query)
    posts = library.find_posts(query)
    if not pages and not posts:
        return None
    context = make_context(library, query, pages, posts)
    return Finding(query, WEB if pages else X, pages, posts, context)


def make_context(
    library: Library, query: str, pages: Sequence[Page], posts: Sequence[Post]
) -> SearchContext:
    """Return what was found as the model reads it."""
    return SearchContext(
        web_search_query=query if pages else "",
        web_formatted_chunks="\n".join(
            f"{page.title}: {' '.join(library.summary(page, query))}" for page in pages
        ),
        x_search_query=query if posts else "",
        x_formatted_chunks="\n".join(f"@{post.username}: {post.text}" for post in posts),
        date=datetime.now(timezone.utc).date().isoformat(),
    )


def answered(question: str, context: SearchContext) -> list[str]:
    """Return each line of what was found as an answer to a question.

    The model continues what looks like the end of its prompt. Findings that stand somewhere in
    front would seldom be that; where they follow the question itself, they are what it has to say.
    """
    found = [*context.web_formatted_chunks.splitlines(), *context.x_formatted_chunks.splitlines()]
    said = [_AUTHOR.sub("", line, count=1) for line in found if line.strip()]
    # The end of the question is what the model compares; it stands in front of every line.
    question = question[-_QUESTION_LENGTH:]
    return [f"{HUMAN}: {question}\n{ASSISTANT}: {line}" for line in said]


def debug_log(
    prompt: Prompt,
    finding: Finding | None,
    *,
    system_prompt_name: str,
    disable_search: bool,
    image_query: str = "",
) -> ResponseDebugLog:
    """Return how an answer came about."""
    log = ResponseDebugLog(
        system_prompt_name=system_prompt_name,
        disable_search=disable_search,
        image_query=image_query,
        prompt=str(prompt),
        inputs=prompt.inputs(),
    )
    if finding is not None:
        log.web_query = finding.context.web_search_query
        log.x_query = finding.context.x_search_query
        log.search_context = finding.context
    return log


def pages_pb(pages: Sequence[Page]) -> WebSearchResults:
    """Return pages as a message."""
    return WebSearchResults(
        results=[
            WebSearchResult(
                url=page.url,
                title=page.title,
                preview=sentences(page.text)[0],
                search_engine_text=" ".join(sentences(page.text)[:2]),
                description=page.title,
                site_name="The library",
                metadata_title=page.title,
                citation_id=f"web:{number}",
            )
            for number, page in enumerate(pages)
        ]
    )


def posts_pb(posts: Sequence[Post]) -> XSearchResults:
    """Return posts as a message."""
    return XSearchResults(
        results=[
            XPost(
                username=post.username,
                name=post.name,
                text=post.text,
                create_time=post.create_time,
                post_id=post.post_id,
                citation_id=f"post:{number}",
                parent_post_id=post.parent_id or None,
            )
            for number, post in enumerate(posts)
        ]
    )


def trend_pb(trend: Trend) -> XTrendResult:
    """Return a trend as a message."""
    return XTrendResult(
        name=trend.name,
        hook=trend.page.title,
        summary=" ".join(sentences(trend.page.text)[:2]),
        rest_id=trend.trend_id,
        header=trend.page.category,
        posts=[
            XTrendPost(
                author_handle=post.username,
                author_name=post.name,
                rest_id=post.post_id,
                nreplies=sum(other.parent_id == post.post_id for other in trend.posts),
                text=post.text,
                created_ts=int(post.create_time.timestamp()),
            )
            for post in trend.posts
        ],
    )

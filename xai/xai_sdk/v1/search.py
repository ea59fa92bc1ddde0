"""Parameters of searches, which the service has replaced by tools."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from xai.xai_sdk.v1.proto.messages import Message, class_named
from xai.xai_sdk.v1.proto.modules import load

chat_pb2 = load("chat_pb2")

SearchMode: TypeAlias = Literal["auto", "on", "off"]


@dataclass
class SearchParameters:
    """How the model searches.

    Args:
        sources: Where; the server's choice when None.
        mode: ``"auto"``, ``"on"`` or ``"off"``.
        from_date: The earliest date of what is found.
        to_date: The latest date of what is found.
        return_citations: Whether the response cites what was found.
        max_search_results: The most results.
    """

    sources: Sequence[Message] | None = None
    mode: SearchMode = "auto"
    from_date: datetime | None = None
    to_date: datetime | None = None
    return_citations: bool = True
    max_search_results: int | None = None

    def _to_proto(self) -> Message:
        modes = ("auto", "on", "off")
        if self.mode not in modes:
            raise ValueError(f"Invalid search mode: {self.mode}. Must be one of: {modes}")
        found: Message = chat_pb2.SearchParameters(
            sources=self.sources,
            mode=chat_pb2.SearchMode.Value(f"{self.mode.upper()}_SEARCH_MODE"),
            from_date=timestamp(self.from_date),
            to_date=timestamp(self.to_date),
            return_citations=self.return_citations,
            max_search_results=self.max_search_results,
        )
        return found


def timestamp(moment: datetime | None) -> Message | None:
    """Return a moment as a message; one without a zone is in UTC."""
    if moment is None:
        return None
    found: Message = class_named("google.protobuf.Timestamp")()
    found.FromDatetime(moment)
    return found


def web_source(
    country: str | None = None,
    excluded_websites: Sequence[str] | None = None,
    allowed_websites: Sequence[str] | None = None,
    *,
    safe_search: bool = True,
) -> Message:
    """Return the web as a source.

    Args:
        country: The country to search for, in two letters.
        excluded_websites: Domains to leave out.
        allowed_websites: The only domains to search.
        safe_search: Whether explicit results are left out.
    """
    web = chat_pb2.WebSource(
        country=country,
        excluded_websites=excluded_websites,
        allowed_websites=allowed_websites,
        safe_search=safe_search,
    )
    found: Message = chat_pb2.Source(web=web)
    return found


def news_source(
    country: str | None = None,
    excluded_websites: Sequence[str] | None = None,
    *,
    safe_search: bool = True,
) -> Message:
    """Return the news as a source.

    Args:
        country: The country to search for, in two letters.
        excluded_websites: Domains to leave out.
        safe_search: Whether explicit results are left out.
    """
    news = chat_pb2.NewsSource(
        country=country, excluded_websites=excluded_websites, safe_search=safe_search
    )
    found: Message = chat_pb2.Source(news=news)
    return found


def x_source(
    included_x_handles: Sequence[str] | None = None,
    excluded_x_handles: Sequence[str] | None = None,
    post_favorite_count: int | None = None,
    post_view_count: int | None = None,
) -> Message:
    """Return X as a source.

    Args:
        included_x_handles: The only accounts to search.
        excluded_x_handles: Accounts to leave out.
        post_favorite_count: The fewest favourites of a post.
        post_view_count: The fewest views of a post.
    """
    posts = chat_pb2.XSource(
        included_x_handles=included_x_handles,
        excluded_x_handles=excluded_x_handles,
        post_favorite_count=post_favorite_count,
        post_view_count=post_view_count,
    )
    found: Message = chat_pb2.Source(x=posts)
    return found


def rss_source(links: Sequence[str]) -> Message:
    """Return feeds as a source.

    Args:
        links: Their URLs.
    """
    found: Message = chat_pb2.Source(rss=chat_pb2.RssSource(links=links))
    return found

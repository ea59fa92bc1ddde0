"""Searching before the answer, the older way: parameters and sources.

The service has deprecated it; the tools `web_search` and `x_search` take its place.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import attrs

from xai._validation import check_bool, check_sequence, check_strings, given
from xai.proto import xai_api as pb
from xai.v1.chat.enums import member
from xai.v1.validation import (
    INT32_MAX,
    MAX_DOMAINS,
    check_country,
    check_dates,
    check_either,
    check_handles,
    check_list,
    optional_int,
)

_MODES: Final = {
    "auto": pb.SearchMode.AUTO_SEARCH_MODE,
    "on": pb.SearchMode.ON_SEARCH_MODE,
    "off": pb.SearchMode.OFF_SEARCH_MODE,
}


def _copied(sources: Sequence[pb.Source] | None) -> Sequence[pb.Source]:
    """Return a copy of the sources, none for None; anything else is left for the check."""
    sources = given(sources, ())
    return tuple(sources) if isinstance(sources, (list, tuple)) else sources


_Mode = Literal["auto", "on", "off"] | pb.SearchMode


def _mode(mode: "_Mode | None") -> "_Mode":
    return given(mode, "auto")


def _flag(value: bool | None) -> bool:  # noqa: FBT001  # a converter
    return given(value, default=True)


@attrs.frozen
class SearchParameters:
    """How to search before answering.

    Attributes:
        sources: Where to search, made by `web_source` and its siblings; the web and X when empty.
        mode: Whether to: always, never, or when the model wants to.
        from_date: Only what is from then or later; UTC when it has no zone.
        to_date: Only what is from then or before; UTC when it has no zone.
        return_citations: Send the addresses of what was found.
        max_search_results: How many results to look at most, 1 to 30; the server's 15 when None.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: An argument is out of range, or the dates are in the wrong order.
    """

    sources: Sequence[pb.Source] = attrs.field(default=(), converter=_copied)
    mode: _Mode = attrs.field(default="auto", converter=_mode)
    from_date: datetime | None = None
    to_date: datetime | None = None
    return_citations: bool = attrs.field(default=True, converter=_flag)
    max_search_results: int | None = None

    def __attrs_post_init__(self) -> None:
        """Check everything here, where the mistake is, not when the request is made."""
        check_sequence("sources", self.sources, "Source")
        for index, source in enumerate(self.sources):
            if not isinstance(source, pb.Source):
                raise TypeError(f"sources[{index}] must be a Source, not {type(source).__name__}")
        member("mode", self.mode, _MODES, pb.SearchMode)
        check_dates(self.from_date, self.to_date)
        check_bool("return_citations", self.return_citations)
        optional_int("max_search_results", self.max_search_results, 1, 30)

    def to_proto(self) -> pb.SearchParameters:
        """Return the message that is sent."""
        message = pb.SearchParameters(
            sources=list(self.sources),
            mode=member("mode", self.mode, _MODES, pb.SearchMode),
            return_citations=self.return_citations,
            max_search_results=self.max_search_results,
        )
        from_date, to_date = check_dates(self.from_date, self.to_date)
        if from_date is not None:
            message.from_date = from_date
        if to_date is not None:
            message.to_date = to_date
        return message


def web_source(
    country: str | None = None,
    excluded_websites: Sequence[str] | None = None,
    allowed_websites: Sequence[str] | None = None,
    *,
    safe_search: bool | None = True,
) -> pb.Source:
    """Return the web as a place to search.

    Args:
        country: The country to search from, two letters of ISO 3166-1.
        excluded_websites: At most 5 domains to leave out; not together with allowed ones.
        allowed_websites: At most 5 domains, to look at no others.
        safe_search: Leave out explicit results.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: The country has no two letters, there are too many domains, or both lists.
    """
    excluded, allowed = check_either(
        ("excluded_websites", excluded_websites), ("allowed_websites", allowed_websites)
    )
    check_country("country", country)
    safe_search = given(safe_search, default=True)
    check_bool("safe_search", safe_search)
    return pb.Source(
        web=pb.WebSource(
            country=country,
            excluded_websites=excluded,
            allowed_websites=allowed,
            safe_search=safe_search,
        )
    )


def news_source(
    country: str | None = None,
    excluded_websites: Sequence[str] | None = None,
    *,
    safe_search: bool | None = True,
) -> pb.Source:
    """Return the news as a place to search.

    Args:
        country: The country to search from, two letters of ISO 3166-1.
        excluded_websites: At most 5 domains to leave out.
        safe_search: Leave out explicit results.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: The country has no two letters, or there are too many domains.
    """
    excluded = check_list("excluded_websites", excluded_websites, MAX_DOMAINS)
    check_country("country", country)
    safe_search = given(safe_search, default=True)
    check_bool("safe_search", safe_search)
    return pb.Source(
        news=pb.NewsSource(country=country, excluded_websites=excluded, safe_search=safe_search)
    )


def x_source(
    included_x_handles: Sequence[str] | None = None,
    excluded_x_handles: Sequence[str] | None = None,
    post_favorite_count: int | None = None,
    post_view_count: int | None = None,
) -> pb.Source:
    """Return X as a place to search.

    Args:
        included_x_handles: The only accounts to look at, without the ``@``.
        excluded_x_handles: Accounts to leave out, without the ``@``.
        post_favorite_count: Only posts with as many likes or more.
        post_view_count: Only posts with as many views or more.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: A handle has an ``@``, or a count is negative or over 2**31 - 1.
    """
    included = check_handles("included_x_handles", included_x_handles)
    excluded = check_handles("excluded_x_handles", excluded_x_handles)
    return pb.Source(
        x=pb.XSource(
            included_x_handles=included,
            excluded_x_handles=excluded,
            post_favorite_count=optional_int(
                "post_favorite_count", post_favorite_count, 0, INT32_MAX
            ),
            post_view_count=optional_int("post_view_count", post_view_count, 0, INT32_MAX),
        )
    )


def rss_source(links: Sequence[str]) -> pb.Source:
    """Return RSS feeds as a place to search.

    Args:
        links: The addresses of the feeds.

    Raises:
        TypeError: It is not a sequence of str.
        ValueError: There are none.
    """
    addresses = check_strings("links", links)
    if not addresses:
        raise ValueError("links must not be empty")
    return pb.Source(rss=pb.RssSource(links=addresses))


for _public in (SearchParameters, web_source, news_source, x_source, rss_source):
    _public.__module__ = "xai.v1"

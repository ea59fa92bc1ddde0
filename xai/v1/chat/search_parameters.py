"""Live search: its parameters and sources.

The API has deprecated it in favor of the tools `web_search` and `x_search`.
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
    """Parameters of live search.

    Attributes:
        sources: Where to search, as `web_source`, `news_source`, `x_source` and `rss_source` return
            them; the web and X when empty.
        mode: Whether to search: ``"on"``, ``"off"``, or ``"auto"`` to let the model decide.
        from_date: The earliest date of results; UTC when it has no time zone.
        to_date: The latest date of results; UTC when it has no time zone.
        return_citations: Whether to return the URLs of the sources.
        max_search_results: The maximum number of results, 1 to 30; the server's 15 when None.

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
        """Return the protobuf message."""
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
    """Return the web as a search source.

    Args:
        country: The country to search from, as two letters of ISO 3166-1.
        excluded_websites: Up to 5 domains to exclude; not together with allowed ones.
        allowed_websites: Up to 5 domains to restrict the search to.
        safe_search: Whether to exclude explicit results.

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
    """Return news as a search source.

    Args:
        country: The country to search from, as two letters of ISO 3166-1.
        excluded_websites: Up to 5 domains to exclude.
        safe_search: Whether to exclude explicit results.

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
    """Return X as a search source.

    Args:
        included_x_handles: The accounts to restrict the search to, without the ``@``.
        excluded_x_handles: Accounts to exclude, without the ``@``.
        post_favorite_count: The minimum number of likes of a post.
        post_view_count: The minimum number of views of a post.

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
    """Return RSS feeds as a search source.

    Args:
        links: The URLs of the feeds.

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

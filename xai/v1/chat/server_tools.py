"""Server-side tools: what the model may use and the server runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from xai._validation import check_str, check_strings
from xai.proto import xai_api as pb
from xai.v1.documents import RetrievalMode, retrieval_message
from xai.v1.validation import (
    INT32_MAX,
    check_country,
    check_dates,
    check_either,
    check_handles,
    check_list,
    non_empty,
    optional_bool,
    optional_int,
    optional_str,
)

MAX_COLLECTIONS: Final = 10
_ACTIONS: Final = ("auto", "generate", "edit")


def web_search(
    excluded_domains: Sequence[str] | None = None,
    allowed_domains: Sequence[str] | None = None,
    *,
    enable_image_understanding: bool | None = None,
    enable_image_search: bool | None = None,
    user_location_country: str | None = None,
    user_location_city: str | None = None,
    user_location_region: str | None = None,
    user_location_timezone: str | None = None,
) -> pb.Tool:
    """Return the server-side tool that searches the web.

    A parameter that is None is left to the server.

    Args:
        excluded_domains: Up to 5 domains to exclude; not together with allowed ones.
        allowed_domains: Up to 5 domains to restrict the search to.
        enable_image_understanding: Whether the model looks at the images of pages.
        enable_image_search: Whether to search for images too.
        user_location_country: The country of the user, as two letters of ISO 3166-1.
        user_location_city: The city of the user.
        user_location_region: The region of the user.
        user_location_timezone: The time zone of the user, as an IANA name.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: There are too many domains or both lists, or the country is not two letters.
    """
    excluded, allowed = check_either(
        ("excluded_domains", excluded_domains), ("allowed_domains", allowed_domains)
    )
    check_country("user_location_country", user_location_country)
    places = {
        "country": user_location_country,
        "city": optional_str("user_location_city", user_location_city),
        "region": optional_str("user_location_region", user_location_region),
        "timezone": optional_str("user_location_timezone", user_location_timezone),
    }
    located = any(place is not None for place in places.values())
    return pb.Tool(
        web_search=pb.WebSearch(
            excluded_domains=excluded,
            allowed_domains=allowed,
            enable_image_understanding=optional_bool(
                "enable_image_understanding", enable_image_understanding
            ),
            enable_image_search=optional_bool("enable_image_search", enable_image_search),
            user_location=pb.WebSearchUserLocation(**places) if located else None,
        )
    )


def x_search(
    from_date: datetime | None = None,
    to_date: datetime | None = None,
    allowed_x_handles: Sequence[str] | None = None,
    excluded_x_handles: Sequence[str] | None = None,
    *,
    enable_image_understanding: bool | None = None,
    enable_video_understanding: bool | None = None,
) -> pb.Tool:
    """Return the server-side tool that searches X.

    A parameter that is None is left to the server.

    Args:
        from_date: The earliest date of posts; UTC when it has no time zone.
        to_date: The latest date of posts; UTC when it has no time zone.
        allowed_x_handles: The accounts to restrict the search to, without the ``@``.
        excluded_x_handles: Accounts to exclude; not together with allowed ones.
        enable_image_understanding: Whether the model looks at the images of posts.
        enable_video_understanding: Whether the model looks at the videos of posts.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: A handle has an ``@``, both lists are given, or the dates are in the wrong
            order.
    """
    first, last = check_dates(from_date, to_date)
    allowed = check_handles("allowed_x_handles", allowed_x_handles)
    excluded = check_handles("excluded_x_handles", excluded_x_handles)
    if allowed and excluded:
        raise ValueError("allowed_x_handles and excluded_x_handles can't be given together")
    return pb.Tool(
        x_search=pb.XSearch(
            from_date=first,
            to_date=last,
            allowed_x_handles=allowed,
            excluded_x_handles=excluded,
            enable_image_understanding=optional_bool(
                "enable_image_understanding", enable_image_understanding
            ),
            enable_video_understanding=optional_bool(
                "enable_video_understanding", enable_video_understanding
            ),
        )
    )


def code_execution() -> pb.Tool:
    """Return the server-side tool that runs code."""
    return pb.Tool(code_execution=pb.CodeExecution())


def image_generation(action: Literal["auto", "generate", "edit"] | None = None) -> pb.Tool:
    """Return the server-side tool that generates images.

    Args:
        action: ``"generate"``, ``"edit"`` or ``"auto"``; the server's ``"auto"`` when None.

    Raises:
        TypeError: The action is not a str.
        ValueError: There is no such action.
    """
    if action is not None:
        check_str("action", action)
        if action not in _ACTIONS:
            choices = ", ".join(repr(name) for name in _ACTIONS)
            raise ValueError(f"action must be one of {choices}, not {action!r}")
    return pb.Tool(image_generation=pb.ImageGeneration(action=action))


def collections_search(
    collection_ids: Sequence[str],
    limit: int | None = None,
    *,
    instructions: str | None = None,
    retrieval_mode: RetrievalMode | None = None,
) -> pb.Tool:
    """Return the server-side tool that searches collections.

    Args:
        collection_ids: The IDs of 1 to 10 collections.
        limit: The maximum number of matches; the server's 10 when None.
        instructions: Instructions for the search, in words.
        retrieval_mode: Search by meaning (semantic), by words (keyword) or both (hybrid, which
            is the server's choice when None); a value such as `HybridRetrieval` has options.

    Raises:
        TypeError: An argument is of another type; the error names it.
        ValueError: There are no or too many collections, the limit is not positive, or there is
            no such mode.
    """
    identifiers = check_list("collection_ids", collection_ids, MAX_COLLECTIONS)
    if not identifiers:
        raise ValueError("collection_ids must not be empty")
    search = pb.CollectionsSearch(
        collection_ids=identifiers,
        limit=optional_int("limit", limit, 1, INT32_MAX),
        instructions=optional_str("instructions", instructions),
    )
    if retrieval_mode is not None:
        name, message = retrieval_message("retrieval_mode", retrieval_mode)
        setattr(search, name, message)
    return pb.Tool(collections_search=search)


def attachment_search(limit: int | None = None) -> pb.Tool:
    """Return the server-side tool that searches the files attached to the conversation.

    Args:
        limit: The maximum number of matches.

    Raises:
        TypeError: The limit is not an int.
        ValueError: It is not positive.
    """
    return pb.Tool(
        attachment_search=pb.AttachmentSearch(limit=optional_int("limit", limit, 1, INT32_MAX))
    )


def mcp(  # noqa: PLR0917  # xai_sdk's order, so that its callers can keep theirs
    server_url: str,
    server_label: str | None = None,
    server_description: str | None = None,
    allowed_tool_names: Sequence[str] | None = None,
    authorization: str | None = None,
    extra_headers: Mapping[str, str] | None = None,
) -> pb.Tool:
    """Return the tools of an MCP server (Model Context Protocol), which the API's server calls.

    Args:
        server_url: The URL of the MCP server.
        server_label: The prefix of the names of its tools.
        server_description: A description of the MCP server.
        allowed_tool_names: The tools the model may call; all of them when empty.
        authorization: The value of the ``authorization`` header for the MCP server; masked in the
            message's repr.
        extra_headers: More headers for the MCP server; masked in the message's repr.

    Raises:
        TypeError: An argument is of another type; the error names it, but no header's value.
        ValueError: The URL is empty.
    """
    names = (
        []
        if allowed_tool_names is None
        else check_strings("allowed_tool_names", allowed_tool_names)
    )
    headers = {} if extra_headers is None else extra_headers
    if not isinstance(headers, Mapping):
        raise TypeError(
            f"extra_headers must be a mapping of str to str, not {type(headers).__name__}"
        )
    for name, value in headers.items():
        check_str("extra_headers: a name", name)
        check_str(f"extra_headers[{name!r}]", value)
    return pb.Tool(
        mcp=pb.Mcp(
            server_url=non_empty("server_url", server_url),
            server_label=optional_str("server_label", server_label) or "",
            server_description=optional_str("server_description", server_description) or "",
            allowed_tool_names=names,
            authorization=optional_str("authorization", authorization),
            extra_headers=dict(headers),
        )
    )


for _function in (
    web_search,
    x_search,
    code_execution,
    image_generation,
    collections_search,
    attachment_search,
    mcp,
):
    _function.__module__ = "xai.v1"

"""Tools that the server runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from xai._annotations import resolve_lazily
from xai.xai_sdk.v1.proto.modules import load

if TYPE_CHECKING:
    from xai.xai_sdk.v1.proto.messages import Message

chat_pb2 = load("chat_pb2")
documents_pb2 = load("documents_pb2")


def web_search(
    excluded_domains: Sequence[str] | None = None,
    allowed_domains: Sequence[str] | None = None,
    *,
    enable_image_understanding: bool = False,
    enable_image_search: bool = False,
    user_location_country: str | None = None,
    user_location_city: str | None = None,
    user_location_region: str | None = None,
    user_location_timezone: str | None = None,
) -> "Message":
    """Return the tool that searches the web.

    Args:
        excluded_domains: Domains to leave out.
        allowed_domains: The only domains to search.
        enable_image_understanding: Whether it looks at pictures that it finds.
        enable_image_search: Whether it searches for pictures.
        user_location_country: The country of the user, in two letters.
        user_location_city: The city of the user.
        user_location_region: The region of the user.
        user_location_timezone: The time zone of the user, by its IANA name.
    """
    where = {
        "country": user_location_country,
        "city": user_location_city,
        "region": user_location_region,
        "timezone": user_location_timezone,
    }
    known = any(value is not None for value in where.values())
    search = chat_pb2.WebSearch(
        excluded_domains=excluded_domains,
        allowed_domains=allowed_domains,
        enable_image_understanding=enable_image_understanding,
        enable_image_search=enable_image_search,
        user_location=chat_pb2.WebSearchUserLocation(**where) if known else None,
    )
    return _tool(web_search=search)


def x_search(
    from_date: datetime | None = None,
    to_date: datetime | None = None,
    allowed_x_handles: Sequence[str] | None = None,
    excluded_x_handles: Sequence[str] | None = None,
    *,
    enable_image_understanding: bool = False,
    enable_video_understanding: bool = False,
) -> "Message":
    """Return the tool that searches X.

    Args:
        from_date: The earliest date of a post.
        to_date: The latest date of a post.
        allowed_x_handles: The only accounts to search.
        excluded_x_handles: Accounts to leave out.
        enable_image_understanding: Whether it looks at pictures that it finds.
        enable_video_understanding: Whether it looks at videos that it finds.
    """
    from xai.xai_sdk.v1.search import timestamp

    search = chat_pb2.XSearch(
        from_date=timestamp(from_date),
        to_date=timestamp(to_date),
        allowed_x_handles=allowed_x_handles,
        excluded_x_handles=excluded_x_handles,
        enable_image_understanding=enable_image_understanding,
        enable_video_understanding=enable_video_understanding,
    )
    return _tool(x_search=search)


def code_execution() -> "Message":
    """Return the tool that runs code."""
    return _tool(code_execution=chat_pb2.CodeExecution())


def image_generation(action: Literal["auto", "generate", "edit"] | None = None) -> "Message":
    """Return the tool that makes images.

    Args:
        action: What it may do; the server's choice when None.
    """
    return _tool(image_generation=chat_pb2.ImageGeneration(action=action))


def collections_search(
    collection_ids: Sequence[str],
    limit: int | None = None,
    *,
    instructions: str | None = None,
    retrieval_mode: 'Literal["hybrid", "semantic", "keyword"] | Message | None' = None,
) -> "Message":
    """Return the tool that searches collections.

    Args:
        collection_ids: The IDs of the collections.
        limit: The most results.
        instructions: How to search and to rank.
        retrieval_mode: How documents are found: a name, or a message with options.

    Raises:
        ValueError: There is no such mode.
    """
    search = chat_pb2.CollectionsSearch(
        collection_ids=collection_ids,
        limit=limit,
        instructions=instructions,
        **retrieval(retrieval_mode),
    )
    return _tool(collections_search=search)


def retrieval(mode: object) -> dict[str, object]:
    """Return the field of a search that says how documents are found.

    Args:
        mode: A name, a message, or None for the server's choice.

    Raises:
        ValueError: There is no such mode.
    """
    if mode is None:
        return {}
    for name in ("hybrid", "semantic", "keyword"):
        kind = getattr(documents_pb2, f"{name.capitalize()}Retrieval")
        if isinstance(mode, str) and mode == name:
            return {f"{name}_retrieval": kind()}
        if isinstance(mode, kind):
            return {f"{name}_retrieval": mode}
    raise ValueError(
        f"Unsupported retrieval_mode {mode!r}: expected 'hybrid', 'semantic', 'keyword' or one of "
        "their messages"
    )


def mcp(
    server_url: str,
    server_label: str | None = None,
    server_description: str | None = None,
    allowed_tool_names: Sequence[str] | None = None,
    authorization: str | None = None,
    extra_headers: Mapping[str, str] | None = None,
) -> "Message":
    """Return the tools of an MCP server.

    Args:
        server_url: Its URL.
        server_label: What the names of its tools begin with.
        server_description: What it is for.
        allowed_tool_names: The only tools to use.
        authorization: What the server wants in the header of that name.
        extra_headers: Other headers for the server.
    """
    server = chat_pb2.MCP(
        server_url=server_url,
        server_label=server_label,
        server_description=server_description,
        allowed_tool_names=allowed_tool_names,
        authorization=authorization,
        extra_headers=extra_headers,
    )
    return _tool(mcp=server)


def get_tool_call_type(tool_call: "Message") -> str:
    """Return the type of a tool call, such as ``"client_side_tool"``; its number if unknown."""
    from xai.xai_sdk.v1.chats.chunk import enum_name

    name = enum_name(chat_pb2.ToolCallType, tool_call.type)
    return name.removeprefix("TOOL_CALL_TYPE_").lower()


def _tool(**kind: object) -> "Message":
    found: Message = chat_pb2.Tool(**kind)
    return found


resolve_lazily(globals())

"""Chats as JSON that can be stored, and read again by a later version."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from xai._annotations import resolve_lazily
from xai._validation import check_bool
from xai.proto import xai_api as pb
from xai.proto.base import which_one_of
from xai.v1.chat.functions import FunctionTool
from xai.v1.chat.request import split_tools
from xai.v1.chat.saved import VERSION, check_saved, read_message, without_secrets
from xai.v1.structured.encode import plain
from xai.v1.validation import optional_non_empty

if TYPE_CHECKING:
    from xai.v1.structured.json_value import JsonValue

_CHAT: Final = "chat"


@attrs.frozen
class SavedChat:
    """A chat as it was stored.

    Attributes:
        request: Its messages and parameters.
        functions: The Python functions among its tools, by name.
        auto_append: Whether responses are appended.
        batch_request_id: The ID of the request within a batch.
        conversation_name: The caller's own name for the conversation.
    """

    request: pb.GetCompletionsRequest
    functions: Mapping[str, FunctionTool[..., object]]
    auto_append: bool
    batch_request_id: str | None
    conversation_name: str | None


def save_chat(chat: SavedChat) -> "dict[str, JsonValue]":
    """Return a chat as values of JSON; the secrets of tools are left out."""
    return {
        "version": VERSION,
        "kind": _CHAT,
        "request": plain(chat.request),
        "functions": [*chat.functions],
        "auto_append": chat.auto_append,
        "batch_request_id": chat.batch_request_id,
        "conversation_name": chat.conversation_name,
    }


def read_chat(
    data: "Mapping[str, JsonValue]",
    tools: "Sequence[pb.Tool | Callable[..., object] | Mapping[str, object]]",
) -> SavedChat:
    """Return a chat from what `save_chat` has made of it.

    Args:
        data: The values.
        tools: What takes the place of stored tools of the same name; others are added.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: It is no stored chat, or a stored tool lacks its secrets.
    """
    request = check_saved(data, _CHAT).get("request")
    if not isinstance(request, Mapping):
        raise ValueError("data is no stored chat: it has no request")  # noqa: TRY004  # the value is wrong
    given, functions = split_tools(tools)
    stored = request.get("tools", [])
    if not isinstance(stored, list):
        raise ValueError("data is no stored chat: its tools are no list")  # noqa: TRY004  # the value is wrong
    offered = [read_message(pb.Tool, tool, _CHAT) for tool in map(without_secrets, stored)]
    fresh = {_name(tool): tool for tool in given}
    for index, (tool, written) in enumerate(zip(offered, stored, strict=True)):
        if without_secrets(written) != written and _name(tool) not in fresh:
            raise ValueError(
                f"tools[{index}] of the stored chat, the MCP server {tool.mcp.server_label!r},"
                " was stored without its authorization and headers: pass it in tools"
            )
    merged = {**{_name(tool): tool for tool in offered}, **fresh}
    found = read_message(pb.GetCompletionsRequest, {**request, "tools": []}, _CHAT)
    found.tools = list(merged.values())
    auto_append = data.get("auto_append", False)
    check_bool("data['auto_append']", auto_append)
    return SavedChat(
        found,
        functions,
        bool(auto_append),
        _optional_text(data, "batch_request_id"),
        _optional_text(data, "conversation_name"),
    )


def _name(tool: pb.Tool) -> tuple[str, str]:
    """Return what tells a tool from others."""
    kind, value = which_one_of(tool, "tool")
    names = {"function": "name", "mcp": "server_label"}
    return kind, str(getattr(value, names[kind])) if kind in names else str(plain(tool))


def _optional_text(data: "Mapping[str, JsonValue]", name: str) -> str | None:
    value = data.get(name)
    return optional_non_empty(f"data[{name!r}]", value)  # type: ignore[arg-type]  # it checks that


resolve_lazily(globals())

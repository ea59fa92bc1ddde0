"""What the tests of runs share: how a model asks for functions, and what it was told."""

import json
from typing import Any

from tests.services.interop.reference import answer, output, piece
from xai.proto import xai_api as pb

COMPLETION = "Chat/GetCompletion"
CHUNKS = "Chat/GetCompletionChunk"


def call(
    name: str, arguments: object, call_id: str = "c1", kind: str = "CLIENT_SIDE_TOOL"
) -> dict[str, Any]:
    """Return a call of a tool, by its fields; arguments that are a str are sent as they are."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    function = {"name": name, "arguments": text}
    return {"id": call_id, "type": f"TOOL_CALL_TYPE_{kind}", "function": function}


def asking(*calls: dict[str, Any], content: str = "", **more: object) -> dict[str, Any]:
    """Return an answer that asks for tools."""
    return answer(output(content, tool_calls=list(calls)), **more)


def answering(content: str, **more: object) -> dict[str, Any]:
    """Return an answer that asks for nothing."""
    return answer(output(content), **more)


def asking_piece(*calls: dict[str, Any]) -> dict[str, Any]:
    """Return a chunk that asks for tools."""
    chunk = piece("")
    chunk["outputs"][0]["delta"]["tool_calls"] = list(calls)
    return chunk


def said(messages: list[pb.Message]) -> list[tuple[str, str, str | None]]:
    """Return who said what in a conversation, and which call it answers."""
    return [
        (
            pb.MessageRole(message.role).name or "",
            "".join(part.text for part in message.content),
            message.tool_call_id,
        )
        for message in messages
    ]


def unanswered(messages: list[pb.Message]) -> list[str]:
    """Return the IDs of the calls in a conversation that have no result after them."""
    open_calls: list[str] = []
    for message in messages:
        open_calls += [each.id for each in message.tool_calls]
        if message.tool_call_id is not None:
            open_calls.remove(message.tool_call_id)
    return open_calls

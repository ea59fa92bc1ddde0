"""The service compat.chat.Chat, scripted."""

from typing import TYPE_CHECKING, Any

from tests.services.interop.scripted import Scripted

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer

_SERVICE = "/compat.chat.Chat"

LOGPROBS = {
    "content": [
        {
            "token": "Hé",
            "logprob": -0.25,
            "bytes": "Hé".encode(),
            "top_logprobs": [
                {"token": "Hé", "logprob": -0.25, "bytes": "Hé".encode()},
                {"token": "Ho", "logprob": -1.5, "bytes": b"Ho"},
            ],
        },
        {"token": "y", "logprob": -0.5, "bytes": b"y"},
    ]
}
COMPLETION: dict[str, Any] = {
    "id": "completion-1",
    "choices": [
        {
            "finish_reason": "stop",
            "index": 0,
            "message": {"content": "Héy", "role": "assistant"},
            "logprobs": LOGPROBS,
        },
        {
            "finish_reason": "length",
            "index": 1,
            "message": {"content": "", "role": "assistant"},
        },
    ],
    "created": 2**32 - 1,
    "model": "grok-interop",
    "system_fingerprint": "fp-1",
    "object": "chat.completion",
    "usage": {"completion_tokens": 3, "prompt_tokens": 5, "total_tokens": 8},
}


def chunk(content: str, finish_reason: str = "", **more: object) -> dict[str, object]:
    """Return a piece of a streamed completion with one choice."""
    choice = {
        "delta": {"content": content, "role": "assistant"},
        "finish_reason": finish_reason,
        **more,
    }
    return {
        "id": "completion-2",
        "choices": [choice],
        "created": 1_700_000_000,
        "model": "grok-interop",
        "system_fingerprint": "fp-2",
        "object": "chat.completion.chunk",
    }


class CompatScript:
    """Each method of the service.

    Args:
        server: Where it is served.
    """

    def __init__(self, server: "GrpcioServer") -> None:
        self.completion = Scripted(server, f"{_SERVICE}/GetCompletion")
        self.chunks = Scripted(server, f"{_SERVICE}/GetCompletionChunk")
        self.completion.says(COMPLETION)
        self.chunks.says(chunk("Hel"), chunk("lo", "stop"))

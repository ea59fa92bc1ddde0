# Generated from the package compat.chat (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""The messages and enums of the package compat.chat, each loaded when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xai.proto.compat.chat.compat_chat import (
        Choice,
        ChoiceChunk,
        CompletionMessage,
        Content,
        Delta,
        GetChatCompletionChunk,
        GetChatCompletionResponse,
        GetCompletionsRequest,
        ImageUrl,
        LogProb,
        LogProbs,
        Message,
        ResponseFormat,
        TopLogProb,
        Usage,
    )
else:

    def __getattr__(name):
        """Load a message or an enum when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the messages and enums, loaded or not."""
    return sorted({*globals(), *__all__})


_HOMES = {
    "Choice": "compat_chat",
    "ChoiceChunk": "compat_chat",
    "CompletionMessage": "compat_chat",
    "Content": "compat_chat",
    "Delta": "compat_chat",
    "GetChatCompletionChunk": "compat_chat",
    "GetChatCompletionResponse": "compat_chat",
    "GetCompletionsRequest": "compat_chat",
    "ImageUrl": "compat_chat",
    "LogProb": "compat_chat",
    "LogProbs": "compat_chat",
    "Message": "compat_chat",
    "ResponseFormat": "compat_chat",
    "TopLogProb": "compat_chat",
    "Usage": "compat_chat",
}

__all__ = [
    "Choice",
    "ChoiceChunk",
    "CompletionMessage",
    "Content",
    "Delta",
    "GetChatCompletionChunk",
    "GetChatCompletionResponse",
    "GetCompletionsRequest",
    "ImageUrl",
    "LogProb",
    "LogProbs",
    "Message",
    "ResponseFormat",
    "TopLogProb",
    "Usage",
]

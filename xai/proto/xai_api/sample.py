# Generated from xai/api/v1/sample.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Raw text from a model, without a conversation around it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto

from xai.proto import base
from xai.proto.xai_api.usage import SamplingUsage


class FinishReason(base.Enum):
    """Finish reasons."""

    REASON_INVALID = 0
    """Not finished."""

    REASON_MAX_LEN = 1
    """The maximum number of tokens was reached."""

    REASON_MAX_CONTEXT = 2
    """The context window is full."""

    REASON_STOP = 3
    """The response is complete, or a stop string was sampled."""

    REASON_TOOL_CALLS = 4
    """The model calls a tool."""

    REASON_TIME_LIMIT = 5
    """The server's time limit was reached."""


@dataclass(eq=False, repr=False)
class SampleTextRequest(base.Message):
    """Request for raw completions."""

    prompt: "list[str]" = betterproto.string_field(1)
    """The texts."""

    model: str = betterproto.string_field(3)
    """The model to use, by name or alias."""

    n: "int | None" = betterproto.int32_field(8, optional=True)
    """Number of completions to sample."""

    max_tokens: "int | None" = betterproto.int32_field(7, optional=True)
    """Maximum number of tokens to sample."""

    seed: "int | None" = betterproto.int32_field(11, optional=True)
    """The seed of the random choice."""

    stop: "list[str]" = betterproto.string_field(12)
    """Stop at any of these strings, at most 8."""

    temperature: "float | None" = betterproto.float_field(14, optional=True)
    """Sampling temperature, 0 to 2."""

    top_p: "float | None" = betterproto.float_field(15, optional=True)
    """Nucleus sampling: only the most likely tokens whose probabilities add up to this."""

    frequency_penalty: "float | None" = betterproto.float_field(13, optional=True)
    """Frequency penalty, -2 to 2."""

    logprobs: bool = betterproto.bool_field(5)
    """Return the log probability of each token."""

    presence_penalty: "float | None" = betterproto.float_field(9, optional=True)
    """Presence penalty, -2 to 2."""

    top_logprobs: "int | None" = betterproto.int32_field(6, optional=True)
    """Number of most likely tokens to return at each position, at most 8."""

    user: str = betterproto.string_field(17)
    """The caller's identifier of the end user."""


@dataclass(eq=False, repr=False)
class SampleTextResponse(base.Message):
    """Completions, or deltas of them."""

    id: str = betterproto.string_field(1)
    """Its ID."""

    choices: "list[SampleChoice]" = betterproto.message_field(2)
    """The completions."""

    created: datetime = betterproto.message_field(5)
    """When it was made."""

    model: str = betterproto.string_field(6)
    """The model that made them."""

    system_fingerprint: str = betterproto.string_field(7)
    """Fingerprint of the server's configuration."""

    usage: "SamplingUsage" = betterproto.message_field(9)
    """Usage and cost."""


@dataclass(eq=False, repr=False)
class SampleChoice(base.Message):
    """A completion, or a delta of it."""

    finish_reason: "FinishReason" = betterproto.enum_field(1)
    """Finish reason."""

    index: int = betterproto.int32_field(2)
    """Index of the completion."""

    text: str = betterproto.string_field(3)
    """Its text."""


SAMPLE_SAMPLE_TEXT: Final = base.Method(
    "/xai_api.Sample/SampleText",
    SampleTextRequest,
    SampleTextResponse,
    client_streaming=False,
    server_streaming=False,
    idempotent=False,
)
SAMPLE_SAMPLE_TEXT_STREAMING: Final = base.Method(
    "/xai_api.Sample/SampleTextStreaming",
    SampleTextRequest,
    SampleTextResponse,
    client_streaming=False,
    server_streaming=True,
    idempotent=False,
)

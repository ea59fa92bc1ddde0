# Generated from xai/api/v1/sample.proto (betterproto 2.0.0b7, protoc 35.1). Do not edit.
"""Raw text from a model, without a conversation around it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import betterproto

from xai.proto import base
from xai.proto.xai_api.usage import SamplingUsage


class FinishReason(base.Enum):
    """Why a text ends."""

    REASON_INVALID = 0
    """It goes on."""

    REASON_MAX_LEN = 1
    """It has as many tokens as were asked for at most."""

    REASON_MAX_CONTEXT = 2
    """The model can't hold more."""

    REASON_STOP = 3
    """It is complete, or a stop string came."""

    REASON_TOOL_CALLS = 4
    """The model wants to use a tool."""

    REASON_TIME_LIMIT = 5
    """It took too long."""


@dataclass(eq=False, repr=False)
class SampleTextRequest(base.Message):
    """Texts to continue, and how."""

    prompt: "list[str]" = betterproto.string_field(1)
    """The texts."""

    model: str = betterproto.string_field(3)
    """The model to use, by name or alias."""

    n: "int | None" = betterproto.int32_field(8, optional=True)
    """How many continuations to give."""

    max_tokens: "int | None" = betterproto.int32_field(7, optional=True)
    """How many tokens to sample at most."""

    seed: "int | None" = betterproto.int32_field(11, optional=True)
    """The seed of the random choice."""

    stop: "list[str]" = betterproto.string_field(12)
    """Stop at any of these strings, at most 8."""

    temperature: "float | None" = betterproto.float_field(14, optional=True)
    """How bold the choice of tokens is, from 0 to 2."""

    top_p: "float | None" = betterproto.float_field(15, optional=True)
    """Choose only among the likeliest tokens that together have this probability."""

    frequency_penalty: "float | None" = betterproto.float_field(13, optional=True)
    """How much a token loses for each time it was used, from -2 to 2."""

    logprobs: bool = betterproto.bool_field(5)
    """Send the probability of each token."""

    presence_penalty: "float | None" = betterproto.float_field(9, optional=True)
    """How much a token loses for having been used, from -2 to 2."""

    top_logprobs: "int | None" = betterproto.int32_field(6, optional=True)
    """How many of the likeliest tokens to send with each token, at most 8."""

    user: str = betterproto.string_field(17)
    """The caller's own name for the end user."""


@dataclass(eq=False, repr=False)
class SampleTextResponse(base.Message):
    """Continuations, or pieces of them."""

    id: str = betterproto.string_field(1)
    """Its ID."""

    choices: "list[SampleChoice]" = betterproto.message_field(2)
    """The continuations."""

    created: datetime = betterproto.message_field(5)
    """When it was made."""

    model: str = betterproto.string_field(6)
    """The model that made them."""

    system_fingerprint: str = betterproto.string_field(7)
    """The set-up of the server."""

    usage: "SamplingUsage" = betterproto.message_field(9)
    """What it cost."""


@dataclass(eq=False, repr=False)
class SampleChoice(base.Message):
    """A continuation, or a piece of it."""

    finish_reason: "FinishReason" = betterproto.enum_field(1)
    """Why it ends."""

    index: int = betterproto.int32_field(2)
    """Which continuation it is."""

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

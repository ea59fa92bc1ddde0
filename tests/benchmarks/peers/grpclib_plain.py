"""grpclib with plain betterproto: what this package is built on, without what it adds."""

# ruff: noqa: RUF009  # betterproto declares fields by calls

from collections.abc import AsyncIterator
from dataclasses import dataclass

import betterproto
from grpclib.client import Channel, UnaryStreamMethod, UnaryUnaryMethod

from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import TOKENS
from tests.benchmarks.peer import EMBEDDED, INPUTS, KEY, PROMPT, AsyncCall, AsyncFlow, AsyncPeer

_METADATA = {"authorization": f"Bearer {KEY}"}
_TIMEOUT = 900.0


@dataclass(eq=False, repr=False)
class Logit(betterproto.Message):
    """A token and its probability."""

    token_id: int = betterproto.uint32_field(1)
    string_token: str = betterproto.string_field(2)
    prob: float = betterproto.float_field(3)


@dataclass(eq=False, repr=False)
class Token(betterproto.Message):
    """A token and its neighbours."""

    final_logit: Logit = betterproto.message_field(1)
    top_k: list[Logit] = betterproto.message_field(4)
    attention: list[float] = betterproto.float_field(5)
    token_type: int = betterproto.int32_field(3)


@dataclass(eq=False, repr=False)
class PromptInput(betterproto.Message):
    """A piece of a prompt."""

    text: str = betterproto.string_field(1)


@dataclass(eq=False, repr=False)
class SampleSettings(betterproto.Message):
    """How to sample."""

    max_len: int = betterproto.int32_field(1)
    temperature: float = betterproto.float_field(2)


@dataclass(eq=False, repr=False)
class SampleTokensRequest(betterproto.Message):
    """Asks for tokens."""

    inputs: list[PromptInput] = betterproto.message_field(7)
    settings: SampleSettings = betterproto.message_field(2)


@dataclass(eq=False, repr=False)
class SampleTokensResponse(betterproto.Message):
    """Has one token."""

    token: Token = betterproto.message_field(1)


@dataclass(eq=False, repr=False)
class TokenizeRequest(betterproto.Message):
    """Asks for the tokens of a text."""

    text: str = betterproto.string_field(1)


@dataclass(eq=False, repr=False)
class TokenizeResponse(betterproto.Message):
    """Has the tokens of a text."""

    tokens: list[Token] = betterproto.message_field(1)


@dataclass(eq=False, repr=False)
class EmbedRequest(betterproto.Message):
    """Asks for vectors."""

    texts: list[str] = betterproto.string_field(1)


@dataclass(eq=False, repr=False)
class Embedding(betterproto.Message):
    """A vector."""

    values: list[float] = betterproto.float_field(1)
    shape: list[int] = betterproto.int32_field(2)


@dataclass(eq=False, repr=False)
class EmbedResponse(betterproto.Message):
    """Has vectors."""

    embeddings: list[Embedding] = betterproto.message_field(1)


async def connect(server: Server) -> AsyncPeer:
    """Return the peer."""
    channel = Channel("127.0.0.1", server.ports["grpc"])
    tokenize = UnaryUnaryMethod(
        channel, "/prompt_ide.Sampler/Tokenize", TokenizeRequest, TokenizeResponse
    )
    embed = UnaryUnaryMethod(channel, "/prompt_ide.Embedder/Embed", EmbedRequest, EmbedResponse)
    sample = UnaryStreamMethod(
        channel, "/prompt_ide.Sampler/SampleTokens", SampleTokensRequest, SampleTokensResponse
    )

    async def run_tokenize() -> int:
        request = TokenizeRequest(text=PROMPT)
        return len((await tokenize(request, timeout=_TIMEOUT, metadata=_METADATA)).tokens)

    async def run_embed() -> int:
        request = EmbedRequest(texts=INPUTS)
        reply = await embed(request, timeout=_TIMEOUT, metadata=_METADATA)
        return sum(len(embedding.values) for embedding in reply.embeddings)

    async def open_sample() -> AsyncIterator[SampleTokensResponse]:
        settings = SampleSettings(max_len=256, temperature=0.7)
        request = SampleTokensRequest(inputs=[PromptInput(text=PROMPT)], settings=settings)
        async with sample.open(timeout=_TIMEOUT, metadata=_METADATA) as stream:
            await stream.send_message(request, end=True)
            async for reply in stream:
                yield reply

    async def close() -> None:
        channel.close()

    return AsyncPeer(
        calls={
            "unary": AsyncCall("tokenize", run_tokenize, TOKENS),
            "embed": AsyncCall("embed", run_embed, EMBEDDED),
        },
        flows={
            "stream": AsyncFlow("token", open_sample, lambda x: x.token.final_logit.string_token)
        },
        close=close,
    )

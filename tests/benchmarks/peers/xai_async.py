"""The client of this repository, on an event loop."""

from operator import attrgetter

import xai
from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import TOKENS
from tests.benchmarks.peer import EMBEDDED, INPUTS, KEY, PROMPT, AsyncCall, AsyncFlow, AsyncPeer


async def connect(server: Server) -> AsyncPeer:
    """Return the peer."""
    client = xai.AsyncClient(KEY, api_host=server.host)

    async def tokenize() -> int:
        return len(await client.sampler.tokenize(PROMPT))

    async def embed() -> int:
        return sum(len(embedding.values) for embedding in await client.embedder.embed(INPUTS))

    return AsyncPeer(
        calls={
            "unary": AsyncCall("tokenize", tokenize, TOKENS),
            "embed": AsyncCall("embed", embed, EMBEDDED),
        },
        flows={
            "stream": AsyncFlow(
                "token", lambda: client.sampler.sample(PROMPT), attrgetter("token_str")
            ),
        },
        close=client.close,
    )

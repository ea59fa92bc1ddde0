"""The client of this repository, blocking."""

from operator import attrgetter

import xai
from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import ANSWER, TOKENS
from tests.benchmarks.peer import EMBEDDED, INPUTS, KEY, MODEL, PROMPT, Call, Flow, Peer
from xai.prompt_ide.compat_types import ChatCompletionChunk, MessageParam

MESSAGES: list[MessageParam] = [{"role": "user", "content": PROMPT}]


def connect(server: Server) -> Peer:
    """Return the peer."""
    client = xai.Client(KEY, api_host=server.host)
    completions = client.compat.chat.completions

    def chat() -> int:
        completion = completions.create(messages=MESSAGES, model=MODEL)
        return len(completion.choices[0].message.content or "")

    def embed() -> int:
        return sum(len(embedding.values) for embedding in client.embedder.embed(INPUTS))

    def delta(chunk: ChatCompletionChunk) -> str:
        return chunk.choices[0].delta.content or ""

    return Peer(
        calls={
            "unary": Call("tokenize", lambda: len(client.sampler.tokenize(PROMPT)), TOKENS),
            "chat": Call("answer", chat, len(ANSWER)),
            "embed": Call("embed", embed, EMBEDDED),
        },
        flows={
            "stream": Flow("token", lambda: client.sampler.sample(PROMPT), attrgetter("token_str")),
            "chat": Flow(
                "chat",
                lambda: completions.create(messages=MESSAGES, model=MODEL, stream=True),
                delta,
            ),
        },
        close=client.close,
    )

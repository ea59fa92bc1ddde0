"""The client of this repository, with the v1 API: the methods and messages that xai-sdk uses."""

import contextlib

import xai
from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import ANSWER, CHUNKS, FILE_BYTES, FILES, TOKENS
from tests.benchmarks.peer import (
    FILE_ID,
    HOSTILE_BYTES,
    HOSTILE_TIMEOUT,
    KEY,
    MODEL,
    PROMPT,
    V1_EMBEDDED,
    V1_INPUTS,
    Call,
    Flow,
    Peer,
    files,
)
from xai.v1 import user


def connect(server: Server) -> Peer:
    """Return the peer."""
    client = xai.Client(KEY, api_host=server.host, max_message_bytes=HOSTILE_BYTES)
    chats, tokenizer = client.v1.chat, client.v1.tokenize

    def chat() -> int:
        return len(chats.create(model=MODEL, messages=[user(PROMPT)]).sample().content)

    def tokenize() -> int:
        return len(tokenizer.tokenize_text(PROMPT, model=MODEL).tokens)

    def embed() -> int:
        found = client.v1.embedder.embed(V1_INPUTS, model=MODEL)
        return sum(map(len, found.vectors))

    hurried = client.with_options(timeout=HOSTILE_TIMEOUT, retry=xai.RetryPolicy.none())

    def hostile() -> bool:
        try:
            hurried.v1.models.list_language_models()
        except xai.APIError:
            return False
        return True

    stack = contextlib.ExitStack()
    stack.enter_context(client)
    source, target = stack.enter_context(files())
    kept = client.v1.files

    stream = Flow(
        "sdk-chat",
        lambda: chats.create(model=MODEL, messages=[user(PROMPT)]).stream(),
        lambda pair: pair[1].content,
    )
    return Peer(
        calls={
            "unary": Call("sdk-tokenize", tokenize, TOKENS),
            "chat": Call("sdk-answer", chat, len(ANSWER)),
            "embed": Call("sdk-embed", embed, V1_EMBEDDED),
            "upload": Call("sdk-file", lambda: kept.upload(source).size, FILE_BYTES),
            "download": Call(
                "sdk-content", lambda: kept.download(FILE_ID, target), FILE_BYTES, CHUNKS
            ),
            "list": Call("sdk-files", lambda: sum(1 for _ in kept.list(limit=FILES)), FILES),
        },
        flows={"stream": stream, "chat": stream},
        close=stack.close,
        hostile=hostile,
    )

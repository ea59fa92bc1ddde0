"""xai-sdk, as its users call it."""

import contextlib
from pathlib import Path
from typing import Any

import xai_sdk  # type: ignore[import-untyped]  # it comes without types
from xai_sdk.chat import user  # type: ignore[import-untyped]  # as above

from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import ANSWER, CHUNKS, FILE_BYTES, FILES, PAGE, TOKENS
from tests.benchmarks.peer import FILE_ID, KEY, MODEL, PROMPT, Call, Flow, Peer, files
from tests.benchmarks.peers import grpcio_v1


def connect(server: Server) -> Peer:
    """Return the peer."""
    client = xai_sdk.Client(api_key=KEY, api_host=server.host)

    def chat() -> Any:  # noqa: ANN401  # untyped where the package is missing
        return client.chat.create(model=MODEL, messages=[user(PROMPT)])

    stack = contextlib.ExitStack()
    stack.callback(client.close)
    source, target = stack.enter_context(files())
    # It has no client for embeddings: its users take the stub that it ships.
    bare = grpcio_v1.connect(server)
    stack.callback(bare.close)

    def upload() -> int:
        size: int = client.files.upload(source).size
        return size

    def download() -> int:
        # It has no other way: in memory first.
        return Path(target).write_bytes(client.files.content(FILE_ID))

    def listed() -> int:
        found, token = 0, None
        while found < FILES:
            page = client.files.list(limit=PAGE, pagination_token=token)
            found, token = found + len(page.data), page.pagination_token
        return found

    def piece(pair: Any) -> str:  # noqa: ANN401  # as above
        text: str = pair[1].content
        return text

    stream = Flow("sdk-chat", lambda: iter(chat().stream()), piece)
    return Peer(
        calls={
            "unary": Call(
                "sdk-tokenize",
                lambda: len(client.tokenize.tokenize_text(PROMPT, MODEL)),
                TOKENS,
            ),
            "chat": Call("sdk-answer", lambda: len(chat().sample().content), len(ANSWER)),
            "embed": bare.calls["embed"],
            "upload": Call("sdk-file", upload, FILE_BYTES),
            "download": Call("sdk-content", download, FILE_BYTES, CHUNKS),
            "list": Call("sdk-files", listed, FILES),
        },
        flows={"stream": stream, "chat": stream},
        close=stack.close,
    )

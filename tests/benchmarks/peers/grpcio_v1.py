"""grpcio with the bare stubs of v1 that xai-sdk ships: nothing of a client around them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from xai_sdk.proto import (  # type: ignore[import-untyped]  # it comes without types
    embed_pb2,
    embed_pb2_grpc,
    files_pb2,
    files_pb2_grpc,
    tokenize_pb2,
    tokenize_pb2_grpc,
)

from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import CHUNKS, FILE_BYTES, FILE_CHUNK, FILES, PAGE, TOKENS, V1_TEXTS
from tests.benchmarks.peer import (
    FILE_ID,
    KEY,
    MODEL,
    PROMPT,
    V1_EMBEDDED,
    V1_INPUTS,
    Call,
    Peer,
    files,
)

_LIMITS = (("grpc.max_receive_message_length", -1),)
_OPTIONS: Any = {"timeout": 900.0, "metadata": (("authorization", f"Bearer {KEY}"),)}


def connect(server: Server) -> Peer:
    """Return the peer."""
    stack = contextlib.ExitStack()
    channel = stack.enter_context(grpc.insecure_channel(server.host, options=_LIMITS))
    source, target = stack.enter_context(files())
    embedder, kept = embed_pb2_grpc.EmbedderStub(channel), files_pb2_grpc.FilesStub(channel)
    tokenizer = tokenize_pb2_grpc.TokenizeStub(channel)

    def tokenize() -> int:
        request = tokenize_pb2.TokenizeTextRequest(text=PROMPT, model=MODEL)
        return len(tokenizer.TokenizeText(request, **_OPTIONS).tokens)

    def embed() -> int:
        found = 0
        for start in range(0, len(V1_INPUTS), V1_TEXTS):
            texts = V1_INPUTS[start : start + V1_TEXTS]
            inputs = [embed_pb2.EmbedInput(string=text) for text in texts]
            request = embed_pb2.EmbedRequest(model=MODEL, input=inputs)
            # Lists, since a program that computes with the numbers needs them.
            entries = embedder.Embed(request, **_OPTIONS).embeddings
            vectors = [list(entry.embeddings[0].float_array) for entry in entries]
            found += sum(map(len, vectors))
        return found

    def chunks() -> Iterator[Any]:
        yield files_pb2.UploadFileChunk(init=files_pb2.UploadFileInit(name="source"))
        with Path(source).open("rb", buffering=0) as file:
            while data := file.read(FILE_CHUNK):
                yield files_pb2.UploadFileChunk(data=data)

    def upload() -> int:
        size: int = kept.UploadFile(chunks(), **_OPTIONS).size
        return size

    def download() -> int:
        request = files_pb2.RetrieveFileContentRequest(file_id=FILE_ID)
        with Path(target).open("wb") as file:
            stream = kept.RetrieveFileContent(request, **_OPTIONS)
            return sum(file.write(chunk.data) for chunk in stream)

    def listed() -> int:
        found, token = 0, None
        while found < FILES:
            request = files_pb2.ListFilesRequest(limit=PAGE, pagination_token=token)
            page = kept.ListFiles(request, **_OPTIONS)
            found, token = found + len(page.data), page.pagination_token
        return found

    return Peer(
        calls={
            "unary": Call("sdk-tokenize", tokenize, TOKENS),
            "embed": Call("sdk-embed", embed, V1_EMBEDDED),
            "upload": Call("sdk-file", upload, FILE_BYTES),
            "download": Call("sdk-content", download, FILE_BYTES, CHUNKS),
            "list": Call("sdk-files", listed, FILES),
        },
        flows={},
        close=stack.close,
    )

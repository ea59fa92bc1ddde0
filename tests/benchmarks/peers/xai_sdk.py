"""xai-sdk, as its users call it."""

from typing import Any

import grpc
import xai_sdk  # type: ignore[import-untyped]  # it comes without types
from xai_sdk.chat import user  # type: ignore[import-untyped]  # as above
from xai_sdk.proto import embed_pb2, embed_pb2_grpc  # type: ignore[import-untyped]  # as above

from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import ANSWER, TOKENS, V1_TEXTS
from tests.benchmarks.peer import KEY, MODEL, PROMPT, V1_EMBEDDED, V1_INPUTS, Call, Flow, Peer


def connect(server: Server) -> Peer:
    """Return the peer."""
    client = xai_sdk.Client(api_key=KEY, api_host=server.host)

    def chat() -> Any:  # noqa: ANN401  # untyped where the package is missing
        return client.chat.create(model=MODEL, messages=[user(PROMPT)])

    # It has no client for embeddings: its users take the stub that it ships.
    channel = grpc.insecure_channel(server.host, options=(("grpc.max_receive_message_length", -1),))
    stub = embed_pb2_grpc.EmbedderStub(channel)
    metadata = (("authorization", f"Bearer {KEY}"),)

    def embed() -> int:
        found = 0
        for start in range(0, len(V1_INPUTS), V1_TEXTS):
            request = embed_pb2.EmbedRequest(
                model=MODEL,
                input=[
                    embed_pb2.EmbedInput(string=text)
                    for text in V1_INPUTS[start : start + V1_TEXTS]
                ],
            )
            reply = stub.Embed(request, metadata=metadata)
            vectors = [list(entry.embeddings[0].float_array) for entry in reply.embeddings]
            found += sum(map(len, vectors))
        return found

    def close() -> None:
        channel.close()
        client.close()

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
            "embed": Call("sdk-embed", embed, V1_EMBEDDED),
        },
        flows={"stream": stream, "chat": stream},
        close=close,
    )

"""grpcio with bare stubs and upb's messages: nothing of a client around them."""

from typing import Any

import grpc

from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import TOKENS
from tests.benchmarks.peer import EMBEDDED, HOSTILE_TIMEOUT, INPUTS, KEY, PROMPT, Call, Flow, Peer
from tests.benchmarks.peers.upb_messages import message_classes

_LIMITS = [("grpc.max_receive_message_length", -1)]
_METADATA = (("authorization", f"Bearer {KEY}"),)
_TIMEOUT = 900.0


def connect(server: Server) -> Peer:
    """Return the peer."""
    channel = grpc.insecure_channel(server.host, options=_LIMITS)
    classes = message_classes()

    def stub(make: Any, method: str, request: str, reply: str) -> Any:  # noqa: ANN401  # untyped
        return make(
            f"/prompt_ide.{method}",
            request_serializer=classes[request].SerializeToString,
            response_deserializer=classes[reply].FromString,
        )

    tokenize = stub(channel.unary_unary, "Sampler/Tokenize", "TokenizeRequest", "TokenizeResponse")
    embed = stub(channel.unary_unary, "Embedder/Embed", "EmbedRequest", "EmbedResponse")
    sample = stub(
        channel.unary_stream, "Sampler/SampleTokens", "SampleTokensRequest", "SampleTokensResponse"
    )

    def call(method: Any, request: Any) -> Any:  # noqa: ANN401  # untyped
        return method(request, timeout=_TIMEOUT, metadata=_METADATA)

    def run_embed() -> int:
        reply = call(embed, classes["EmbedRequest"](texts=INPUTS))
        # Lists, since a program that computes with the numbers needs them.
        vectors = [list(item.values) for item in reply.embeddings]
        return sum(len(vector) for vector in vectors)

    def run_tokenize() -> int:
        return len(call(tokenize, classes["TokenizeRequest"](text=PROMPT)).tokens)

    def open_sample() -> Any:  # noqa: ANN401  # untyped
        inputs = [classes["PromptInput"](text=PROMPT)]
        settings = classes["SampleSettings"](max_len=256, temperature=0.7)
        return call(sample, classes["SampleTokensRequest"](inputs=inputs, settings=settings))

    models: Any = channel.unary_unary(
        "/xai_api.Models/ListLanguageModels",
        response_deserializer=classes["ListLanguageModelsResponse"].FromString,
    )

    def hostile() -> bool:
        try:
            models(b"", timeout=HOSTILE_TIMEOUT, metadata=_METADATA)
        except grpc.RpcError:
            return False
        return True

    def text(reply: Any) -> str:  # noqa: ANN401  # untyped
        piece: str = reply.token.final_logit.string_token
        return piece

    return Peer(
        calls={
            "unary": Call("tokenize", run_tokenize, TOKENS),
            "embed": Call("embed", run_embed, EMBEDDED),
        },
        flows={"stream": Flow("token", open_sample, text)},
        close=channel.close,
        hostile=hostile,
    )

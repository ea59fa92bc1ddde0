"""The client of this repository on the very methods and messages that xai-sdk uses."""

import xai
from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import ANSWER
from tests.benchmarks.peer import KEY, MODEL, PROMPT, Call, Flow, Peer
from xai.proto.xai_api.chat import (
    Content,
    GetChatCompletionChunk,
    GetCompletionsRequest,
    Message,
    MessageRole,
)


def connect(server: Server) -> Peer:
    """Return the peer."""
    client = xai.Client(KEY, api_host=server.host)

    def request() -> GetCompletionsRequest:
        message = Message(content=[Content(text=PROMPT)], role=MessageRole.ROLE_USER)
        return GetCompletionsRequest(messages=[message], model=MODEL)

    def chat() -> int:
        reply = client.stubs.v1.chat.get_completion(request())
        return len(reply.outputs[0].message.content)

    def delta(chunk: GetChatCompletionChunk) -> str:
        return chunk.outputs[0].delta.content

    return Peer(
        calls={"chat": Call("sdk-answer", chat, len(ANSWER))},
        flows={
            "chat": Flow(
                "sdk-chat", lambda: client.stubs.v1.chat.get_completion_chunk(request()), delta
            ),
        },
        close=client.close,
    )

"""xai-sdk, as its users call it."""

from typing import Any

import xai_sdk  # type: ignore[import-untyped]  # it comes without types
from xai_sdk.chat import user  # type: ignore[import-untyped]  # as above

from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import ANSWER, TOKENS
from tests.benchmarks.peer import KEY, MODEL, PROMPT, Call, Flow, Peer


def connect(server: Server) -> Peer:
    """Return the peer."""
    client = xai_sdk.Client(api_key=KEY, api_host=server.host)

    def chat() -> Any:  # noqa: ANN401  # untyped where the package is missing
        return client.chat.create(model=MODEL, messages=[user(PROMPT)])

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
        },
        flows={"stream": stream, "chat": stream},
        close=client.close,
    )

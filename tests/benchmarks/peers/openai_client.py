"""The OpenAI client, as its users call it."""

from typing import Any

import openai  # type: ignore[import-not-found,unused-ignore]  # only where it is measured

from tests.benchmarks.orders import Server
from tests.benchmarks.payloads import ANSWER
from tests.benchmarks.peer import EMBEDDED, INPUTS, KEY, MODEL, PROMPT, Call, Flow, Peer


def connect(server: Server) -> Peer:
    """Return the peer."""
    client = openai.OpenAI(api_key=KEY, base_url=server.url)
    messages: Any = [{"role": "user", "content": PROMPT}]

    def chat() -> int:
        completion = client.chat.completions.create(messages=messages, model=MODEL)
        content: str = completion.choices[0].message.content or ""
        return len(content)

    def stream() -> Any:  # noqa: ANN401  # untyped where the package is missing
        return iter(client.chat.completions.create(messages=messages, model=MODEL, stream=True))

    def delta(chunk: Any) -> str:  # noqa: ANN401  # as above
        text: str = chunk.choices[0].delta.content
        return text

    def embed() -> int:
        reply = client.embeddings.create(input=INPUTS, model=MODEL)
        return sum(len(item.embedding) for item in reply.data)

    flow = Flow("chat", stream, delta)
    return Peer(
        # It has no call that tokenizes; a short answer is the least that it can ask for.
        calls={
            "unary": Call("answer", chat, len(ANSWER)),
            "chat": Call("answer", chat, len(ANSWER)),
            "embed": Call("embed", embed, EMBEDDED),
        },
        flows={"stream": flow, "chat": flow},
        close=client.close,
    )

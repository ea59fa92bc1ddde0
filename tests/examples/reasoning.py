"""Let the model think first, and read what it thought."""

import xai
from xai.v1 import user

with xai.v1.Client() as client:
    chat = client.chat.create(
        "grok-4", messages=[user("Where does the river begin?")], reasoning_effort="high"
    )
    for response, chunk in chat.stream():
        print(chunk.reasoning_content or chunk.content, end="", flush=True)
    print("\n", response.usage.reasoning_tokens, "tokens of reasoning")

"""Print a response while it is being written."""

import xai

with xai.v1.Client() as client:
    chat = client.chat.create("grok-4", messages=[xai.v1.user("Tell me about the river.")])
    with chat.stream() as stream:  # leaving the block early cancels the call
        for response, chunk in stream:
            print(chunk.content, end="", flush=True)
            if len(response.content) > 200:
                break
    print("\n", len(response.content), "characters")

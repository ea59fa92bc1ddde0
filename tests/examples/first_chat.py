"""Ask a first question."""

import xai

with xai.v1.Client() as client:
    chat = client.chat.create("grok-4", messages=[xai.v1.user("What is the sea like?")])
    response = chat.sample()
    print(response.content)
    print(response.finish_reason.name, response.usage.total_tokens, "tokens", response.cost_usd)

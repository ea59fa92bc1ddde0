"""Count tokens and estimate the cost before asking."""

import xai
from xai.v1 import user

with xai.v1.Client() as client:
    tokens = client.tokenize.tokenize_text("What is the sea like?", "grok-4")
    print(len(tokens), [token.string_token for token in tokens])
    question = [user("What is the sea like?")]
    estimate = client.tokenize.estimate(question, "grok-4")
    print("about", estimate.prompt_usd, "USD")
    response = client.chat.create("grok-4", messages=question).sample()
    print(response.usage.prompt_tokens, response.usage.completion_tokens, response.cost_usd)

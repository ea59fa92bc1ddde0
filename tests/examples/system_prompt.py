"""Tell the model how to behave, and make its responses repeatable."""

import xai
from xai.v1 import system, user

with xai.v1.Client() as client:
    chat = client.chat.create(
        "grok-4",
        messages=[system("You are a sailor. Answer in one sentence.")],
        temperature=0.2,
        seed=7,
        max_tokens=100,
    )
    chat.append(user("What is the sea like?"))
    print(chat.sample().content)

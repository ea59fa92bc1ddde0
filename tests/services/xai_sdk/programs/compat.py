# ruff: noqa: T201
"""Asks for a completion the way other clients do, in one piece and in chunks; no loop needed."""

import xai_sdk  # type: ignore[import-untyped]  # it comes without types

client = xai_sdk.Client()
messages = [{"role": "user", "content": "Does it work?"}]

completion = client.compat.chat.completions.create(messages=messages, max_tokens=16, temperature=0)
text = completion.choices[0].message.content
print("text:", bool(text), completion.choices[0].message.role)

chunks = client.compat.chat.completions.create(
    messages=messages, max_tokens=16, temperature=0, stream=True
)
print("same:", "".join(chunk.choices[0].delta.content for chunk in chunks) == text)

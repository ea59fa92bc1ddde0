"""Process many prompts in a batch, at a lower price."""

import xai
from xai.v1 import user

with xai.v1.Client() as client:
    batch = client.batch.create("capitals")
    chats = [
        client.chat.create(
            "grok-4", messages=[user(f"The capital of {name}?")], batch_request_id=name
        )
        for name in ("France", "Norway", "Italy")
    ]
    client.batch.add(batch.batch_id, chats)
    done = client.batch.wait(batch.batch_id, on_progress=lambda batch: print(batch.state))
    for result in client.batch.results(batch.batch_id):
        print(result.batch_request_id, result.chat.content if result.ok else result.error)
    print(done.cost_usd, "USD")

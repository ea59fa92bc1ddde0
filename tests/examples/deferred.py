"""Start a response now, and pick it up later."""

import xai
from xai.v1 import user

with xai.v1.Client() as client:
    chat = client.chat.create("grok-4", messages=[user("What is the sea like?")])
    request_id = chat.start_deferred().request_id
    print("started", request_id)

with xai.v1.Client() as client:  # also in another process, the next day
    deferred = client.chat.deferred(request_id)
    print(deferred.wait(timeout=300.0, interval=0.1).content)

"""Record real calls once, and replay them in every later run of a test."""

import xai
import xai.testing
from xai.v1 import user


def ask() -> str:
    """Ask for real when there is no recording, and replay it else."""
    with (
        xai.testing.record("calls.jsonl") as recording,
        recording.v1_client() as client,
    ):
        print("replaying" if recording.replaying else "recording")
        chat = client.chat.create("grok-4", messages=[user("What is the sea like?")])
        return chat.sample().content


first = ask()
print(first == ask())

"""Share one client among threads."""

from concurrent.futures import ThreadPoolExecutor

import xai
from xai.v1 import user

client = xai.v1.Client()


def ask(name: str) -> str:
    """Ask with a chat of its own: chats are not shared, the client is."""
    chat = client.chat.create("grok-4", messages=[user(f"The capital of {name}?")])
    return f"{name}: {chat.sample().content}"


with client, ThreadPoolExecutor(max_workers=3) as pool:
    for line in pool.map(ask, ["France", "Norway", "Italy"]):
        print(line)

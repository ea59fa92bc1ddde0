"""Use one client before and after a fork."""

import multiprocessing

import xai
from xai.v1 import user

client = xai.v1.Client()


def ask(name: str) -> str:
    """Ask in a worker process, which connects anew."""
    chat = client.chat.create("grok-4", messages=[user(f"The capital of {name}?")])
    return f"{name}: {chat.sample().content}"


if __name__ == "__main__":
    print(ask("Spain"))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for line in pool.map(ask, ["France", "Norway"]):
            print(line)
    client.close()

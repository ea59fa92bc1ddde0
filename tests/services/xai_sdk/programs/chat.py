# ruff: noqa: ASYNC250, T201
"""Talks with the model, message by message; an empty line ends it."""

import asyncio
import sys

import xai_sdk  # type: ignore[import-untyped]  # it comes without types


async def main() -> None:
    """Read lines from the terminal, and stream an answer to each of them."""
    client = xai_sdk.Client()
    conversation = client.chat.create_conversation()

    while user_message := input("You: "):
        token_stream, _ = conversation.add_response(user_message)
        print("Grok: ", end="")
        async for token in token_stream:
            print(token, end="")
            sys.stdout.flush()
        print()
    print("messages:", len(conversation.history))


asyncio.run(main())

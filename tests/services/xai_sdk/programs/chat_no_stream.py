# ruff: noqa: ASYNC250, T201
"""Talks with the model, and waits for each complete response; an empty line ends it."""

import asyncio

import xai_sdk  # type: ignore[import-untyped]  # it comes without types


async def main() -> None:
    """Read lines from the terminal, and print the answer to each of them."""
    client = xai_sdk.Client()
    conversation = client.chat.create_conversation(fun_mode=True)

    while user_message := input("You: "):
        response = await conversation.add_response_no_stream(user_message)
        print("Grok:", response.message)
    print("messages:", len(conversation.history))


asyncio.run(main())

# ruff: noqa: ASYNC250, T201
"""Talks with the model in a conversation that the server keeps, and gives it a title."""

import asyncio
import sys

import xai_sdk  # type: ignore[import-untyped]  # it comes without types


async def main() -> None:
    """Stream the answers, then ask for a title and find the conversation again by its ID."""
    client = xai_sdk.Client()
    conversation = client.grok.create_conversation()

    while user_message := input("You: "):
        token_stream, response = conversation.add_response(user_message)
        print("Grok: ", end="")
        async for token in token_stream:
            print(token, end="")
            sys.stdout.flush()
        print()
        reply = await response
        assert reply.sender != "human"

    title = await conversation.generate_title()
    print("title:", bool(title), title == conversation.title)

    again = await client.grok.get_conversation(conversation.conversation_id)
    print("same title:", again.title == title)
    node = again.root_responses[0]
    depth = 1
    while node.children:
        node = node.children[0]
        depth += 1
    print("depth:", depth)


asyncio.run(main())

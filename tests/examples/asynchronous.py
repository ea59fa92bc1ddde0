"""Ask several questions at the same time with asyncio, and stream one response."""

import asyncio

import xai
from xai.v1 import user


async def ask(client: xai.v1.AsyncClient, question: str) -> str:
    chat = client.chat.create("grok-4", messages=[user(question)])
    return (await chat.sample()).content


async def main() -> None:
    async with xai.v1.AsyncClient() as client:
        questions = ["The sea?", "The river?", "The mountain?"]
        for answer in await asyncio.gather(*(ask(client, question) for question in questions)):
            print(answer)
        chat = client.chat.create("grok-4", messages=[user("Does it work?")])
        async with chat.stream() as stream:
            async for _, chunk in stream:
                print(chunk.content, end="", flush=True)


asyncio.run(main())

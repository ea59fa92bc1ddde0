"""Let the model call coroutine functions, which run at the same time."""

import asyncio

import xai
from xai.v1 import user


async def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    await asyncio.sleep(0)  # here the program would ask a weather service
    return f"12 degrees and rain in {city}"


async def main() -> None:
    async with xai.v1.AsyncClient() as client:
        chat = client.chat.create("grok-4", messages=[user("What is the weather in Oslo?")])
        async for step in chat.run_stream(tools=[get_weather], max_turns=5):
            if isinstance(step, xai.v1.ToolStep):
                print(step.name, step.arguments, "->", step.result)
            elif isinstance(step, xai.v1.ChunkStep):
                print(step.chunk.content, end="", flush=True)


asyncio.run(main())

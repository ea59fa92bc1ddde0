"""Limit the time of a call, and cancel one from outside."""

import asyncio

import xai
from xai.v1 import user


async def main() -> None:
    async with xai.v1.AsyncClient(timeout=60.0) as client:
        chat = client.chat.create("grok-4", messages=[user("Tell me about the river.")])
        hurried = chat.with_options(timeout=xai.Timeouts(total=30.0, connect=5.0, idle=10.0))
        try:
            print((await hurried.sample()).content)
        except xai.DeadlineExceededError as error:
            print("too late:", error)

        task = asyncio.create_task(chat.sample())
        await asyncio.sleep(0)  # the user changes their mind
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print("cancelled, also on the wire")


asyncio.run(main())

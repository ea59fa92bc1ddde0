# ruff: noqa: T201
"""Lets the model go on after an image and a question about it."""

import asyncio
import base64
import sys

import xai_sdk  # type: ignore[import-untyped]  # it comes without types

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


async def main() -> None:
    """Send the image in both of its forms."""
    client = xai_sdk.Client(initial_rng_seed=7)

    as_text = "data:image/png;base64," + base64.b64encode(PIXEL).decode()
    for image in (PIXEL, as_text):
        count = 0
        async for token in client.sampler.sample(
            inputs=["Look at this: ", image, " What is it?"], max_len=3
        ):
            count += bool(token.token_str)
            sys.stdout.flush()
        print("tokens:", count)


asyncio.run(main())

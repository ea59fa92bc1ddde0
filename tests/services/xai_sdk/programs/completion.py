# ruff: noqa: T201
"""Lets the model finish a sentence."""

import asyncio
import sys

import xai_sdk  # type: ignore[import-untyped]  # it comes without types


async def main() -> None:
    """Print the prompt, and each token as it comes."""
    client = xai_sdk.Client()

    prompt = "Does it work?"
    print(prompt, end="")
    async for token in client.sampler.sample(prompt, max_len=5, temperature=0.0):
        print(token.token_str.replace("\u2581", " "), end="")
        sys.stdout.flush()
    print()


asyncio.run(main())

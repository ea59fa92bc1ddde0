"""Libraries written for xai-sdk 1.x, as they are installed, on this package."""

import sys

import pytest

from tests.support import run_child
from xai.testing import LocalServer

#: One client for several event loops and for a fork, which the real package crashes in.
_PYDANTIC_AI = """
import asyncio, os, sys
import xai
xai.install_as_xai_sdk("1")
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.xai import XaiModel
from pydantic_ai.providers.xai import XaiProvider
from xai_sdk import AsyncClient

key, host = sys.argv[1:]
model = XaiModel("grok-4", provider=XaiProvider(xai_client=AsyncClient(key, api_host=host)))

class City(BaseModel):
    name: str

async def streamed(early):
    async with Agent(model).run_stream("Does it work?") as stream:
        async for text in stream.stream_text():
            if early:
                break
        return text

plain = [asyncio.run(Agent(model).run("Does it work?")).output for _ in range(2)]
assert plain[0] == plain[1] == "Yes, it does.", plain
assert asyncio.run(Agent(model, output_type=City).run("A city")).output.name
asyncio.run(streamed(True))
assert asyncio.run(streamed(False)) == plain[0]
child = os.fork()
if child == 0:
    status = 1
    try:
        status = int(asyncio.run(Agent(model).run("Does it work?")).output != plain[0])
    finally:
        os._exit(status)
assert os.waitpid(child, 0)[1] == 0
print("done")
"""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pydantic-ai needs Python 3.11")
def test_pydantic_ai() -> None:
    """Text, structured outputs, streams; in several event loops, left early, after a fork."""
    with LocalServer() as server:
        args = [server.api_key, server.host]
        assert run_child(_PYDANTIC_AI, args=args, python_args=("-W", "ignore")).stdout == "done\n"

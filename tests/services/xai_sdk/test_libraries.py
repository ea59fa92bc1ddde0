"""Libraries written for xai-sdk 1.x, as they are installed, on this package."""

import sys
from importlib.util import find_spec

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


_INSTRUCTOR = """
import asyncio, os, sys
import xai
xai.install_as_xai_sdk("1")
import instructor
from pydantic import BaseModel
from xai_sdk import AsyncClient, Client

key, host = sys.argv[1:]

class City(BaseModel):
    name: str
    people: int

async def last(parts):
    return [part async for part in parts][-1]

ask = {"model": "grok-4", "messages": [{"role": "user", "content": "A city"}]}
for mode in (instructor.Mode.JSON_SCHEMA, instructor.Mode.TOOLS):
    blocking = instructor.from_xai(Client(key, api_host=host), mode=mode).chat.completions
    ours = instructor.from_xai(AsyncClient(key, api_host=host), mode=mode).chat.completions
    found = [
        blocking.create(response_model=City, **ask),
        list(blocking.create_partial(response_model=City, **ask))[-1],
        asyncio.run(ours.create(response_model=City, **ask)),
        asyncio.run(ours.create(response_model=City, **ask)),
        asyncio.run(last(ours.create_partial(response_model=City, **ask))),
    ]
    assert all(city.name and isinstance(city.people, int) for city in found), found
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = int(not asyncio.run(ours.create(response_model=City, **ask)).name)
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
print("done")
"""


@pytest.mark.skipif(find_spec("openai") is None, reason="instructor needs the openai package")
def test_instructor() -> None:
    """Values and partial values, blocking and not, in several event loops and after a fork."""
    with LocalServer() as server:
        args = [server.api_key, server.host]
        assert run_child(_INSTRUCTOR, args=args, python_args=("-W", "ignore")).stdout == "done\n"


_ANY_LLM = """
import asyncio, os, sys
import xai
xai.install_as_xai_sdk("1")
from any_llm import AnyLLM, acompletion, completion, list_models
from pydantic import BaseModel

key, host = sys.argv[1:]
client = {"api_key": key, "client_args": {"api_host": host}}
messages = [{"role": "user", "content": "Does it work?"}]
ask = {"model": "grok-4", "provider": "xai", "messages": messages, **client}

class City(BaseModel):
    name: str

def text(reply):
    return reply.choices[0].message.content

def piece(chunk):
    return chunk.choices[0].delta.content or ""

async def streamed():
    return "".join([piece(chunk) async for chunk in await acompletion(stream=True, **ask)])

async def once(provider):
    return text(await provider.acompletion(model="grok-4", messages=messages))

async def left_early(provider):
    stream = await provider.acompletion(model="grok-4", messages=messages, stream=True)
    await anext(stream)
    await stream.aclose()

answer = text(completion(**ask))
assert answer == "Yes, it does.", answer
assert "".join(map(piece, completion(stream=True, **ask))) == answer
assert text(asyncio.run(acompletion(**ask))) == asyncio.run(streamed()) == answer
assert City.model_validate_json(text(completion(response_format=City, **ask))).name
assert "grok-3" in [model.id for model in list_models("xai", **client)]
# Its provider drops the client of an event loop that is gone, and closes what that has open.
provider = AnyLLM.create("xai", api_key=key, api_host=host)
assert [asyncio.run(once(provider)) for _ in range(2)] == [answer, answer]
asyncio.run(left_early(provider))
child = os.fork()
if child == 0:
    status = 1
    try:
        status = int(asyncio.run(once(provider)) != answer)
    finally:
        os._exit(status)
assert os.waitpid(child, 0)[1] == 0
print("done")
"""


@pytest.mark.skipif(
    sys.version_info < (3, 11) or find_spec("openai") is None,
    reason="any-llm needs Python 3.11 and the openai package",
)
def test_any_llm() -> None:
    """Replies, streams, values and models; in several event loops, left early, after a fork."""
    with LocalServer() as server:
        args = [server.api_key, server.host]
        assert run_child(_ANY_LLM, args=args, python_args=("-W", "ignore")).stdout == "done\n"

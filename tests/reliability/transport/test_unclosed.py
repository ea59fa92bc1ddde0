"""Asynchronous programs that never close their client."""

import sys

import pytest

from tests.reliability.processes import Peer, Script
from xai.testing import LocalServer

_TOOLS = """
import asyncio

def make():
    host, key, authority = sys.argv[1:4]
    context = None
    if authority:
        import ssl
        context = ssl.create_default_context(cafile=authority)
        context.set_alpn_protocols(["h2"])
    return xai.AsyncClient(key, api_host=host, ssl_context=context)
"""

_PROGRAMS = {
    "a call": """
async def main():
    client = make()
    assert await client.sampler.list_models()

asyncio.run(main())
""",
    "a client of the module": """
client = make()

async def main():
    assert await client.sampler.list_models()

for _ in range(3):
    asyncio.run(main())
""",
    "a stream that was left": """
async def main():
    async for token in make().sampler.sample("Does it work?", max_len=40):
        break

asyncio.run(main())
""",
    "a call that goes on": """
async def main():
    global call
    client = make()
    await client.sampler.list_models()
    call = asyncio.ensure_future(client.sampler.tokenize("Does it work?"))
    await asyncio.sleep(0)

asyncio.run(main())
""",
    "an error": """
async def main():
    client = make()
    await client.sampler.list_models()
    raise SystemExit(0)

asyncio.run(main())
""",
    "a connection that is being made": """
async def main():
    global call
    call = asyncio.ensure_future(make().sampler.list_models())
    await asyncio.sleep(0)

asyncio.run(main())
""",
}


@pytest.mark.parametrize("program", _PROGRAMS)
def test_the_end_of_the_loop_closes_the_client(peer: Peer, program: str) -> None:
    """Nothing is said with warnings as errors, those of resources included, and nobody waits."""
    with Script(
        _TOOLS + _PROGRAMS[program] + "gc.collect()", peer.server, authority=peer.authority
    ):
        pass
    peer.server.wait_for_connections(0)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop")
def test_other_loop(server: LocalServer) -> None:
    """The same with uvloop."""
    text = _TOOLS + _PROGRAMS["a client of the module"].replace("asyncio.run", "uvloop.run")
    with Script("import uvloop\n" + text + "gc.collect()", server):
        pass
    server.wait_for_connections(0)

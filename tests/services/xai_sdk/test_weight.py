"""What a program loads and runs before its first reply, beside what it does with xai-sdk."""

import json

from tests.support import run_child
from xai.testing import LocalServer

#: Says how many functions were called and modules loaded, up to the client and up to the reply.
_PROGRAM = """
import cProfile, json, pstats, sys

shape, key, host = sys.argv[1:]
before = set(sys.modules)
profile = cProfile.Profile()
counts = []

def count():
    profile.disable()
    counts.append((pstats.Stats(profile).total_calls, len(sys.modules.keys() - before)))
    profile.enable()

profile.enable()
if shape:
    import xai
    xai.install_as_xai_sdk(shape)
from xai_sdk import Client
from xai_sdk.chat import system, user
from xai_sdk.tools import web_search
client = Client(key, api_host=host)
count()
chat = client.chat.create("grok-4", messages=[user("Does it work?")])
assert chat.sample().content
count()
client.close()
profile.disable()
print(json.dumps(counts))
"""


def test_program_loads_and_runs_less_than_with_the_real_package() -> None:
    """A fifth until there is a client, and about half until there is a reply."""
    with LocalServer() as server:
        ours, theirs = (
            json.loads(
                run_child(
                    _PROGRAM,
                    args=[shape, server.api_key, server.host],
                    python_args=("-W", "ignore"),
                ).stdout
            )
            for shape in ("1", "")
        )
    (calls, modules), (all_calls, all_modules) = ours
    (real_calls, real_modules), (real_all_calls, real_all_modules) = theirs
    assert calls * 5 < real_calls
    assert modules * 5 < real_modules
    assert all_calls * 1.8 < real_all_calls
    assert all_modules < real_all_modules

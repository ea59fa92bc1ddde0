"""Bulk work that is killed again and again, at whatever moment."""

import collections
import json
import os
from pathlib import Path

import pytest

from tests.reliability.processes import Script
from xai.proto.xai_api.chat import GetCompletionsRequest
from xai.testing import LocalServer

_ITEMS = 40
#: Each file is worked on until it is whole; all together see this many kills.
_KILLS = 200

#: Forks a process for each run, so that none of them has to import anything. A run is killed amid
#: the n-th of its writes to the file, with a part of the line written, or at some time.
_RUNS = """
import asyncio, importlib, json, random, traceback
from pathlib import Path
from xai.v1 import AsyncClient, ChatTask, Client

TASK = ChatTask("grok-local", "item {item}", max_tokens=1)
draw = random.Random(SEED)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def die_amid_write(count):
    left, write = [count], os.write
    def write_some(file, data):
        if bytes(data[:2]) == b'{"':
            left[0] -= 1
            if left[0] < 0:
                write(file, bytes(data)[: draw.randint(0, len(data))])
                die()
        return write(file, data)
    os.write = write_some

def options(run):
    return {"api_host": sys.argv[1], "metadata": (("run", str(run)),)}

def work(path, run):
    with Client(sys.argv[2], **options(run)) as client:
        for _ in client.bulk.map(TASK, range(ITEMS), checkpoint=path, concurrency=3):
            pass

async def work_in_loop(path, run):
    async with AsyncClient(sys.argv[2], **options(run)) as client:
        async for _ in client.bulk.map(TASK, range(ITEMS), checkpoint=path, concurrency=3):
            pass

def child(path, run):
    draw.seed(SEED + run)
    if run % 3 and kills < KILLS:
        die_amid_write(draw.choice((0, 0, 1, 2, 3, 5, 9)))
    if run % 2:
        work(path, run)
    else:
        asyncio.run(work_in_loop(path, run))

def warm(pipe):
    work(os.path.join(FOLDER, "warm"), 0)
    asyncio.run(work_in_loop(os.path.join(FOLDER, "warm"), 0))
    os.write(pipe, " ".join(name for name in sys.modules if name[:3] == "xai").encode())

there, here = os.pipe()
if not os.fork():
    warm(here)
    os._exit(0)
os.close(here)
with open(there) as names:
    for name in names.read().split():
        importlib.import_module(name)
os.wait()
gc.collect()
gc.freeze()
kills = run = file = 0
while kills < KILLS:
    path = os.path.join(FOLDER, f"{file}.jsonl")
    while True:
        run += 1
        pid = os.fork()
        if not pid:
            try:
                child(path, run)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if not run % 3 and kills < KILLS:
            time.sleep(draw.random() * 0.06)
            os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        content = Path(path).read_bytes() if os.path.exists(path) else b""
        say(json.dumps([file, run, status, content.decode("latin-1")]))
        if not os.WIFSIGNALED(status):
            break
        kills += 1
    file += 1
say("over")
"""


def _keys(content: str) -> list[int]:
    """Return the items that stand in a file, in the order of their whole lines."""
    lines = content.splitlines(keepends=True)[1:]
    found = [json.loads(line)["key"] for line in lines if line.endswith("\n")]
    assert all(isinstance(key, int) for key in found)
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")
def test_kills_at_any_moment_lose_and_double_nothing(server: LocalServer, tmp_path: Path) -> None:
    """200 runs of both twins are killed; what stands in the file is never done again, nor lost.

    In the end each file has each item once.
    """
    given = f"SEED, KILLS, ITEMS, FOLDER = 7, {_KILLS}, {_ITEMS}, {str(tmp_path)!r}"
    #: What stood in the file before each run.
    stood: dict[int, set[int]] = {0: set()}
    before: dict[int, str] = collections.defaultdict(str)
    whole = kills = cut = 0
    with Script(given + _RUNS, server) as script:
        while (line := script.line()) != "over":
            file, run, status, content = json.loads(line)
            old = before[file]
            stood[run] = set(_keys(old))
            # Only what is no whole line is cut off.
            assert content.startswith(old[: old.rfind("\n") + 1])
            keys = _keys(content)
            assert len(keys) == len(set(keys))
            before[file] = content
            cut += not content.endswith("\n")
            if os.WIFSIGNALED(status):
                kills += 1
            else:
                assert status == 0
                assert sorted(keys) == list(range(_ITEMS))
                whole += 1
    assert kills == _KILLS
    assert whole >= 2
    assert cut > 40
    for call in server.calls:
        # Of some only the headers arrived.
        if isinstance(call.request, GetCompletionsRequest):
            item = int(call.request.messages[0].content[0].text.removeprefix("item "))
            assert item not in stood[int(dict(call.headers)["run"])]

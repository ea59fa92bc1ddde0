from collections.abc import Iterator

import pytest

from tests.support import ChildResult, run_child
from xai.testing import LocalServer

PATCH = {
    "gevent": "import gevent.monkey; gevent.monkey.patch_all()",
    "eventlet": "import eventlet; eventlet.monkey_patch()",
}

#: Calls of each kind, in greenlets at the same time; a blocked hub would stop the other ones.
CALLS = """
import threading, time

# Without the token that ends a text, a stream is as long as it was asked for.
ENDS = ["<|eos|>"]

def text(number):
    tokens = client.sampler.tokenize(f"text {number}")
    return "".join(token.token_str for token in tokens).replace("\\u2581", " ").strip()

found = []
threads = [threading.Thread(target=lambda n=n: found.append(text(n))) for n in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(found) == sorted(f"text {n}" for n in range(20)))

# The others run on while one waits for its tokens: it has to be told when it may stop.
turns, over = [], []

def others():
    while not over:
        turns.append(None)
        time.sleep(0)

other = threading.Thread(target=others)
other.start()
with client.sampler.sample("Once", max_len=20, rng_seed=3) as stream:
    assert next(stream)
    print(1 + sum(1 for _ in stream))
with client.sampler.sample("Once", max_len=100_000, disallowed_tokens=ENDS) as stream:
    before = len(turns)
    # Nobody waits for a token that is there already.
    while len(turns) <= before + 20:
        assert next(stream)
print(True)
over.append(None)
other.join()

found, limit = [], 0.3
while not found:
    try:
        for token in client.with_options(timeout=limit).sampler.sample(
            "Once", max_len=100_000, disallowed_tokens=ENDS
        ):
            found.append(token)
    except xai.DeadlineExceededError as error:
        code = error.code.name
    # A busy machine may take longer than that for the first token.
    limit *= 2
print(code)
conversation = client.chat.create_conversation()
pieces, reply = conversation.add_response("hello")
print("".join(pieces) == reply.result().message)
client.close()
print([thread.name for thread in threading.enumerate()])
"""
EXPECTED = ["True", "20", "True", "DEADLINE_EXCEEDED", "True", "['MainThread']"]
MAKE = "import sys, xai; client = xai.Client(sys.argv[2], api_host=sys.argv[1], timeout=20.0)"

ORDERS = {
    "before-import": "{patch}\n{make}\n",
    "after-import": "import xai\n{patch}\n{make}\n",
    "after-construction": "{make}\n{patch}\n",
}


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """Run a server that takes a while for each token."""
    with LocalServer(token_delay=0.01) as server:
        yield server


def run(script: str, server: LocalServer) -> ChildResult:
    """Run a script with host and key; only what the patching library itself warns of is allowed."""
    # Eventlet warns of itself at its import.
    args = [server.host, server.api_key]
    options = ("-W", "ignore::DeprecationWarning", "-W", "always::ResourceWarning")
    # Eventlet's resolver loads whatever of httpx, click and rich is installed, and then finds
    # objects among theirs that it can't look into.
    env: dict[str, str | None] = {"EVENTLET_NO_GREENDNS": "yes"}
    result = run_child(script, args=args, env=env, python_args=options, check=False)
    shown = f"stdout: {result.stdout}\nstderr: {result.stderr}"
    assert result.rc == 0, shown
    assert not any(word in result.stderr for word in ("Traceback", "ignored", "Resource")), shown
    return result


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("library", PATCH)
def test_works_when_patched_before_the_first_call(
    library: str, order: str, server: LocalServer
) -> None:
    """Calls, streams, deadlines and leaving work, and other greenlets go on meanwhile."""
    start = ORDERS[order].format(patch=PATCH[library], make=MAKE)
    assert run(start + CALLS, server).stdout.splitlines() == EXPECTED
    assert server.wait_for_call("SampleTokens", "cancelled", count=2).reset_code == 8


@pytest.mark.parametrize("library", PATCH)
def test_reentry_is_told_from_other_greenlets(library: str, server: LocalServer) -> None:
    """A blocking call in the loop's own greenlet is refused, one in another is not."""
    script = f"""
{PATCH[library]}
{MAKE}
import threading
from xai.runtime.transport.loop_thread import registry
client.sampler.list_models()
told = threading.Event()

def inside():
    try:
        client.sampler.list_models()
    except RuntimeError as error:
        print(error)
    told.set()

registry.current.loop.call_soon_threadsafe(inside)
told.wait(60)
print([model for model in client.sampler.list_models()] != [])
client.close()
"""
    refused = "a blocking call on the loop's own thread would never return"
    assert run(script, server).stdout.splitlines() == [refused, "True"]


@pytest.mark.parametrize("library", PATCH)
def test_refuses_when_patched_after_the_first_call(library: str, server: LocalServer) -> None:
    """The next call says what is wrong, where it would wait on a lock of the wrong kind."""
    script = f"""
{MAKE}
client.sampler.list_models()
{PATCH[library]}
for kind in range(2):
    try:
        client.sampler.list_models() if kind == 0 else next(client.sampler.sample("Once"))
    except RuntimeError as error:
        print(error)
client.close()
"""
    text = (
        "threading was monkey-patched after the first call of a blocking client; patch at the "
        "very start of the program"
    )
    assert run(script, server).stdout.splitlines() == [text, text]
    assert [call.state for call in server.calls] == ["ok"]


@pytest.mark.parametrize("library", PATCH)
def test_new_clients_are_refused_too(library: str, server: LocalServer) -> None:
    """Exit is quick and silent with an open client, and no other client may start."""
    script = f"""
{MAKE}
client.sampler.list_models()
{PATCH[library]}
second = xai.Client(sys.argv[2], api_host=sys.argv[1])
try:
    second.sampler.list_models()
except RuntimeError as error:
    print("monkey-patched" in str(error))
"""
    assert run(script, server).stdout == "True\n"

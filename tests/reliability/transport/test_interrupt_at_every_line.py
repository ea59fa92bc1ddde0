"""An interrupt at each line of this package that the main thread comes to, one after the other."""

import sys

import pytest

from tests.reliability.processes import Script
from xai.testing import LocalServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it looks at /proc")

_TOOLS = """
import itertools, pathlib

PACKAGE = str(pathlib.Path(xai.__file__).parent)
unraisable = []
sys.unraisablehook = unraisable.append

class Interrupt(BaseException):
    pass

def interrupted_at(number, function):
    # Run a function, with an interrupt at a line; return where it was, None when there are fewer.
    left, where = number, None

    def trace(frame, event, _):
        nonlocal left, where
        name = frame.f_code.co_filename
        # What encodes and decodes messages is long, and holds nothing.
        if not name.startswith(PACKAGE) or "/codec/" in name or "/proto/" in name:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                sys.settrace(None)
                raise Interrupt
        return trace

    sys.settrace(trace)
    try:
        function()
    except Interrupt:
        pass
    finally:
        sys.settrace(None)
    return where

def descriptors():
    return len(list(pathlib.Path("/proc/self/fd").iterdir()))

def clean(where):
    for thread in threading.enumerate():
        if thread.name == "xai-dns":
            # A lookup that was given up ends by itself.
            thread.join()
        elif thread.name == "xai-io":
            # It has been told to end; on a busy machine `close` does not wait until it has.
            thread.join(20.0)
    names = [thread.name for thread in threading.enumerate()]
    assert names == ["MainThread"], (where, names)
    assert descriptors() == before, where

# Loads all that is loaded when it is first needed.
with make_client() as client:
    client.sampler.list_models()
    list(client.sampler.sample("Does it work?", max_len=2))
    client.sampler.sample("Does it work?", max_len=2).close()
gc.collect()
before = descriptors()


def each_line(first, prepare, function):
    count = 0
    for number in itertools.count(first, {parts}):
        client = make_client(timeout=15.0)
        state = prepare(client)
        where = interrupted_at(number, lambda: function(client, state))
        del state
        if number % 7 == 0:
            # The client goes on as if nothing had happened, if it is open.
            with contextlib.suppress(RuntimeError):
                assert client.sampler.list_models()
        client.close()
        clean(where)
        if number % 20 == 0:
            with make_client() as other:
                assert other.sampler.list_models(), where
            clean(where)
        if where is None:
            break
        count += 1
    assert count > 1, count
    for item in unraisable:
        assert item.exc_type is Interrupt, item
    say("done")
"""

_SITUATIONS = {
    "first call": "lambda client: None, lambda client, _: client.sampler.list_models()",
    "close": "lambda client: client.sampler.list_models(), lambda client, _: client.close()",
    "first stream": (
        "lambda client: None, "
        "lambda client, _: list(client.sampler.sample('Does it work?', max_len=1))"
    ),
    "leaving a stream": """
lambda client: next_of(client.sampler.sample('Does it work?', max_len=40)),
lambda client, stream: stream.close()
""",
    "collecting a stream": """
lambda client: [next_of(client.sampler.sample('Does it work?', max_len=40))],
lambda client, streams: streams.clear()
""",
    "with block": """
lambda client: None, lambda client, _: within(client)
""",
}
_CALLS = """
def next_of(stream):
    next(stream)
    return stream

def within(client):
    with client:
        client.sampler.list_models()

each_line({}, {})
"""
#: How many tests share the lines of a situation.
_PARTS = 4


@pytest.mark.parametrize("part", range(1, _PARTS + 1))
@pytest.mark.parametrize("situation", _SITUATIONS)
def test_interrupt_leaves_nothing_behind(server: LocalServer, situation: str, part: int) -> None:
    """After it the client still closes, no thread or socket stays, and the next client works."""
    text = _TOOLS.replace("{parts}", str(_PARTS)) + _CALLS.format(part, _SITUATIONS[situation])
    with Script(text, server, limit=200.0) as process:
        process.expect("done")

"""The key and the prompt are in nothing that the library can print, whatever goes wrong.

A script makes calls of every kind, among them each kind of failure, and collects all there is to
see: representations, errors with their causes and tracebacks, warnings, pickles, and the log of
the library and of what it stands on, at DEBUG.
"""

import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator

import attrs
import pytest
import trustme

from tests.reliability.peer import NOWHERE, Peer, Wire
from tests.support import ROOT, SECRET_KEY, SECRET_MARKER, run_child
from xai.testing import LocalServer

_PROMPT = "PROMPTMARKER"

#: Its arguments: the host, the key, the prompt, and which of the twins.
_TOOLS = """
import asyncio, copy, gc, io, logging, pickle, sys, traceback, warnings
import xai

host, key, prompt, twin = sys.argv[1:]
seen = io.StringIO()
for name in ("", "xai", "asyncio", "h2", "hpack", "hyperframe", "grpclib"):
    logging.getLogger(name).setLevel(logging.DEBUG)
handler = logging.StreamHandler(seen)
handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
logging.getLogger().addHandler(handler)
warnings.simplefilter("always")
warnings.showwarning = lambda *args, **_: print(*args, file=seen)
sys.unraisablehook = lambda args: print(args, file=seen)

def look(thing):
    print(repr(thing), str(thing), f"{thing}", file=seen)
    for name in getattr(thing, "__dict__", ()):
        print(name, repr(getattr(thing, name)), file=seen)
    try:
        print(pickle.dumps(thing), file=seen)
    except Exception as refusal:
        print("".join(traceback.format_exception(refusal)), file=seen)

def look_at_error(error):
    print("".join(traceback.format_exception(error)), file=seen)
    known = set()
    while error is not None and id(error) not in known:
        known.add(id(error))
        look(error)
        print(type(error).__mro__, error.args, file=seen)
        error = error.__cause__ or error.__context__

async def attempt(function):
    try:
        outcome = function()
        if hasattr(outcome, "__await__"):
            outcome = await outcome
    except Exception as error:
        look_at_error(error)

async def read(stream):
    look(stream)
    if hasattr(stream, "__aiter__"):
        async for _ in stream:
            pass
    else:
        for _ in stream:
            pass
    look(stream)
"""

_CALLS = """
async def main():
    asyncio.get_running_loop().set_debug(True)
    retry = xai.RetryPolicy(max_attempts=3, initial_backoff=0.001, max_backoff=0.01)
    made = dict(api_host=host, retry=retry, metadata=(("x-marked", key),), timeout=TIMEOUT)
    client = getattr(xai, twin)(key, **made)
    view = client.with_options(metadata=(("y-marked", key),), timeout=xai.Timeouts(total=TIMEOUT))
    for thing in (client, view, retry, client.sampler, client.chat, client.stubs,
                  client._connections, client._connections.config, client._options,
                  client._caller(), client._caller().context.transport):
        look(thing)
    for _ in range(1 + (TIMEOUT > 1.0)):
        await attempt(lambda: view.sampler.tokenize(prompt))
        await attempt(lambda: read(view.sampler.sample(prompt, max_len=3)))
        await attempt(lambda: client.sampler.list_transactions())
        conversation = client.chat.create_conversation()
        look(conversation)
        await attempt(lambda: conversation.add_response_no_stream(prompt))
        await attempt(lambda: client.embedder.embed([prompt]))
        await attempt(lambda: client.files.upload("a.txt", prompt.encode()))
    stream = client.sampler.sample(prompt, max_len=50)
    await attempt(lambda: stream.__anext__() if hasattr(stream, "__anext__") else next(stream))
    look(stream)
    del stream
    gc.collect()
    outcome = client.close()
    if outcome is not None:
        await outcome
    look(client)
    await attempt(lambda: client.sampler.tokenize(prompt))

asyncio.run(main())
text = seen.getvalue()
for secret in (key, prompt):
    # In hexadecimal, in base64 and in Python's own way of writing bytes as well.
    import base64, binascii
    for form in (secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode()[:16]):
        at = text.find(form)
        assert at < 0, (secret[:4], text[max(0, at - 300) : at])
assert len(text) > 2000 and "xai" in text and "localhost" in text, text
print("\\n".join(line for line in text.splitlines() if "rror" in line))
"""


_BAD_ARGUMENTS = """
for wrong in (
    lambda: xai.Client(key + "\\n", api_host=host),
    lambda: xai.Client(key + "\\u00e9", api_host=host),
    lambda: xai.Client(key, api_host=host, metadata=(("x", key + "\\n"),)),
    lambda: xai.Client(key, api_host=host, metadata=key),
    lambda: xai.Client(key.encode(), api_host=host),
    lambda: xai.Client(key, api_host=host, timeout=key),
    lambda: xai.Client(key, api_host=host).with_options(metadata=(("x", key.encode()),)),
):
    try:
        wrong()
    except Exception as error:
        text = "".join(traceback.format_exception(error)) + repr(error)
        # The line of the script is not the library's; it holds no secret itself.
        assert key not in text, text
        assert key.encode().hex() not in text
    else:
        raise AssertionError("it was accepted")
"""


def _run(host: str, twin: str, *, timeout: float = 20.0, extra: str = "") -> str:
    text = _TOOLS + f"TIMEOUT = {timeout}\n" + extra + _CALLS
    arguments = (host, SECRET_KEY, _PROMPT, twin)
    result = run_child(text, args=arguments, python_args=("-X", "dev"), timeout=150)
    assert SECRET_MARKER not in result.stdout
    return result.stdout


@pytest.fixture
def marked() -> Iterator[LocalServer]:
    """Run a server that knows the marked key."""
    with LocalServer(api_keys={SECRET_KEY: ["*"]}) as server:
        yield server
        server.clear_faults()


twins = pytest.mark.parametrize("twin", ["Client", "AsyncClient"])


@attrs.frozen
class _Trouble:
    """What a server does wrong, and what the errors then say."""

    make: Callable[[LocalServer], object]
    said: str
    timeout: float = 20.0


_TROUBLE = {
    "none": _Trouble(lambda _: None, "RuntimeError"),
    "status": _Trouble(lambda s: s.fail(3, "bad", times=None), "InvalidArgumentError"),
    "retried": _Trouble(lambda s: s.fail(14, "busy", times=None), "after 3 attempts"),
    "amid the stream": _Trouble(
        lambda s: s.fail(14, "busy", times=None, method="SampleTokens", after_messages=1), "busy"
    ),
    "silent": _Trouble(lambda s: s.stall(times=None), "DeadlineExceededError", 0.3),
}


@twins
@pytest.mark.parametrize("name", _TROUBLE)
def test_calls_and_their_failures(marked: LocalServer, twin: str, name: str) -> None:
    """Calls, streams, retries and their errors show the key and the prompt nowhere."""
    trouble = _TROUBLE[name]
    trouble.make(marked)
    assert trouble.said in _run(marked.host, twin, timeout=trouble.timeout)


def _garbage(wire: Wire) -> None:
    wire.request()
    wire.raw(b"\xff" * 100)
    wire.until_closed()


def _cut(wire: Wire) -> None:
    wire.request()
    wire.cut()


def _reset(wire: Wire) -> None:
    wire.reset(wire.request().stream, 2)
    wire.until_closed()


def _goaway(wire: Wire) -> None:
    wire.request()
    wire.goaway(0, 11, b"too much")
    wire.close()


def _not_grpc(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream, [(":status", "502"), ("content-type", "text/html")])
    wire.data(asked.stream, b"<h1>Bad gateway</h1>", end=True)
    wire.until_closed()


def _no_message(wire: Wire) -> None:
    asked = wire.request()
    wire.headers(asked.stream)
    wire.data(asked.stream, b"\0\0\0\0\3\xff\xff\xff")
    wire.status(asked.stream)
    wire.until_closed()


def _not_tls(wire: Wire) -> None:
    wire.raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    wire.close()


_SCRIPTS = [_garbage, _cut, _reset, _goaway, _not_grpc, _no_message]


@twins
@pytest.mark.parametrize("script", _SCRIPTS, ids=lambda script: script.__name__[1:])
def test_broken_connections(twin: str, script: Callable[[Wire], None]) -> None:
    """However a connection breaks, the errors and the log have neither the key nor the prompt."""
    with Peer(*[script] * 99) as peer:
        assert "APIError" in _run(peer.host, twin, timeout=0.4)


@twins
def test_refused_and_unknown_hosts(twin: str) -> None:
    """Nobody listens: the error has the host and not the key."""
    assert "APIError" in _run(f"localhost:{NOWHERE}", twin, timeout=0.4)


@twins
@pytest.mark.parametrize("kind", ["untrusted", "plain"])
def test_tls_failures(twin: str, kind: str, issuer: trustme.CA) -> None:
    """A certificate that is refused, and a server without TLS, tell nothing of the key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2"])
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    peer = Peer(tls=context) if kind == "untrusted" else Peer(*[_not_tls] * 99, bare=True)
    extra = 'seen.write("localhost")\n'
    with peer as running:
        said = _run(f"127.0.0.1:{running.port}", twin, timeout=0.4, extra=extra)
    assert "APIError" in said


def test_bad_arguments(marked: LocalServer) -> None:
    """An error about an argument that holds the key names the argument and not its value."""
    text = _TOOLS + _BAD_ARGUMENTS
    run_child(text, args=(marked.host, SECRET_KEY, _PROMPT, "Client"))


_COMMANDS = [
    ["check"],
    ["check", "--host", "HOST"],
    ["chat", "--host", "HOST", _PROMPT],
    ["files", "--host", "HOST", "list"],
    ["chat", "--nonsense"],
    ["--help"],
    ["--version"],
]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("command", _COMMANDS, ids=" ".join)
def test_command_line(command: list[str], known: bool) -> None:  # noqa: FBT001  # a case
    """No command prints the key, whether the server knows it, is not there, or the call fails."""
    with LocalServer(api_keys={SECRET_KEY if known else "other": ["*"]}) as server:
        host = server.host
        arguments = [host if word == "HOST" else word for word in command]
        if command == ["check"]:
            # Without a host it would ask the real one.
            arguments += ["--host", "localhost:1"]
        found = subprocess.run(
            [sys.executable, "-X", "dev", "-m", "xai", *arguments],
            env={**os.environ, "XAI_API_KEY": SECRET_KEY, "XAI_LOG": "debug"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=ROOT,
            check=False,
            timeout=150,
            text=True,
        )
    said = found.stdout + found.stderr
    assert said
    assert SECRET_MARKER not in said
    assert SECRET_KEY.encode().hex() not in said

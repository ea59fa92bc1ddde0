import asyncio
import contextlib
import gc
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import grpclib.client
import grpclib.const
import pytest
import trustme
from betterproto.lib.google.protobuf import Empty

from tests.services.local_peer import BUDGET, LIMIT, MODELS, SAMPLE, Peer, sample_request
from tests.support import NOT_SLOW, ROOT, run_child
from xai.errors import StatusCode
from xai.proto.prompt_ide.sampler_public import (
    GetTokenBudgetRequest,
    ListModelsResponse,
    TokenBudget,
)
from xai.testing import LocalServer


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server with its defaults."""
    with LocalServer() as server:
        yield server


@pytest.fixture
def peer(server: LocalServer) -> Iterator[Peer]:
    """A connection to it."""
    with contextlib.closing(Peer(server)) as peer:
        yield peer


# Starting and stopping.


def test_server_stops_without_a_trace() -> None:
    """After the block the thread is gone and the port is closed, however often it is done."""
    for _ in range(5):
        with LocalServer() as server:
            port = server.port
            peer = Peer(server)
            peer.call(MODELS)
            assert server.running
        assert not server.running
        assert not [t for t in threading.enumerate() if t.name == "xai-local-server"]
        peer.wait_closed()
        peer.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), LIMIT)
    gc.collect()


def test_server_stop_cancels_open_calls() -> None:
    """A call that is open when the server stops ends as cancelled, and the stop doesn't wait."""
    with LocalServer(token_delay=3600) as server:
        peer = Peer(server)
        peer.start(SAMPLE, sample_request())
        server.wait_for_call(SAMPLE, "open")
    assert server.calls[0].state == "cancelled"
    peer.wait_closed()
    peer.close()


def test_server_keeps_its_state_when_started_again() -> None:
    """Calls and spent tokens belong to the object, not to one run of it; stopping twice is fine."""
    server = LocalServer()
    for spent in (0, 5):
        server.start()
        with contextlib.closing(Peer(server)) as peer:
            budget = TokenBudget().parse(peer.call(BUDGET, GetTokenBudgetRequest()).messages[0])
            assert budget.tokens_spent == spent
            peer.call(SAMPLE, sample_request(max_len=1))
        server.stop()
        server.stop()
    assert len(server.calls) == 4


def test_server_stalls_again_after_a_restart() -> None:
    """A server that was stopped with a stalled call stalls and releases in its next run, too."""
    server = LocalServer()
    for last in (False, True):
        server.start()
        with contextlib.closing(Peer(server)) as peer:
            server.stall(method=SAMPLE, after_messages=1)
            stream = peer.start(SAMPLE, sample_request(max_len=3))
            peer.pump(lambda: len(peer.answers[stream].messages) == 1)  # noqa: B023  # called at once
            if last:
                server.release()
                assert peer.finish(stream).status[0] == 0
        server.stop()


def test_server_started_twice_is_an_error(server: LocalServer) -> None:
    """A running server refuses to be started."""
    with pytest.raises(RuntimeError, match="already running"):
        server.start()


def test_server_on_a_taken_port_is_the_callers_error(server: LocalServer) -> None:
    """The operating system's own error is raised, and no thread stays behind."""
    before = set(threading.enumerate())
    other = LocalServer(port=server.port)
    with pytest.raises(OSError, match="in use"):
        other.start()
    # Those of tests before may end meanwhile.
    assert set(threading.enumerate()) <= before


def test_server_failure_in_the_thread_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong in the thread before it serves is raised by `start`."""

    def fail() -> None:
        raise OSError("no more descriptors")

    monkeypatch.setattr("xai.testing.http2.runner.RealTimeLoop", fail)
    server = LocalServer()
    with pytest.raises(OSError, match="no more descriptors"):
        server.start()
    assert not server.running


def test_servers_share_nothing() -> None:
    """Two servers have different ports, calls and budgets."""
    with LocalServer() as one, LocalServer() as two, contextlib.closing(Peer(one)) as peer:
        peer.call(SAMPLE, sample_request(max_len=1))
        assert one.port != two.port
        assert len(one.calls) == 1
        assert not two.calls


def test_server_names_its_address() -> None:
    """`host` is what a client takes as `api_host`: plaintext by name, TLS by address."""
    with LocalServer() as server:
        assert server.host == f"localhost:{server.port}"
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert LocalServer(ssl_context=tls).host.startswith("127.0.0.1:")
    assert LocalServer(ssl_context=tls, host="::1", port=7).host == "[::1]:7"


def test_server_speaks_tls() -> None:
    """With a context the same services are served over TLS."""
    authority = trustme.CA()
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.set_alpn_protocols(["h2"])
    authority.issue_cert("127.0.0.1").configure_cert(server_tls)
    client_tls = ssl.create_default_context()
    client_tls.set_alpn_protocols(["h2"])
    authority.configure_trust(client_tls)
    with (
        LocalServer(ssl_context=server_tls) as server,
        contextlib.closing(Peer(server, client_tls)) as peer,
    ):
        assert peer.call(MODELS).status[0] == StatusCode.OK


def test_server_leaves_no_noise_behind() -> None:
    """A process that stops servers with open streams and connections writes nothing to stderr."""
    script = """
import asyncio, socket
from grpclib.client import Channel
from grpclib.const import Cardinality
from xai.testing import LocalServer


async def leave(server):
    # In debug mode asyncio tells of steps that took long, as they do on a busy machine.
    asyncio.get_running_loop().slow_callback_duration = 60
    channel = Channel("127.0.0.1", server.port)
    request = channel.request(
        "/prompt_ide.Sampler/ListModels", Cardinality.STREAM_STREAM, bytes, bytes)
    async with request as stream:
        await stream.send_request(end=True)
        await asyncio.to_thread(server.wait_for_call)
        await stream.cancel()
    channel.close()

for _ in range(3):
    with LocalServer() as server:
        server.stall(times=1)
        idle = socket.create_connection(("127.0.0.1", server.port))
        asyncio.run(leave(server))
    idle.close()
print("done")
"""
    result = run_child(NOT_SLOW + script, python_args=("-X", "dev", "-W", "error"))
    assert result.stdout == "done\n"


def test_server_stops_during_a_tls_handshake() -> None:
    """A client that connects and then says nothing holds nothing up and makes no noise."""
    script = """
import socket, ssl
from xai.testing import LocalServer

server = LocalServer(ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
with server:
    silent = socket.create_connection(("127.0.0.1", server.port))
    # Accepted, once the loop has done something that came later.
    server.release()
silent.close()
print("done")
"""
    assert run_child(NOT_SLOW + script, python_args=("-X", "dev", "-W", "error")).stdout == "done\n"


def test_server_without_keys_has_none_to_offer() -> None:
    """A server that knows no key says so when asked for one."""
    with pytest.raises(ValueError, match="no API key"):
        _ = LocalServer(api_keys={}).api_key


def test_server_shows_where_it_listens(server: LocalServer) -> None:
    """The representation has the address of a running server."""
    assert repr(server) == f"<LocalServer localhost:{server.port}>"
    assert repr(LocalServer()) == "<LocalServer stopped>"


def test_request_that_is_not_grpc_is_refused(peer: Peer) -> None:
    """Another content type gets an HTTP status, as from any gRPC server."""
    answer = peer.call(MODELS, headers=(("content-type", "text/plain"),))
    assert answer.headers[":status"] == "415"


def test_compressed_request_is_unimplemented(peer: Peer) -> None:
    """A compressed message gets the status that gRPC has for it."""
    answer = peer.finish(peer.start(MODELS, b"\x1f\x8b", flag=1))
    assert answer.status[0] == StatusCode.UNIMPLEMENTED


def test_missing_request_is_invalid(peer: Peer) -> None:
    """A request that ends without a message is refused."""
    answer = peer.finish(peer.start(MODELS, None))
    assert answer.status[0] == StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\nHost: local\r\n\r\n", bytes(100)])
def test_client_that_talks_nonsense_hurts_itself_alone(
    server: LocalServer, peer: Peer, data: bytes
) -> None:
    """Bytes that are no HTTP/2 end their own connection, and the others go on."""
    with socket.create_connection(("127.0.0.1", server.port), LIMIT) as other:
        other.sendall(data)
        while other.recv(4096):
            pass
    assert peer.call(MODELS).status[0] == StatusCode.OK


def test_unknown_method_is_unimplemented(server: LocalServer, peer: Peer) -> None:
    """A method that no service has gets UNIMPLEMENTED and its name."""
    code, text = peer.call("/prompt_ide.Nothing/AtAll").status
    assert code == StatusCode.UNIMPLEMENTED
    assert "/prompt_ide.Nothing/AtAll" in text
    assert server.calls[0].state == "error"


def test_grpclib_channel_is_served(server: LocalServer) -> None:
    """An ordinary gRPC client gets along with the server, many calls at a time."""

    async def ask(channel: grpclib.client.Channel) -> bytes:
        metadata = {"apikey": server.api_key}
        request = channel.request(
            MODELS,
            grpclib.const.Cardinality.UNARY_UNARY,
            Empty,
            ListModelsResponse,
            metadata=metadata,
        )
        async with request as stream:
            await stream.send_message(Empty(), end=True)
            reply = await stream.recv_message()
            assert reply is not None
            return bytes(reply)

    async def run() -> set[bytes]:
        async with grpclib.client.Channel("127.0.0.1", server.port) as channel:
            return set(await asyncio.gather(*(ask(channel) for _ in range(50))))

    (reply,) = asyncio.run(run())
    assert ListModelsResponse().parse(reply).model_names == ["grok-local"]
    assert server.connections == 1


def test_grpcio_client_is_served(server: LocalServer) -> None:
    """Google's own client gets along with the server, details and trailers included."""
    grpc = pytest.importorskip("grpc")
    server.fail(StatusCode.ABORTED, "gründlich", trailers=[("x-bin", b"\0\1")], times=1)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = channel.unary_unary(MODELS)
        metadata = [("apikey", server.api_key)]
        with pytest.raises(grpc.RpcError) as caught:
            call(b"", metadata=metadata, timeout=LIMIT)
        assert caught.value.code() is grpc.StatusCode.ABORTED
        assert caught.value.details() == "gründlich"
        assert ("x-bin", b"\0\1") in [tuple(pair) for pair in caught.value.trailing_metadata()]
        reply = call(b"", metadata=metadata, timeout=LIMIT)
    assert ListModelsResponse().parse(reply).model_names == ["grok-local"]


# The fixture and the program.


def _pytest(tmp_path: Path, source: str) -> str:
    test = tmp_path / "test_it.py"
    test.write_text(source)
    # The plugin may be installed as well; loaded by its name it is there in any case.
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xai", "-p", "xai.testing.plugin"]
    command = [sys.executable, "-m", "pytest", *options, "-c", os.devnull, f"--rootdir={tmp_path}"]
    result = subprocess.run(
        [*command, test], cwd=ROOT, capture_output=True, text=True, timeout=150, check=False
    )
    return result.stdout + result.stderr


def test_plugin_gives_a_server_and_checks_its_script(tmp_path: Path) -> None:
    """The fixture serves, fails a test with unused faults, and leaves other errors alone."""
    output = _pytest(
        tmp_path,
        """
def test_serves(xai_server):
    assert xai_server.running

def test_unused(xai_server):
    xai_server.fail(14)

def test_fails_anyway(xai_server):
    xai_server.fail(14)
    assert 0
""",
    )
    assert "1 failed, 2 passed, 1 error" in output
    assert "ERROR at teardown of test_unused" in output


def test_plugin_costs_nothing_until_it_is_used(tmp_path: Path) -> None:
    """Loading the plugin loads neither the server nor grpclib."""
    output = _pytest(
        tmp_path,
        """
import sys

def test_light():
    assert "xai.testing.plugin" in sys.modules
    assert not {"grpclib", "h2", "betterproto", "xai.testing.server"} & set(sys.modules)
""",
    )
    assert "1 passed" in output


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_serve_runs_until_a_signal(name: str) -> None:
    """The program says where it listens, serves, and ends cleanly when told to."""
    script = f"""
import os, signal, socket
from xai.testing import serve

def ready(server):
    print(server.host.startswith("localhost:"), server.api_key)
    socket.create_connection(("127.0.0.1", server.port)).close()
    os.kill(os.getpid(), signal.{name})

before = signal.getsignal(signal.{name})
serve(keys=["mine"], on_ready=ready)
print(signal.getsignal(signal.{name}) is before)
"""
    assert run_child(script).stdout == "True mine\nTrue\n"


def test_serve_belongs_in_the_main_thread() -> None:
    """Elsewhere signals can't be handled, which is said at once."""
    from xai.testing import serve

    caught: list[BaseException] = []

    def run() -> None:
        try:
            serve()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(LIMIT)
    assert "main thread" in str(caught[0])


def test_package_names_are_lazy() -> None:
    """The package offers its names without loading them, and no others."""
    import xai.testing

    assert {"LocalServer", "serve", "Call"} <= set(dir(xai.testing))
    with pytest.raises(AttributeError, match="nothing"):
        _ = xai.testing.nothing  # type: ignore[attr-defined]  # the point of the test


def test_clients_of_the_server_are_ready_to_use(server: LocalServer) -> None:
    """`client` gives a blocking client with the right key and address; options are passed on."""
    with server.client(metadata=(("x-mine", "1"),)) as client:
        assert len(client.sampler.tokenize("Does it work?")) == 4
    assert ("x-mine", "1") in server.calls[0].metadata


def test_client_of_v1(server: LocalServer) -> None:
    """It reaches the server with both of its hosts; options are passed on."""
    with server.v1_client(management_api_key="m") as client:
        assert client.models.list_language_models()
        assert client._management_caller().context.host == server.host


async def test_asynchronous_client_of_v1(server: LocalServer) -> None:
    """`async_v1_client` gives the asynchronous twin."""
    async with server.async_v1_client(timeout=7.0, management_api_key=None) as other:
        assert await other.models.list_language_models()
        with pytest.raises(ValueError, match="management key"):
            other._management_caller()


async def test_asynchronous_clients_of_the_server_are_ready_to_use(server: LocalServer) -> None:
    """`async_client` gives the asynchronous twin."""
    async with server.async_client() as client:
        assert await client.sampler.list_models() == ["grok-local"]

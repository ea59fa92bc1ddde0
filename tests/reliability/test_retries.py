"""Retries beside other threads, and what they leave behind."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from betterproto.lib.google.protobuf import Any as PackedAny

import xai
from tests.support import run_child
from tests.twin_helpers import Background
from xai.proto.google import rpc
from xai.proto.prompt_ide.sampler_public import SAMPLER_SAMPLE_TOKENS, SAMPLER_TOKENIZE
from xai.testing import ControlledRetries, LocalServer

UNAVAILABLE = xai.StatusCode.UNAVAILABLE
#: Far longer than a test may take.
HOUR = 3600.0
#: A bound against hangs, in seconds.
SOON = 60.0


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server."""
    with LocalServer() as server:
        yield server


def busy_for_an_hour(server: LocalServer) -> None:
    """Let the server fail one call and name a long wait."""
    info = rpc.RetryInfo(retry_delay=timedelta(seconds=HOUR))
    packed = PackedAny(type_url="type.googleapis.com/google.rpc.RetryInfo", value=bytes(info))
    status = rpc.Status(code=int(UNAVAILABLE), details=[packed])
    server.fail(UNAVAILABLE, trailers=[("grpc-status-details-bin", bytes(status))])


class Waiting:
    """Tells when a call begins to wait for its next attempt."""

    def __init__(self) -> None:
        self._began = threading.Event()
        self.policy = xai.RetryPolicy(on_retry=lambda _: self._began.set())

    def until(self) -> None:
        """Wait for that moment."""
        assert self._began.wait(SOON)


def test_stream_closed_during_a_wait_ends_its_reader(server: LocalServer) -> None:
    """Another thread's `close` ends a reader that waits for its next attempt."""
    waiting = Waiting()
    busy_for_an_hour(server)
    with server.client(retry=waiting.policy, timeout=None) as client:
        stream = client.sampler.sample("text")
        reader = Background(lambda: next(iter(stream)))
        waiting.until()
        began = time.monotonic()
        stream.close()
        with pytest.raises(RuntimeError, match="the stream was closed while it was being read"):
            reader.result()
        assert time.monotonic() - began < SOON
        assert list(stream) == []
    assert len(server.calls) == 1


def test_client_closed_during_a_wait_ends_its_calls(server: LocalServer) -> None:
    """Another thread's `close` ends a call between two attempts, long before the next."""
    waiting = Waiting()
    busy_for_an_hour(server)
    with server.client(retry=waiting.policy, timeout=None) as client:
        call = Background(lambda: client.sampler.tokenize("text"))
        waiting.until()
        began = time.monotonic()
        client.close()
        with pytest.raises(RuntimeError, match="the client is closed"):
            call.result()
        assert time.monotonic() - began < SOON
    assert len(server.calls) == 1


def test_hook_runs_in_the_callers_thread_and_may_call(server: LocalServer) -> None:
    """The hook can use the very client whose call is about to be tried again."""
    threads: list[threading.Thread] = []
    models: list[str] = []
    clients: list[xai.Client] = []

    def hook(_event: xai.RetryEvent) -> None:
        threads.append(threading.current_thread())
        models.extend(clients[0].sampler.list_models())

    server.fail(UNAVAILABLE, method=SAMPLER_TOKENIZE)
    with server.client(retry=xai.RetryPolicy(on_retry=hook)) as client:
        clients.append(client)
        with ControlledRetries(client):
            assert client.sampler.tokenize("text")
    assert threads == [threading.current_thread()]
    assert models == ["grok-local"]


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Leave everything to reference counts."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("resume", [False, True])
def test_stream_that_was_tried_again_is_cancelled_when_dropped(
    server: LocalServer, *, resume: bool
) -> None:
    """Retries leave no cycle behind that would keep a forgotten stream running."""
    server.fail(UNAVAILABLE, method=SAMPLER_SAMPLE_TOKENS)
    if resume:
        server.drop_connection(method=SAMPLER_SAMPLE_TOKENS, after_messages=1)
    server.stall(method=SAMPLER_SAMPLE_TOKENS, after_messages=2)
    with server.client(retry=xai.RetryPolicy(resume_streams=resume)) as client:
        with ControlledRetries(client):
            stream = client.sampler.sample("Does it work?", temperature=0.0)
            assert len([next(iter(stream)), next(iter(stream))]) == 2
        del stream
        call = server.wait_for_call(SAMPLER_SAMPLE_TOKENS, "cancelled")
        assert call.reset_code == 0x8


_LOADS = """
import sys
from xai import NotFoundError
from xai.testing import LocalServer

def loaded():
    print(*[name for name in ("tenacity", "xai.sync.prompt_ide.resume") if name in sys.modules])

with LocalServer() as server, server.client() as client:
    server.fail(5, "not there", method="Tokenize")
    assert client.sampler.list_models()
    assert list(client.sampler.sample("Does it work?", temperature=0.0, max_len=1))
    try:
        client.sampler.tokenize("text")
    except NotFoundError:
        loaded()
"""


def test_only_retries_load_what_retries_need() -> None:
    """Calls that succeed, or fail for good, load nothing that only repeated calls need."""
    assert run_child(_LOADS).stdout == "\n"


_STORM = """
import sys, threading
from xai import Client, RetryPolicy, ServiceUnavailableError
from xai.testing import ControlledRetries, LocalServer

sys.setswitchinterval(1e-5)
with LocalServer() as server, server.client() as client:
    server.fail(14, times=None)
    import logging
    logging.disable()
    made = []
    def work():
        for _ in range(5):
            try:
                client.sampler.tokenize("text")
            except ServiceUnavailableError as error:
                made.append(error.attempts)
    with ControlledRetries(client) as retries:
        threads = [threading.Thread(target=work) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(len(made), sum(made) == len(server.calls), len(retries.waits), retries.tokens)
"""


def test_failing_service_is_not_stormed() -> None:
    """A hundred calls to a service that is down are two hundred attempts, not 500."""
    assert run_child(_STORM).stdout == "100 True 100 0.0\n"


Making = Callable[[xai.Client], object]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "make",
    [
        lambda client: client.sampler.tokenize("text"),
        lambda client: list(client.sampler.sample("Does it work?", temperature=0.0)),
    ],
    ids=["unary", "stream"],
)
def test_calls_that_were_tried_again_leave_no_garbage(server: LocalServer, make: Making) -> None:
    """The exceptions of the attempts and the objects of the retries go by reference counts."""
    with server.client() as client, ControlledRetries(client):
        server.fail(UNAVAILABLE, times=2)
        make(client)
        gc.collect()
        server.fail(UNAVAILABLE, times=2)
        make(client)
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            gc.collect()
            left = [item for item in gc.garbage if type(item).__module__.startswith("xai.sync")]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
    assert left == []

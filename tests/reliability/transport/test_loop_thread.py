"""The background thread: stuck, dying, not starting, or called from itself."""

import asyncio
import concurrent.futures
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

import xai
from tests.reliability.processes import Peer, Script
from xai.runtime.transport import blocking as blocking_module
from xai.runtime.transport import loop_thread as background_module
from xai.runtime.transport import pending_call as pending_call_module
from xai.runtime.transport.attempt import Attempt
from xai.runtime.transport.loop_thread import LoopThread, registry
from xai.runtime.transport.pending_call import PendingCall
from xai.testing import LocalServer

#: Generous: what hangs would hang for much longer.
_LIMIT = 60.0
#: Python itself is silent about a SystemExit that ends a thread; pytest is not.
_DEATH = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def client(server: LocalServer) -> Iterator[xai.Client]:
    """Give a client that is connected."""
    with server.client() as made:
        made.sampler.list_models()
        yield made


def _running() -> LoopThread:
    thread = registry.current
    assert thread is not None
    return thread


@pytest.fixture
def stuck(client: xai.Client) -> Iterator[xai.Client]:
    """Give a client whose loop is blocked until the test is over."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        let_go.wait()

    _running().post(hold)
    assert held.wait(60.0)
    yield client
    let_go.set()


def test_stuck_loop(stuck: xai.Client, caplog: pytest.LogCaptureFixture) -> None:
    """A call raises 2 s after its deadline when the loop does not answer, and logs once."""
    brief = stuck.with_options(timeout=0.1)
    began = time.monotonic()
    with pytest.raises(xai.DeadlineExceededError, match="stuck"):
        brief.sampler.list_models()
    assert time.monotonic() - began >= 2.0
    assert [record.levelname for record in caplog.records if record.name == "xai"] == ["ERROR"]
    with pytest.raises(xai.DeadlineExceededError, match="stuck"):
        next(iter(brief.sampler.sample("Does it work?")))


def test_close_with_a_stuck_loop(stuck: xai.Client) -> None:
    """Closing a client, too, gives up on a loop that does not answer."""
    stuck.close()


def test_wait_without_a_deadline(
    client: xai.Client, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a deadline the waiter looks now and then whether the loop is alive."""
    monkeypatch.setattr(blocking_module, "_LIVENESS", 0.01)
    server.delay(0.1, method="ListModels")
    assert client.with_options(timeout=None).sampler.list_models()
    never_started = LoopThread()
    call = PendingCall(set(), streaming=False)
    blocking_module.wait_for(never_started, call, None)
    assert call.failure is not None
    assert "stopped" in call.failure.message


def _raiser(error: BaseException) -> Callable[[], None]:
    def trigger() -> None:
        raise error

    return trigger


@_DEATH
@pytest.mark.parametrize("call", ["unary", "stream", "both"])
def test_loop_thread_dies(server: LocalServer, client: xai.Client, call: str) -> None:
    """When the loop's thread dies, its calls fail, and the next one has a new thread."""
    server.stall(times=2, method="Tokenize")
    server.stall(times=2, method="SampleTokens", after_messages=3)
    once = client.with_options(retry=xai.RetryPolicy(max_attempts=1))
    ends: list[BaseException] = []

    def work(run: Callable[[], object]) -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001  # judged below
            ends.append(error)

    runs: list[tuple[str, Callable[[], object]]] = []
    if call != "stream":
        runs.append(("Tokenize", lambda: once.sampler.tokenize("Does it work?")))
    if call != "unary":
        runs.append(("SampleTokens", lambda: list(once.sampler.sample("Does it work?"))))
    threads = [threading.Thread(target=work, args=(run,)) for _, run in runs]
    for thread in threads:
        thread.start()
    for method, _ in runs:
        server.wait_for_call(method, "open")
    dying = _running()
    dying.post(_raiser(SystemExit()))
    for thread in threads:
        thread.join(60.0)
    assert [type(error) for error in ends] == [xai.APIConnectionError] * len(runs)
    assert "background loop" in str(ends[0])
    dying.thread.join(60.0)
    assert not dying.thread.is_alive()
    assert client.sampler.list_models()
    assert _running() is not dying
    server.wait_for_connections(1)
    server.clear_faults()


def test_stopping_twice(peer: Peer) -> None:
    """A loop that several threads stop at once still closes its connections in peace."""
    with peer.server.client(ssl_context=peer.context()) as client:
        assert client.sampler.list_models()
        running = _running()
        for _ in range(3):
            running.post(running.stop)
        running.stop()
        assert not running.thread.is_alive()
        peer.server.wait_for_connections(0)
        assert client.sampler.list_models()


@_DEATH
def test_next_call_while_the_old_loop_ends(server: LocalServer, client: xai.Client) -> None:
    """A call does not depend on how far the end of the old thread has come."""
    for _ in range(20):
        _running().post(_raiser(SystemExit()))
        with_retry = client.with_options(timeout=20.0)
        for _ in range(3):
            try:
                assert with_retry.sampler.list_models()
            except xai.APIConnectionError:  # noqa: PERF203  # a few calls, each may fail
                # It was on the old loop when that ended; a retry could not know whether the
                # server had done it already.
                continue
    assert client.sampler.list_models()
    server.wait_for_connections(1)


def test_broken_start_of_a_call(client: xai.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure in the loop's own code reaches the caller at once."""
    monkeypatch.setattr(Attempt, "start", lambda _: 1 / 0)
    with pytest.raises(xai.InternalServerError, match="ZeroDivisionError"):
        client.sampler.list_models()
    with pytest.raises(xai.InternalServerError, match="ZeroDivisionError"):
        list(client.sampler.sample("Does it work?"))


def test_thread_that_cannot_start(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no thread can be started, the error says so and what helps; later calls work."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with server.client() as client:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError, match=r"can't start new thread.*enable-threads"):
                client.sampler.list_models()
        assert client.sampler.list_models()


def test_thread_that_never_runs(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that is never run is waited for no longer than the limit."""
    with server.client() as client:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", lambda _: None)
            patch.setattr(background_module, "_START_LIMIT", 0.05)
            with pytest.raises(RuntimeError, match=r"did not start.*enable-threads"):
                client.sampler.list_models()
        assert client.sampler.list_models()


def test_loop_that_fails_at_once(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended the thread before it was ready is the cause of the caller's error."""
    with server.client() as client:
        with monkeypatch.context() as patch:
            patch.setattr(asyncio.SelectorEventLoop, "run_forever", lambda _: 1 / 0)
            patch.setattr(asyncio.SelectorEventLoop, "run_until_complete", lambda _, it: it.close())
            with pytest.raises(RuntimeError, match="could not be started") as caught:
                client.sampler.list_models()
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert client.sampler.list_models()


class _ForcedError(Exception):
    pass


class _Calling(logging.Handler):
    """A log handler that makes blocking calls, and remembers what became of them."""

    def __init__(self, calls: list[Callable[[], object]]) -> None:
        super().__init__()
        self.calls = calls
        self.ends: list[object] = []
        self.over = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Make the calls."""
        if record.exc_info is None or not isinstance(record.exc_info[1], _ForcedError):
            return
        assert threading.current_thread().name == "xai-io"
        for call in self.calls:
            try:
                self.ends.append(call())
            except RuntimeError as error:  # noqa: PERF203  # as many as there are kinds of calls
                self.ends.append(str(error))
        self.over.set()


def test_blocking_call_on_the_loop_thread(peer: Peer) -> None:
    """A call from a log handler that runs on the loop's thread raises, and never waits.

    Closing does not wait there either; the loop goes on.
    """
    context = peer.context()
    with (
        peer.server.client(ssl_context=context) as client,
        peer.server.client(ssl_context=context) as unused,
    ):
        begun = client.sampler.sample("Does it work?", max_len=4, temperature=0.0)
        next(iter(begun))
        drained = client.sampler.sample("Does it work?", max_len=4, temperature=0.0)
        list(drained)
        handler = _Calling(
            [
                client.sampler.list_models,
                unused.sampler.list_models,
                lambda: list(client.sampler.sample("Does it work?")),
                begun.close,
                drained.close,
                unused.close,
            ]
        )
        logger = logging.getLogger("asyncio")
        logger.addHandler(handler)
        try:
            _running().post(_raiser(_ForcedError()))
            assert handler.over.wait(_LIMIT)
        finally:
            logger.removeHandler(handler)
        assert all("loop's own thread" in str(end) for end in handler.ends[:3])
        assert handler.ends[3:] == [None, None, None]
        assert client.sampler.list_models()


@pytest.mark.parametrize(
    "kind", [TimeoutError, socket.timeout, asyncio.TimeoutError, concurrent.futures.TimeoutError]
)
def test_timeout_error_of_the_call_itself(
    kind: type[Exception], server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A TimeoutError from within a call ends it, however finely the waiting is sliced."""
    monkeypatch.setattr(pending_call_module, "_SLICE", 0.001)

    def fail(*_: object, **__: object) -> object:
        raise kind("mine")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    once = xai.RetryPolicy(max_attempts=1)
    with server.client(retry=once, timeout=20.0) as client:
        for run in (
            client.sampler.list_models,
            lambda: list(client.sampler.sample("Does it work?")),
        ):
            began = time.monotonic()
            with pytest.raises(xai.APIConnectionError, match="localhost"):
                run()
            assert time.monotonic() - began < _LIMIT


def test_sliced_waiting(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting in slices, as on Windows, neither loses nor invents an end."""
    monkeypatch.setattr(pending_call_module, "_SLICE", 0.001)
    with server.client() as client:
        # Also for calls that are over before the server has heard of them.
        server.delay(0.05, times=None)
        assert client.sampler.list_models()
        assert list(client.sampler.sample("Does it work?", max_len=3, temperature=0.0))
        brief = client.with_options(timeout=0.02)
        for run in (
            brief.sampler.list_models,
            lambda: list(brief.sampler.sample("Does it work?")),
        ):
            with pytest.raises(xai.DeadlineExceededError):
                run()


_IMPORTING = """
import logging, pathlib, tempfile

# Only so that the attempts which are meant to fail are not reported.
logging.getLogger("xai").addHandler(logging.NullHandler())
found = []

class Watch:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread().name == "xai-io":
            found.append(name)

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "calls_while_imported.py")
    path.write_text('''
from tests.reliability.script import *
client = make_client(retry=xai.RetryPolicy(initial_backoff=0.01))
said = client.sampler.tokenize("Does it work?")
tokens = list(client.sampler.sample("Does it work?", max_len=3, temperature=0.0))
with raises(xai.NotFoundError):
    client.sampler.list_models()
names = client.sampler.list_models()
client.close()
try:
    xai.Client("none", api_host="localhost:1", timeout=5.0).sampler.list_models()
except xai.APIConnectionError:
    pass
''')
    sys.path.insert(0, folder)
    sys.meta_path.insert(0, Watch())
    import calls_while_imported as module
assert module.said and module.tokens and module.names
assert not found, found
"""


def test_calls_while_a_module_is_imported(peer: Peer) -> None:
    """A module may make calls while it is imported: the loop's thread imports nothing."""
    peer.server.fail(xai.StatusCode.NOT_FOUND, method="ListModels")
    peer.server.fail(xai.StatusCode.UNAVAILABLE, method="Tokenize")
    with Script(_IMPORTING, peer.server, authority=peer.authority):
        pass


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the warning is new in 3.12")
def test_thread_is_a_daemon(client: xai.Client) -> None:
    """The thread has a name and is a daemon, so that no exit waits for it."""
    assert client.sampler.list_models()
    assert (_running().thread.name, _running().thread.daemon) == ("xai-io", True)

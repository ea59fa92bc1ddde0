"""What crosses between the caller's thread and the loop's: context variables and errors."""

import contextvars
import gc
import threading
import traceback
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

import xai
from tests.reliability.processes import Peer
from xai.testing import LocalServer

_variable: contextvars.ContextVar["_Value | None"] = contextvars.ContextVar("_variable")


class _Value:
    """What a caller keeps in a context variable."""


def _call_with_value(client: xai.Client) -> "weakref.ref[_Value]":
    value = _Value()

    def run() -> None:
        _variable.set(value)
        assert client.sampler.list_models()
        assert list(client.sampler.sample("Does it work?", max_len=3, temperature=0.0))
        with client.sampler.sample("Does it work?", max_len=100) as stream:
            next(iter(stream))

    contextvars.Context().run(run)
    return weakref.ref(value)


def test_connection_keeps_no_callers_context(peer: Peer) -> None:
    """Neither the caller who connects nor a later one leaves context variables behind."""
    with peer.server.client(ssl_context=peer.context()) as client:
        first = _call_with_value(client)
        second = _call_with_value(client)
        # The loop has done with both when it has answered this one.
        assert client.sampler.list_models()
        gc.collect()
        assert first() is None
        assert second() is None
    assert peer.server.connections == 1


def test_context_of_the_caller_is_untouched(server: LocalServer) -> None:
    """A call neither changes the caller's variables nor loses them, in any thread."""
    with server.client() as client:
        found: dict[int, object] = {}

        def run(number: int) -> None:
            value = _Value()
            _variable.set(value)
            client.sampler.list_models()
            found[number] = _variable.get() is value

        threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60.0)
    assert found == {0: True, 1: True}


def _failed(run: Callable[[], object]) -> xai.APIError:
    with pytest.raises(xai.APIError) as caught:
        run()
    return caught.value


def _rooms(error: BaseException) -> set[str]:
    """Return the folders below the package, and names of other files, of an error's stack."""
    found = set()
    package = Path(xai.__file__).parent
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if package in path.parents:
            found.add(str(path.relative_to(package).parts[0]))
        else:
            found.add(path.name)
    return found


@pytest.mark.parametrize("retried", [False, True])
def test_stack_of_a_failed_call(server: LocalServer, *, retried: bool) -> None:
    """The stack holds the user's frames and ours on the caller's side, and no others.

    No event loop, no thread of ours and no retry library is between the two.
    """
    allowed = {Path(__file__).name, "sync", "runtime", "proto"}
    policy = xai.RetryPolicy(max_attempts=2 if retried else 1, initial_backoff=0.001)
    code = xai.StatusCode.UNAVAILABLE if retried else xai.StatusCode.NOT_FOUND
    with server.client(retry=policy) as client:
        server.fail(code, times=4 if retried else 2)
        for run in (client.sampler.list_models, lambda: list(client.sampler.sample("Hello"))):
            error = _failed(run)
            assert _rooms(error) <= allowed
            assert error.__cause__ is None
            assert error.__suppress_context__
    with xai.Client("key", api_host="localhost:1", retry=policy) as unreachable:
        error = _failed(unreachable.sampler.list_models)
        assert _rooms(error) <= allowed
        assert isinstance(error.__cause__, OSError)


def test_failures_of_one_connection_are_many_errors() -> None:
    """Callers who wait for the same connection raise an error each, with short stacks."""
    count = 12
    errors: list[xai.APIError] = []
    barrier = threading.Barrier(count)
    once = xai.RetryPolicy(max_attempts=1)
    with xai.Client("key", api_host="localhost:1", retry=once) as client:

        def run() -> None:
            barrier.wait(60.0)
            errors.append(_failed(client.sampler.list_models))

        threads = [threading.Thread(target=run) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60.0)
    assert len(errors) == len({id(error) for error in errors}) == count
    lengths = {len(traceback.extract_tb(error.__traceback__)) for error in errors}
    assert len(lengths) == 1

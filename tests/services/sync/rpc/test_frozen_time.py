# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_frozen_time.py
"""Calls while the time stands still, as the tests of users let it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import freezegun
import pytest
import time_machine

import xai
from tests.services.sync.helpers import texts
from xai import Client, RetryPolicy
from xai.testing import LocalServer
from xai.v1 import user

_FREEZERS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "freezegun": lambda: freezegun.freeze_time("2031-01-01"),
    "time-machine": lambda: time_machine.travel(0.0, tick=False),
}
frozen = pytest.mark.parametrize("tool", _FREEZERS)


@frozen
def test_first_call_and_close(client: Client, tool: str) -> None:
    """The first call, with all that is loaded for it, and the end work."""
    with _FREEZERS[tool]():
        assert client.sampler.list_models()
        assert client.sampler.tokenize("Does it work?")
        assert texts(client.sampler.sample("Does it work?", max_len=2))
        chat = client.v1.chat.create("grok-local", messages=[user("Does it work?")], max_tokens=2)
        assert chat.sample().content
        assert [chunk for _, chunk in chat.stream()]
        client.close()


@frozen
def test_local_server_goes_on(tool: str) -> None:
    """The delays of the local server end, and so does a wait for a call that never comes."""
    with _FREEZERS[tool](), LocalServer(token_delay=0.01) as server:
        server.delay(0.05)
        with Client(server.api_key, api_host=server.host, timeout=20.0) as client:
            assert texts(client.sampler.sample("Does it work?", max_len=2))
        with pytest.raises(TimeoutError):
            server.wait_for_call("ListModels", timeout=0.05)


@frozen
def test_deadlines_pass(client: Client, server: LocalServer, tool: str) -> None:
    """A call whose server does not respond ends with its deadline; a stream also with silence."""
    server.stall(times=2)
    with _FREEZERS[tool]():
        with pytest.raises(xai.DeadlineExceededError):
            client.with_options(timeout=0.1).sampler.list_models()
        silent = client.with_options(timeout=xai.Timeouts(idle=0.1))
        with pytest.raises(xai.DeadlineExceededError, match="sent nothing"):
            silent.sampler.sample("Does it work?").__next__()
    server.clear_faults()


@frozen
def test_retries_wait_and_go_on(client: Client, server: LocalServer, tool: str) -> None:
    """The wait between two attempts ends."""
    server.fail(14, times=2)
    waits: list[float] = []
    policy = RetryPolicy(initial_backoff=0.05, on_retry=lambda event: waits.append(event.wait))
    with _FREEZERS[tool]():
        assert client.with_options(retry=policy).sampler.list_models()
    assert len(waits) == 2


@frozen
def test_dialing_is_given_up(tool: str) -> None:
    """A host that does not respond costs the time that was allowed for a connection."""
    with _FREEZERS[tool]():
        limits = xai.Timeouts(total=0.5, connect=0.1)
        with Client("key", api_host="localhost:9", timeout=limits) as client:
            with pytest.raises(xai.APIError):
                client.sampler.list_models()


def test_time_that_is_released_again(client: Client, server: LocalServer) -> None:
    """A connection made in frozen time is used after it, and the other way round."""
    with freezegun.freeze_time("2031-01-01"):
        assert client.sampler.list_models()
    assert client.sampler.list_models()
    with freezegun.freeze_time("1999-01-01", tick=True):
        assert client.sampler.list_models()
    assert server.connections == 1


def test_seeds_and_sleeps_of_the_test_are_left_alone(
    client: Client, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is drawn from the shared source of chance, and no replaced `sleep` is called."""
    import random
    import time

    def refuse(_: float) -> None:
        raise AssertionError("the test has replaced it")

    monkeypatch.setattr(time, "sleep", refuse)
    random.seed(5)
    state = random.getstate()
    server.fail(14)
    assert client.sampler.list_models()
    assert random.getstate() == state

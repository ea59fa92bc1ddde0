"""Dialing: shared by its callers, repeated with pauses, given up, and closed."""

import contextvars
import errno
import os
import socket

import pytest

from tests.reliability.links import NOBODY, UNARY, Dialing, Link, at, both, failure_of
from tests.reliability.peer import BRIEF, LIMIT, NOWHERE, Peer
from tests.support import SECRET_KEY, until
from xai import APIConnectionError, AsyncClient, Client, RetryPolicy
from xai.errors import StatusCode
from xai.proto.prompt_ide.sampler_public import GetTokenBudgetRequest
from xai.runtime.http2 import channel
from xai.runtime.http2.channel import dial_pause
from xai.runtime.http2.protocol import H2Protocol
from xai.runtime.net.config import ChannelConfig
from xai.runtime.net.endpoint import parse_host
from xai.runtime.retry.controller import may_retry
from xai.runtime.transport.asynchronous import AsyncTransport
from xai.runtime.transport.request import Request


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let failed dials be repeated at once."""
    monkeypatch.setattr(channel, "_BACKOFF_LIMIT", 0.0)


@pytest.fixture
def endless_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep failed dials from being repeated."""
    monkeypatch.setattr(channel, "_BACKOFF_FIRST", 1e6)
    monkeypatch.setattr(channel, "_BACKOFF_LIMIT", 1e6)


# -- one dialing for all ---------------------------------------------------------------------


@both
def test_callers_share_a_connection(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """Five callers who come while one dials make one connection."""
    with Peer() as peer, connect(peer) as link:
        dialing = Dialing(monkeypatch, at(peer), wait=True)
        calls = [link.start(b"%d" % number) for number in range(5)]
        dialing.await_callers(5)
        dialing.open(link)
        assert [call.result(LIMIT) for call in calls] == [b"0", b"1", b"2", b"3", b"4"]
        assert (dialing.lookups, len(peer.wires)) == (1, 1)


@both
def test_short_deadline_does_not_end_the_dialing(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first caller's deadline is its own; those who joined get the connection."""
    with Peer() as peer, connect(peer) as link:
        dialing = Dialing(monkeypatch, at(peer), wait=True)
        short = link.start(timeout=BRIEF)
        dialing.await_callers(1)
        others = [link.start(b"a"), link.start(b"b")]
        dialing.await_callers(2)
        failure = failure_of(lambda: short.result(LIMIT))
        assert failure.code is StatusCode.DEADLINE_EXCEEDED
        assert f"while connecting to {peer.host}" in failure.message
        dialing.open(link)
        assert [call.result(LIMIT) for call in others] == [b"a", b"b"]
        assert (dialing.lookups, len(peer.wires)) == (1, 1)


@both
def test_short_connect_limit_does_not_end_the_dialing(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The most patient caller's limit holds for the dialing, each caller's own for its wait."""
    with Peer() as peer, connect(peer) as link:
        dialing = Dialing(monkeypatch, at(peer), wait=True)
        short = link.start(connect=BRIEF)
        dialing.await_callers(1)
        patient = link.start(connect=LIMIT)
        dialing.await_callers(1)
        failure = failure_of(lambda: short.result(LIMIT))
        assert (failure.connection, failure.unprocessed) == (True, True)
        assert failure.message == f"no connection to {peer.host} within 1 s"
        dialing.open(link)
        patient.result(LIMIT)
        assert (dialing.lookups, len(peer.wires)) == (1, 1)


@both
@pytest.mark.usefixtures("no_pauses")
def test_dialing_ends_at_the_connect_limit(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dialing nobody waits for any more is given up, and the next call dials again."""
    with Peer() as peer, connect(peer) as link:
        dialing = Dialing(monkeypatch, at(peer), at(peer), wait=True)
        failure = failure_of(lambda: link.unary(connect=0.1))
        assert failure.message == f"no connection to {peer.host} within 0.1 s"
        assert dialing.cancelled.wait(LIMIT)
        # The task that dialed is over as well.
        while link.on_loop(lambda: link.channel()._dialing is not None):
            pass
        again = link.start(b"again")
        dialing.await_callers(2)
        until(lambda: dialing.lookups == 2)
        dialing.open(link)
        assert again.result(LIMIT) == b"again"
        assert len(peer.wires) == 1


@both
@pytest.mark.usefixtures("endless_pauses")
def test_callers_share_a_failure(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """Five callers to a dead host dial once; each may be repeated, as nothing was sent."""
    with Peer() as peer, connect(peer) as link:
        dialing = Dialing(monkeypatch, OSError(errno.ECONNREFUSED, "as asyncio puts it"), wait=True)
        calls = [link.start() for _ in range(5)]
        dialing.await_callers(5)
        dialing.open(link)
        for call in calls:
            failure = failure_of(lambda call=call: call.result(LIMIT))  # type: ignore[misc]  # bound at once
            assert failure.message == f"can't connect to {peer.host}: Connection refused"
            assert failure.connection
            assert may_retry(failure, RetryPolicy())
        assert dialing.lookups == 1


@both
@pytest.mark.usefixtures("endless_pauses")
def test_failed_dial_is_not_repeated_at_once(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the pause calls wait instead of dialing; once it has passed they dial."""
    with Peer() as peer, connect(peer) as link:
        dialing = Dialing(monkeypatch, OSError("no"), OSError("no"), at(peer))
        assert "can't connect" in failure_of(link.unary).message
        link.on_loop(lambda: setattr(link.channel(), "_not_before", 0.0))
        # A pause counts from the failure, not from the next call.
        assert "can't connect" in failure_of(link.unary).message
        for _ in range(3):
            assert "no connection to" in failure_of(lambda: link.unary(connect=0.02)).message
        assert dialing.lookups == 2


@both
@pytest.mark.usefixtures("no_pauses")
def test_success_ends_the_pauses(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """After a success the count of failures begins anew."""
    with Peer() as peer, connect(peer) as link:
        Dialing(monkeypatch, OSError("no"), OSError("no"), at(peer))
        for _ in range(2):
            failure_of(link.unary)
        assert link.channel()._failures == 2
        link.works()
        assert (link.channel()._failures, link.channel()._not_before) == (0, 0.0)


def test_pauses_grow_with_jitter_and_a_limit() -> None:
    """Each pause is at most twice the one before, at most 5 s, and not the same for all."""
    for failures, longest in ((1, 0.05), (2, 0.1), (5, 0.8), (8, 5.0), (10**6, 5.0)):
        pauses = {dial_pause(failures) for _ in range(50)}
        assert len(pauses) > 10
        assert longest / 2 <= min(pauses) <= max(pauses) <= longest


@both
def test_every_address_is_tried(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a dead address before a good one works."""
    with Peer() as peer, connect(peer) as link:
        Dialing(monkeypatch, [NOBODY, *at(peer)])
        link.works()


@both
@pytest.mark.parametrize("limit", [None, LIMIT])
def test_timeout_of_the_system(
    connect: type[Link], monkeypatch: pytest.MonkeyPatch, limit: float | None
) -> None:
    """A system that gives up connecting is told as such, with and without a limit of our own."""
    timed_out = OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    with Peer() as peer, connect(peer) as link:
        Dialing(monkeypatch, timed_out)
        failure = failure_of(lambda: link.unary(connect=limit))
        assert failure.message == f"can't connect to {peer.host}: {os.strerror(errno.ETIMEDOUT)}"


@both
def test_name_without_an_address(connect: type[Link], monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that has no address, or is not known, is a connection error with the host."""
    with Peer() as peer, connect(peer) as link:
        Dialing(monkeypatch, [], socket.gaierror(-2, "Name or service not known"))
        assert "the name has no address" in failure_of(link.unary).message
        failure = failure_of(link.unary)
        assert failure.message == f"can't connect to {peer.host}: Name or service not known"


_THREE = RetryPolicy(max_attempts=3, initial_backoff=0.0)


@pytest.mark.usefixtures("no_pauses")
def test_user_sees_host_and_attempts() -> None:
    """A server that is not there is an APIConnectionError after all attempts, with its cause."""
    gone = f"localhost:{NOWHERE}"
    with Client(SECRET_KEY, api_host=gone, retry=_THREE) as client:
        with pytest.raises(APIConnectionError, match=f"can't connect to {gone}: ") as caught:
            client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
        assert caught.value.attempts == 3
        assert isinstance(caught.value.__cause__, ConnectionRefusedError)


@pytest.mark.usefixtures("no_pauses")
async def test_asynchronous_user_sees_host_and_attempts() -> None:
    """As above."""
    gone = f"localhost:{NOWHERE}"
    async with AsyncClient(SECRET_KEY, api_host=gone, retry=_THREE) as client:
        with pytest.raises(APIConnectionError, match=f"can't connect to {gone}: ") as caught:
            await client.stubs.sampler.get_token_budget(GetTokenBudgetRequest())
        assert caught.value.attempts == 3


async def test_connection_has_no_context_of_its_first_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a connection does later, it does not do in the name of who dialed it."""
    trace: contextvars.ContextVar[str] = contextvars.ContextVar("trace", default="none")
    seen = set()
    original = H2Protocol.data_received

    def data_received(self: H2Protocol, data: bytes) -> None:
        seen.add(trace.get())
        original(self, data)

    monkeypatch.setattr(H2Protocol, "data_received", data_received)
    with Peer() as peer:
        transport = AsyncTransport(ChannelConfig(parse_host(peer.host), ()))
        trace.set("first caller")
        await transport.unary(Request(UNARY, b""))
        await transport.close()
    assert seen == {"none"}

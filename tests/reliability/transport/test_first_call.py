"""The first call of a client: dialing and encoding at the same time."""

import threading
from typing import TYPE_CHECKING

import pytest
from betterproto.lib.google.protobuf import Empty

from tests.reliability.peer import LIMIT, NOWHERE, Peer, Wire
from tests.support import SECRET_KEY
from xai import APIConnectionError, Client, RetryPolicy
from xai.proto.prompt_ide import sampler_public as pb
from xai.runtime.codec import api as codec
from xai.runtime.http2 import channel
from xai.runtime.net.happy_eyeballs import dial
from xai.runtime.retry.policy import Failure

if TYPE_CHECKING:
    import asyncio

    from xai.runtime.http2.connection import Connection


def test_first_call_is_dialed_while_it_is_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has accepted the connection before the request is bytes."""
    accepted, encode = threading.Event(), codec.encode

    def slowly(message: pb.TokenizeRequest) -> bytes:
        assert accepted.wait(LIMIT)
        return encode(message)

    def script(wire: Wire) -> None:
        accepted.set()
        wire.reply(wire.request())

    monkeypatch.setattr(codec, "encode", slowly)
    with Peer(script) as peer, Client(SECRET_KEY, api_host=peer.host) as client:
        client.stubs.sampler.list_models(Empty())
        assert len(peer.wires) == 1


def test_failed_dialing_counts_once_for_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was dialed during the encoding is the call's attempt: it is not dialed again for it."""
    dials: list[object] = []
    failed, encode = threading.Event(), codec.encode

    async def count(*arguments: object, **options: object) -> object:
        dials.append(arguments)
        try:
            return await dial(*arguments, **options)  # type: ignore[arg-type]  # passed through
        finally:
            failed.set()

    def slowly(message: pb.TokenizeRequest) -> bytes:
        assert failed.wait(LIMIT)
        return encode(message)

    monkeypatch.setattr(channel, "dial", count)
    monkeypatch.setattr(codec, "encode", slowly)
    once = RetryPolicy.none()
    with Client(SECRET_KEY, api_host=f"localhost:{NOWHERE}", retry=once) as client:
        for number in (1, 2):
            with pytest.raises(APIConnectionError, match="can't connect") as caught:
                client.stubs.sampler.list_models(Empty())
            assert caught.value.attempts == 1
            assert len(dials) == number


def test_call_that_comes_as_the_dialing_fails_joins_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the failure and its being noted no second dialing begins."""
    noted = channel.Channel._dialed
    outcomes: list[Connection | Failure] = []
    joined: list[bool] = []

    def late(self: channel.Channel, task: "asyncio.Task[Connection | Failure]") -> None:
        self.connect(None, outcomes.append)
        joined.append(self._dialing is task)
        noted(self, task)

    monkeypatch.setattr(channel.Channel, "_dialed", late)
    once = RetryPolicy.none()
    host = f"localhost:{NOWHERE}"
    with (
        Client(SECRET_KEY, api_host=host, retry=once) as client,
        pytest.raises(APIConnectionError, match="can't connect"),
    ):
        client.stubs.sampler.list_models(Empty())
    assert set(joined) == {True}
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert len(failures) == len(outcomes)
    assert all("can't connect" in failure.message for failure in failures)


def test_request_that_can_not_be_encoded_leaves_a_good_client() -> None:
    """The connection that was made for it serves the next call."""
    with Peer() as peer, Client(SECRET_KEY, api_host=peer.host) as client:
        wrong = pb.TokenizeRequest(text=1)  # type: ignore[arg-type]  # what is tested
        with pytest.raises(TypeError, match="text"):
            client.stubs.sampler.tokenize(wrong)
        client.stubs.sampler.list_models(Empty())
        assert len(peer.wires) == 1


def test_stream_is_not_dialed_before_it_is_read() -> None:
    """A stream that nobody reads makes no connection."""
    with Peer() as peer, Client(SECRET_KEY, api_host=peer.host) as client:
        stream = client.sampler.sample("text")
        assert "xai-io" not in [thread.name for thread in threading.enumerate()]
        stream.close()
        assert not peer.wires

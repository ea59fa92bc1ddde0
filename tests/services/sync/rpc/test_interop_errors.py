# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_interop_errors.py
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from tests.services.interop.protos import AnyMessage
from tests.services.interop.server import GrpcioServer
from tests.services.sync.helpers import collect, happens, texts, until_error
from tests.support import SECRET_KEY
from tests.twin_helpers import Background
from xai import (
    APIError,
    Client,
    DeadlineExceededError,
    InvalidArgumentError,
    StatusCode,
    UnimplementedError,
)
from xai.options import RetryPolicy
from xai.proto.google import rpc
from xai.proto.prompt_ide.sampler_public import TokenizeAndSampleTokensRequest

TOKENIZE = "/prompt_ide.Sampler/Tokenize"
SAMPLE = "/prompt_ide.Sampler/SampleTokens"
#: Guards against hangs.
LIMIT = 20.0
ONCE = RetryPolicy.none()


@pytest.mark.parametrize("code", sorted(set(StatusCode) - {StatusCode.OK}))
def test_every_status_of_another_server_is_known(
    grpcio_server: GrpcioServer, code: StatusCode
) -> None:
    """Code, text and trailers of Google's server arrive unchanged."""

    def fail(_: AnyMessage, context: grpc.ServicerContext) -> None:
        context.set_trailing_metadata((("x-a", "1"), ("x-b", "two words")))
        context.abort(next(c for c in grpc.StatusCode if c.value[0] == code), f"né {code.name} %")

    grpcio_server.answer(TOKENIZE, fail)
    with Client(SECRET_KEY, api_host=grpcio_server.host, retry=ONCE) as client:
        with pytest.raises(APIError) as caught:
            client.sampler.tokenize("text")
        assert client.sampler.list_models()
    error = caught.value
    assert (error.code, error.message) == (code, f"né {code.name} %")
    assert error.metadata == (("x-a", "1"), ("x-b", "two words"))


def test_details_of_another_server_are_decoded(grpcio_server: GrpcioServer) -> None:
    """Details written by Google's library are decoded, and an unknown one is kept as bytes."""
    protos = grpcio_server.protos
    status = protos.message("google.rpc.Status")(code=3, message="bad")
    info = protos.message("google.rpc.ErrorInfo")(reason="R", domain="D", metadata={"a": "b"})
    bad: Any = protos.message("google.rpc.BadRequest")()
    bad.field_violations.add(field="max_len", description="too long")
    for detail in (info, bad, protos.sampler.TokenIds(tokens=[1, 300])):
        status.details.add().Pack(detail)  # type: ignore[attr-defined]  # known at run time only

    def fail(_: AnyMessage, context: grpc.ServicerContext) -> None:
        trailer = ("grpc-status-details-bin", status.SerializeToString())
        context.set_trailing_metadata((trailer,))
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "bad")

    grpcio_server.answer(TOKENIZE, fail)
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        with pytest.raises(InvalidArgumentError, match="bad") as caught:
            client.sampler.tokenize("text")
    assert caught.value.details == (
        rpc.ErrorInfo(reason="R", domain="D", metadata={"a": "b"}),
        rpc.BadRequest(
            field_violations=[rpc.BadRequestFieldViolation(field="max_len", description="too long")]
        ),
        ("prompt_ide.TokenIds", b"\x0a\x03\x01\xac\x02"),
    )


def test_stream_that_fails_half_way(grpcio_server: GrpcioServer) -> None:
    """The items before a failure come through, then the server's status with its trailers."""
    pb = grpcio_server.protos.sampler

    def fail(_: AnyMessage, context: grpc.ServicerContext) -> Iterator[Any]:
        logit = pb.Logit(string_token="a")
        yield pb.SampleTokensResponse(token=pb.Token(final_logit=logit))
        context.set_trailing_metadata((("x-a", "1"),))
        context.abort(grpc.StatusCode.DATA_LOSS, "half-way")

    grpcio_server.answer(SAMPLE, fail)
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        found, error = until_error(client.sampler.sample("text"))
    assert [token.token_str for token in found] == ["a"]
    assert (error.code, error.message) == (StatusCode.DATA_LOSS, "half-way")
    assert error.metadata == (("x-a", "1"),)


def test_exception_in_a_handler_is_unknown(grpcio_server: GrpcioServer) -> None:
    """A server whose code fails answers UNKNOWN, which is tried once."""

    def fail(_: AnyMessage, __: grpc.ServicerContext) -> None:
        raise ValueError("a bug of the server")

    grpcio_server.answer(TOKENIZE, fail)
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        with pytest.raises(APIError, match="a bug of the server") as caught:
            client.sampler.tokenize("text")
    assert (caught.value.code, caught.value.attempts) == (StatusCode.UNKNOWN, 1)


def test_unknown_method_is_unimplemented(grpcio_server: GrpcioServer) -> None:
    """What Google's server does not know it answers without a message, and we understand it."""
    with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
        stream = client.stubs.sampler.tokenize_and_sample_tokens(TokenizeAndSampleTokensRequest())
        with pytest.raises(UnimplementedError) as caught:
            collect(stream)
        assert client.sampler.list_models()
    assert caught.value.message


def test_unavailable_is_tried_again(grpcio_server: GrpcioServer) -> None:
    """A real UNAVAILABLE of Google's server is retried; the request is the same each time."""
    pb = grpcio_server.protos.sampler
    left = [2]

    def fail_twice(_: AnyMessage, context: grpc.ServicerContext) -> AnyMessage:
        if left[0]:
            left[0] -= 1
            context.abort(grpc.StatusCode.UNAVAILABLE, "later")
        return pb.TokenizeResponse()

    grpcio_server.answer(TOKENIZE, fail_twice)
    retry = RetryPolicy(initial_backoff=0.001)
    with Client(SECRET_KEY, api_host=grpcio_server.host, retry=retry) as client:
        assert client.sampler.tokenize("text") == []
    assert grpcio_server.requests(TOKENIZE) == [pb.TokenizeRequest(text="text")] * 3


def test_server_sees_the_deadline(grpcio_server: GrpcioServer) -> None:
    """Google's library reads the header as the time that is left; without a limit there is none."""
    with Client(SECRET_KEY, api_host=grpcio_server.host, timeout=50) as client:
        client.sampler.list_models()
        client.with_options(timeout=None).sampler.list_models()
        client.with_options(timeout=1e7).sampler.list_models()
        texts(client.with_options(timeout=7.5).sampler.sample("text", max_len=1))
    first, second, third, fourth = (call.seconds for call in grpcio_server.calls)
    assert first is not None
    assert 40 < first <= 50
    assert second is None or second > 1e8  # grpcio has a largest number for "no deadline"
    assert third is not None
    assert 0.99e7 < third <= 1.01e7
    assert fourth is not None
    assert 5 < fourth <= 7.5


def test_deadline_ends_the_call_on_both_sides(grpcio_server: GrpcioServer) -> None:
    """When the time is over the client raises, and the server sees the call end."""
    released = threading.Event()

    def stall(_: AnyMessage, __: grpc.ServicerContext) -> AnyMessage:
        released.wait(LIMIT)
        return grpcio_server.protos.sampler.TokenizeResponse()

    grpcio_server.answer(TOKENIZE, stall)
    try:
        with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
            client.sampler.list_models()
            with pytest.raises(DeadlineExceededError):
                client.with_options(timeout=1.0).sampler.tokenize("text")
            _, call = grpcio_server.calls
            assert happens(call.ended)
            assert not call.answered
    finally:
        released.set()


def test_server_sees_a_stream_left_early(grpcio_server: GrpcioServer) -> None:
    """Leaving a stream is a cancellation to Google's server, at once."""
    released = threading.Event()
    pb = grpcio_server.protos.sampler

    def endless(_: AnyMessage, __: grpc.ServicerContext) -> Iterator[Any]:
        yield pb.SampleTokensResponse(token=pb.Token())
        released.wait(LIMIT)

    grpcio_server.answer(SAMPLE, endless)
    try:
        with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
            with client.sampler.sample("text") as stream:
                for _ in stream:
                    break
            assert happens(grpcio_server.calls[0].ended)
            assert not grpcio_server.calls[0].answered
            assert client.sampler.list_models()
    finally:
        released.set()


def test_server_sees_the_client_close(grpcio_server: GrpcioServer) -> None:
    """Closing the client ends the calls that are under way, on both sides."""
    released, arrived = threading.Event(), threading.Event()

    def stall(_: AnyMessage, __: grpc.ServicerContext) -> AnyMessage:
        arrived.set()
        released.wait(LIMIT)
        return grpcio_server.protos.sampler.TokenizeResponse()

    grpcio_server.answer(TOKENIZE, stall)
    try:
        with Client(SECRET_KEY, api_host=grpcio_server.host) as client:
            client.sampler.list_models()
            call = Background(lambda: client.sampler.tokenize("text"))
            assert happens(arrived)
            client.close()
            with pytest.raises(RuntimeError, match="closed"):
                call.result()
        assert happens(grpcio_server.calls[-1].ended)
        assert not grpcio_server.calls[-1].answered
    finally:
        released.set()

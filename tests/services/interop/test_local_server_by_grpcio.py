import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from tests.services.interop.protos import AnyMessage, Protos
from tests.support import SECRET_KEY
from xai.proto.prompt_ide import sampler_public as ours
from xai.testing import LocalServer

LIMIT = 20.0
KEY = (("apikey", SECRET_KEY),)
MISSING_ACLS = "API key is missing ACLs required to perform this request."


class GrpcioClient:
    """Calls the local server with Google's libraries alone."""

    def __init__(self, server: LocalServer, protos: Protos) -> None:
        self.pb = protos.sampler
        self._protos = protos
        self.channel = grpc.insecure_channel(f"127.0.0.1:{server.port}")

    def __getattr__(self, name: str) -> AnyMessage:
        """Return the function of a method of the sampler, by its name."""
        path = f"/prompt_ide.Sampler/{name}"
        method = self._protos.methods[path]
        build: Any = (
            self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        )
        return build(
            path,
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=self._protos.of(method.output_type).FromString,
        )

    def empty(self) -> AnyMessage:
        """Return a request that says nothing."""
        return self._protos.message("google.protobuf.Empty")()

    def question(self, **settings: object) -> AnyMessage:
        """Return a request to continue the usual prompt."""
        settings = {"max_len": 5, **settings}
        return self.pb.SampleTokensRequest(
            inputs=[self.pb.PromptInput(text="Does it work?")],
            settings=self.pb.SampleSettings(**settings),
        )


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """A local server that knows a key which may do all, and one which may read."""
    keys = {SECRET_KEY: ["*"], "reader": ["sampler:read"]}
    with LocalServer(api_keys=keys) as server:
        yield server


@pytest.fixture
def client(server: LocalServer, protos: Protos) -> Iterator[GrpcioClient]:
    """A client made with grpcio."""
    client = GrpcioClient(server, protos)
    with client.channel:
        yield client


def test_tokenize_is_served(server: LocalServer, client: GrpcioClient) -> None:
    """A unary call of Google's client is answered in full, and recorded."""
    request = client.pb.TokenizeRequest(text="Does it work?")
    reply = client.Tokenize(request, metadata=(("x-a", "1"), *KEY), timeout=LIMIT)
    words = [token.final_logit.string_token for token in reply.tokens]
    assert words == ["Does", "▁it", "▁work", "?"]
    assert all(token.token_type == 1 for token in reply.tokens)
    (call,) = server.calls
    assert call.request == ours.TokenizeRequest(text="Does it work?")
    assert ("x-a", "1") in call.metadata
    assert call.timeout is not None


def test_sample_is_served(client: GrpcioClient) -> None:
    """A stream comes token by token, then the budget and the transaction, then OK."""
    stream = client.SampleTokens(client.question(), metadata=KEY, timeout=LIMIT)
    replies = list(stream)
    kinds = [reply.WhichOneof("response") for reply in replies]
    assert kinds == ["token"] * 5 + ["budget", "transaction"]
    words = [reply.token.final_logit.string_token for reply in replies[:5]]
    assert words == ["▁Yes", ",", "▁it", "▁does", "."]
    assert replies[-1].transaction.confirmed
    assert stream.code() is grpc.StatusCode.OK


def test_settings_are_obeyed(client: GrpcioClient) -> None:
    """Seeds, limits and stop rules mean the same to a client that shares no code."""

    def words(**settings: object) -> list[str]:
        stream = client.SampleTokens(client.question(**settings), metadata=KEY, timeout=LIMIT)
        return [
            reply.token.final_logit.string_token
            for reply in stream
            if reply.WhichOneof("response") == "token"
        ]

    assert words(max_len=0) == []
    assert words(stop_tokens=["▁it"]) == ["▁Yes", ","]
    assert words(stop_strings=["it"]) == ["▁Yes", ",", "▁it"]
    wild = {"temperature": 5.0, "nucleus_p": 1.0, "max_len": 20}
    assert words(**wild, rng_seed=1) == words(**wild, rng_seed=1) != words(**wild, rng_seed=2)


def test_the_other_methods_are_served(client: GrpcioClient) -> None:
    """Models, budget and transactions read well in Google's library."""
    list(client.SampleTokens(client.question(), metadata=KEY, timeout=LIMIT))
    models = client.ListModels(client.empty(), metadata=KEY, timeout=LIMIT)
    assert list(models.model_names) == ["grok-local"]
    request = client.pb.GetTokenBudgetRequest()
    assert client.GetTokenBudget(request, metadata=KEY, timeout=LIMIT).tokens_spent > 5
    booked = client.ListTransactions(client.empty(), metadata=KEY, timeout=LIMIT).transactions
    assert [item.num_generated_tokens for item in booked] == [5]
    assert booked[0].HasField("create_time")


@pytest.mark.parametrize(
    ("metadata", "code", "text"),
    [
        ((), grpc.StatusCode.UNAUTHENTICATED, "No API key"),
        ((("apikey", "other"),), grpc.StatusCode.UNAUTHENTICATED, "Incorrect API key"),
        ((("apikey", "reader"),), grpc.StatusCode.PERMISSION_DENIED, MISSING_ACLS),
    ],
)
def test_keys_are_checked(
    client: GrpcioClient,
    metadata: tuple[tuple[str, str], ...],
    code: grpc.StatusCode,
    text: str,
) -> None:
    """Google's client meets the documented statuses and texts."""
    with pytest.raises(grpc.RpcError) as caught:
        list(client.SampleTokens(client.question(), metadata=metadata, timeout=LIMIT))
    error: Any = caught.value
    assert error.code() is code
    assert text in error.details()


@pytest.mark.parametrize("code", [c for c in grpc.StatusCode if c is not grpc.StatusCode.OK])
def test_scripted_failures_arrive(
    server: LocalServer, client: GrpcioClient, code: grpc.StatusCode
) -> None:
    """A scripted status reaches Google's client with its text and trailers."""
    number, _ = code.value
    server.fail(number, "né %", trailers=[("x-a", "1"), ("x-b-bin", b"\0\xff")])
    with pytest.raises(grpc.RpcError) as caught:
        client.ListModels(client.empty(), metadata=KEY, timeout=LIMIT, wait_for_ready=False)
    error: Any = caught.value
    assert (error.code(), error.details()) == (code, "né %")
    trailers = [(pair.key, pair.value) for pair in error.trailing_metadata()]
    assert trailers == [("x-a", "1"), ("x-b-bin", b"\0\xff")]


def test_failure_half_way_comes_after_the_messages(
    server: LocalServer, client: GrpcioClient
) -> None:
    """In a stream the messages before the failure come through."""
    server.fail(grpc.StatusCode.ABORTED.value[0], "enough", after_messages=2)
    stream = client.SampleTokens(client.question(), metadata=KEY, timeout=LIMIT)
    assert [next(stream).WhichOneof("response") for _ in range(2)] == ["token", "token"]
    with pytest.raises(grpc.RpcError) as caught:
        next(stream)
    error: Any = caught.value
    assert (error.code(), error.details()) == (grpc.StatusCode.ABORTED, "enough")


def test_cancellation_reaches_the_server(server: LocalServer, client: GrpcioClient) -> None:
    """A call that Google's client gives up is recorded as cancelled."""
    server.stall(after_messages=1)
    stream = client.SampleTokens(client.question(), metadata=KEY, timeout=LIMIT)
    next(stream)
    stream.cancel()
    call = server.wait_for_call("SampleTokens", "cancelled")
    assert call.reset_code == 8


def test_deadline_of_the_client_reaches_the_server(
    server: LocalServer, client: GrpcioClient
) -> None:
    """A stalled call ends with the deadline, on both sides."""
    assert client.ListModels(client.empty(), metadata=KEY, timeout=LIMIT)
    server.stall()
    with pytest.raises(grpc.RpcError) as caught:
        client.ListModels(client.empty(), metadata=KEY, timeout=1.0)
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    server.wait_for_call("ListModels", "cancelled")


def test_many_calls_go_side_by_side(server: LocalServer, client: GrpcioClient) -> None:
    """Calls from many threads share one connection, and each has its own answer."""
    results: list[int] = []

    def call() -> None:
        stream = client.SampleTokens(client.question(), metadata=KEY, timeout=LIMIT)
        results.append(len(list(stream)))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert results == [7] * 8
    assert server.connections == 1

# Do not edit: produced by "nox -s generate" from
# tests/services/aio/stubs/test_stubs.py
import inspect
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

import betterproto
import grpc
import pytest
from betterproto.lib.google.protobuf import Empty

from tests.services.interop.protos import AnyMessage, fill
from tests.services.interop.server import GrpcioServer
from tests.services.recorded import CREDENTIALS
from tests.services.sync.helpers import collect
from tests.support import MANAGEMENT_KEY, SECRET_KEY
from xai import Client, NotFoundError, StatusCode
from xai.proto.base import Method
from xai.proto.collections import collections
from xai.proto.compat.chat import compat_chat
from xai.proto.prompt_ide import (
    chat,
    embedder_public,
    files,
    prod_search,
    sampler_public,
    stateless_chat,
)
from xai.proto.xai_api import auth, batch, documents, embed, image, models, sample, tokenize, video
from xai.proto.xai_api import chat as v1_chat
from xai.proto.xai_api import files as v1_files
from xai.testing import LocalServer

#: Each attribute of ``client.stubs``, its service, and the module that describes it.
SERVICES = {
    "sampler": ("prompt_ide.Sampler", sampler_public),
    "stateless_chat": ("prompt_ide.StatelessChat", stateless_chat),
    "chat": ("prompt_ide.Chat", chat),
    "search": ("prompt_ide.Search", prod_search),
    "file": ("prompt_ide.File", files),
    "embedder": ("prompt_ide.Embedder", embedder_public),
    "compat_chat": ("compat.chat.Chat", compat_chat),
    "v1.auth": ("xai_api.Auth", auth),
    "v1.batch": ("xai_api.BatchMgmt", batch),
    "v1.chat": ("xai_api.Chat", v1_chat),
    "v1.collections": ("collections.Collections", collections),
    "v1.documents": ("xai_api.Documents", documents),
    "v1.embedder": ("xai_api.Embedder", embed),
    "v1.files": ("xai_api.Files", v1_files),
    "v1.image": ("xai_api.Image", image),
    "v1.models": ("xai_api.Models", models),
    "v1.sample": ("xai_api.Sample", sample),
    "v1.tokenize": ("xai_api.Tokenize", tokenize),
    "v1.video": ("xai_api.Video", video),
}
#: Each method: the attribute of its service, and its description.
METHODS = [
    (name, method)
    for name, (service, module) in SERVICES.items()
    for method in vars(module).values()
    if isinstance(method, Method) and method.path.startswith(f"/{service}/")
]
VARIANTS = 3


def public(item: object) -> set[str]:
    """Return the public names of an object."""
    return {name for name in dir(item) if not name.startswith("_")}


def name_of(method: Method[Any, Any]) -> str:
    """Return the name of the function for a method."""
    return betterproto.casing.snake_case(method.path.rpartition("/")[2])


def once(*messages: object) -> Iterator[object]:
    """Yield messages."""
    for message in messages:
        yield message


class Anew:
    """A stream of requests that can be read again."""

    def __iter__(self) -> Iterator[object]:
        """Yield one of them."""
        return once(v1_files.UploadFileChunk())


def asked(method: Method[Any, Any], *messages: object) -> object:
    """Return what a call takes: a stream of requests, or the first of them."""
    return once(*messages) if method.client_streaming else messages[0]


def replies_of(method: Method[Any, Any], answer: AnyMessage) -> list[AnyMessage]:
    """Return what a call gave: all messages of a stream, or the one."""
    if method.server_streaming:
        return collect(answer)
    return [answer]


def test_every_documented_method_is_there(grpcio_server: GrpcioServer) -> None:
    """``client.stubs`` has each service of the wire, with each of its methods."""
    assert {method.path for _, method in METHODS} == {*grpcio_server.protos.methods}
    stubs = Client(SECRET_KEY, management_api_key=MANAGEMENT_KEY).stubs
    nested = {f"v1.{name}" for name in public(stubs.v1)}
    assert {*public(stubs), *nested} == {*SERVICES, "v1"}
    for name in SERVICES:
        functions = public(attrgetter(name)(stubs)) - set(dir(betterproto.ServiceStub))
        assert functions == {name_of(method) for owner, method in METHODS if owner == name}


@pytest.mark.parametrize(
    ("service", "method"), [pytest.param(*item, id=item[1].path) for item in METHODS]
)
def test_every_method_speaks_with_another_server(
    grpcio_server: GrpcioServer, service: str, method: Method[Any, Any]
) -> None:
    """A request with every field set arrives as sent, and so does the reply, typed."""
    protos = grpcio_server.protos
    descriptor = protos.methods[method.path]
    replies = [fill(protos.of(descriptor.output_type)(), number) for number in range(VARIANTS)]

    def one(_: AnyMessage, __: grpc.ServicerContext) -> AnyMessage:
        return replies[len(grpcio_server.calls) - 1]

    def upload(sent: Iterator[Any], _: grpc.ServicerContext) -> AnyMessage:
        for _ in sent:
            pass
        return replies[len(grpcio_server.calls) - 1]

    def many(_: AnyMessage, __: grpc.ServicerContext) -> Iterator[Any]:
        return iter(replies)

    requests = [fill(protos.of(descriptor.input_type)(), number) for number in range(VARIANTS)]
    answer = upload if method.client_streaming else one
    grpcio_server.answer(method.path, many if method.server_streaming else answer)
    host = grpcio_server.host
    with Client(
        SECRET_KEY, management_api_key=MANAGEMENT_KEY, api_host=host, management_api_host=host
    ) as client:
        call = getattr(attrgetter(service)(client.stubs), name_of(method))
        for number, request in enumerate(requests):
            ours = method.request().parse(request.SerializeToString())
            found = replies_of(method, call(asked(method, ours, ours)))
            expected = replies if method.server_streaming else [replies[number]]
            assert [type(reply) for reply in found] == [method.reply] * len(expected)
            # Compared by the other library: what ours lost or changed would show here.
            read = [protos.of(descriptor.output_type).FromString(bytes(reply)) for reply in found]
            assert read == expected
    twice = [[request, request] for request in requests]
    assert grpcio_server.requests(method.path) == (twice if method.client_streaming else requests)


@pytest.mark.parametrize(
    ("service", "method"), [pytest.param(*item, id=item[1].path) for item in METHODS]
)
def test_every_method_has_the_clients_rules(
    server: LocalServer, client: Client, service: str, method: Method[Any, Any]
) -> None:
    """Each method takes a timeout and metadata, retries, and raises our errors."""
    server.fail(StatusCode.UNAVAILABLE, method=method)
    server.fail(StatusCode.NOT_FOUND, "not there", method=method)
    call = getattr(attrgetter(service)(client.stubs), name_of(method))
    request = Anew() if method.client_streaming else method.request()
    with pytest.raises(NotFoundError, match="not there") as caught:
        replies_of(method, call(request, timeout=5, metadata=[("x-a", "1")]))
    assert (caught.value.method, caught.value.attempts) == (method.path, 2)
    first, second = server.calls
    # The second one also says how often the call was tried before.
    again = [pair for pair in second.metadata if pair[0] != "grpc-previous-rpc-attempts"]
    elsewhere = service == "v1.collections"
    keys = CREDENTIALS[1:] if elsewhere else CREDENTIALS
    assert first.metadata == again == [*keys, ("x-a", "1")]
    assert first.timeout is not None


@pytest.mark.parametrize(
    ("service", "method"), [pytest.param(*item, id=item[1].path) for item in METHODS]
)
def test_every_method_is_typed(
    server: LocalServer, client: Client, service: str, method: Method[Any, Any]
) -> None:
    """The signature names the request and the reply, and another message is refused by the call."""
    call = getattr(attrgetter(service)(client.stubs), name_of(method))
    signature = inspect.signature(call)
    first, *others = signature.parameters.values()
    assert [other.name for other in others] == ["timeout", "metadata"]
    if method.client_streaming:
        assert first.name == "requests"
        assert first.annotation == Iterable[method.request]  # type: ignore[name-defined]  # as the generator writes it
    else:
        assert (first.name, first.annotation) == ("request", method.request)
    shown = str(signature.return_annotation)
    assert method.reply.__name__ in shown
    assert ("Stream" in shown) is method.server_streaming
    wrong = sampler_public.TokenBudget() if method.request is Empty else Empty()
    with pytest.raises(TypeError, match=f"request must be a {method.request.__name__}, not a"):
        replies_of(method, call(asked(method, wrong)))
    # An upload is sent before its first message is looked at.
    assert server.connections <= method.client_streaming


@pytest.mark.parametrize(
    ("metadata", "error"),
    [([("X-A", "1")], ValueError), ([("te", "1")], ValueError), ("x-a", TypeError)],
)
def test_metadata_of_a_call_is_checked_by_it(
    server: LocalServer, client: Client, metadata: object, error: type[Exception]
) -> None:
    """Bad metadata of one call is refused by that call, before anything is sent."""
    with pytest.raises(error, match=r"^metadata"):
        client.stubs.sampler.list_models(Empty(), metadata=metadata)  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(error, match=r"^metadata"):
        client.stubs.sampler.sample_tokens(
            sampler_public.SampleTokensRequest(),
            metadata=metadata,  # type: ignore[arg-type]  # as above
        )
    assert server.connections == 0

# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_credentials.py
import logging

import pytest

from tests.services.interop.server import GrpcioServer
from tests.services.recorded import CREDENTIALS
from tests.services.sync.helpers import collect
from tests.support import SECRET_KEY, SECRET_MARKER
from xai import Client
from xai.proto.prompt_ide.sampler_public import TokenizeRequest
from xai.testing import LocalServer

METADATA = (("x-team", "blue"), ("x-team", "green"), ("x.dotted_key-1", "a b=c;~!"), ("x-no", ""))


def test_metadata_goes_before_the_credentials(server: LocalServer) -> None:
    """Every RPC, unary or streamed, has the given pairs in their order and then the key."""
    with Client(SECRET_KEY, api_host=server.host, metadata=METADATA) as client:
        client.sampler.tokenize("text")
        client.sampler.list_models()
        client.sampler.get_token_budget()
        client.sampler.list_transactions()
        collect(client.sampler.sample("text", max_len=1))
    assert len(server.calls) == 5
    for call in server.calls:
        assert call.metadata == [*METADATA, *CREDENTIALS]


def test_metadata_of_a_call_comes_last(server: LocalServer) -> None:
    """Pairs of one call of a stub come after all others and are sent with that call alone."""
    with Client(SECRET_KEY, api_host=server.host, metadata=(("x-client", "1"),)) as client:
        stub = client.with_options(metadata=[("x-view", "2")]).stubs.sampler
        stub.tokenize(TokenizeRequest(text="a"), metadata=[("x-call", "3")])
        stub.tokenize(TokenizeRequest(text="a"))
    usual = [("x-client", "1"), *CREDENTIALS, ("x-view", "2")]
    assert [call.metadata for call in server.calls] == [[*usual, ("x-call", "3")], usual]


def test_caller_may_change_its_list_of_metadata_later(server: LocalServer) -> None:
    """What was given at construction is what is sent, whatever happens to the list."""
    pairs = [("x-a", "1")]
    with Client(
        SECRET_KEY,
        api_host=server.host,
        metadata=pairs,  # type: ignore[arg-type]  # documented as a tuple
    ) as client:
        pairs.append(("x-b", "2"))
        client.sampler.list_models()
    assert server.calls[0].metadata == [("x-a", "1"), *CREDENTIALS]


def test_credentials_have_the_documented_form(grpcio_server: GrpcioServer) -> None:
    """The key travels as ``apikey: KEY`` and as ``authorization: Bearer KEY``, once each."""
    with Client(SECRET_KEY, api_host=grpcio_server.host, metadata=(("x-a", "1"),)) as client:
        client.sampler.list_models()
    (call,) = grpcio_server.calls
    assert [pair for pair in call.metadata if pair[0] != "user-agent"] == [
        ("x-a", "1"),
        ("apikey", SECRET_KEY),
        ("authorization", f"Bearer {SECRET_KEY}"),
    ]


def test_library_names_itself(server: LocalServer, client: Client) -> None:
    """The user agent is this library's, and compression is not offered."""
    client.sampler.list_models()
    headers = dict(server.calls[0].headers)
    assert headers["user-agent"].startswith("xai-client/")
    assert headers["content-type"].startswith("application/grpc")
    assert headers["te"] == "trailers"
    assert headers["grpc-accept-encoding"] == "identity,deflate,gzip"


def test_key_is_never_logged(grpcio_server: GrpcioServer, caplog: pytest.LogCaptureFixture) -> None:
    """No logger of any library the client uses writes the key, at the finest level."""
    for name in ("", "hpack", "h2", "grpclib", "xai"):
        caplog.set_level(logging.DEBUG, logger=name)
    with Client(
        SECRET_KEY, api_host=grpcio_server.host, metadata=(("x-token", SECRET_MARKER),)
    ) as client:
        for _ in range(2):
            client.sampler.tokenize("text")
            collect(client.sampler.sample("text", max_len=1))
    # Something was logged, or this test would show nothing.
    assert "xai" in {record.name.partition(".")[0] for record in caplog.records}
    assert SECRET_MARKER not in caplog.text

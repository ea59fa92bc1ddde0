# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_error_details.py
import pickle
from datetime import timedelta

import pytest
from betterproto import Message
from betterproto.lib.google.protobuf import Any

import xai
from tests.services.sync.helpers import QUESTION, texts
from xai import APIError, Client, StatusCode
from xai.proto.google import rpc
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

DETAILS = "grpc-status-details-bin"
KNOWN: list[Message] = [
    rpc.ErrorInfo(reason="SLOW", domain="x.ai", metadata={"limit": "5", "é": "▁"}),
    rpc.RetryInfo(retry_delay=timedelta(seconds=1, milliseconds=500)),
    rpc.DebugInfo(stack_entries=["a", "b"], detail="c"),
    rpc.QuotaFailure(violations=[rpc.QuotaFailureViolation(subject="s", description="d")]),
    rpc.PreconditionFailure(violations=[rpc.PreconditionFailureViolation(type="t", subject="s")]),
    rpc.BadRequest(field_violations=[rpc.BadRequestFieldViolation(field="f", description="d")]),
    rpc.RequestInfo(request_id="r", serving_data="s"),
    rpc.ResourceInfo(resource_type="t", resource_name="n"),
    rpc.Help(links=[rpc.HelpLink(description="d", url="https://x.ai")]),
    rpc.LocalizedMessage(locale="de", message="zu viel"),
]


def packed(name: str, value: bytes) -> Any:
    """Return a detail in the form in which it travels."""
    return Any(type_url=f"type.googleapis.com/{name}", value=value)


def status(*details: Any) -> bytes:
    """Return the value of the trailer that carries details."""
    return bytes(rpc.Status(code=8, message="ignored", details=list(details)))


def failure(server: LocalServer, client: Client, value: bytes | str) -> APIError:
    """Let a call fail with a value of that trailer, and return the error."""
    trailers = [("x-before", "1"), (DETAILS, value), ("x-after", "2")]
    server.fail(StatusCode.RESOURCE_EXHAUSTED, "too much", trailers=trailers)
    # Tried once: a wait that the details name would be obeyed.
    with pytest.raises(APIError) as caught:
        client.with_options(retry=xai.RetryPolicy.none()).sampler.tokenize("text")
    error = caught.value
    assert type(error) is xai.RateLimitError
    assert error.message == "too much"
    assert error.metadata == (("x-before", "1"), ("x-after", "2"))
    return error


@pytest.mark.parametrize("detail", KNOWN, ids=lambda detail: type(detail).__name__)
def test_detail_of_a_known_type_is_decoded(
    server: LocalServer, client: Client, detail: Message
) -> None:
    """Every google.rpc message that the server attached is there, decoded."""
    value = status(packed(f"google.rpc.{type(detail).__name__}", bytes(detail)))
    error = failure(server, client, value)
    assert error.details == (detail,)
    assert type(error.details[0]) is type(detail)


def test_details_keep_their_order_and_unknown_types(server: LocalServer, client: Client) -> None:
    """A type this library does not know stays as its name and its bytes, in its place."""
    value = status(
        packed("acme.Unknown", b"\0\xffraw"),
        packed("google.rpc.ErrorInfo", bytes(KNOWN[0])),
        packed("google.rpc.NotYetThere", b""),
        packed("google.rpc.ErrorInfo", bytes(KNOWN[0])),
    )
    error = failure(server, client, value)
    assert error.details == (
        ("acme.Unknown", b"\0\xffraw"),
        KNOWN[0],
        ("google.rpc.NotYetThere", b""),
        KNOWN[0],
    )


def test_details_survive_pickling(server: LocalServer, client: Client) -> None:
    """A pickled error has its details."""
    value = status(
        *(packed(f"google.rpc.{type(detail).__name__}", bytes(detail)) for detail in KNOWN),
        packed("acme.Unknown", b"raw"),
    )
    error = failure(server, client, value)
    assert len(error.details) == len(KNOWN) + 1
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        other = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301  # made right here
        assert other.details == error.details == (*KNOWN, ("acme.Unknown", b"raw"))


def test_details_of_a_stream(server: LocalServer, client: Client) -> None:
    """Details come with a stream that fails half-way as well."""
    value = status(packed("google.rpc.ErrorInfo", bytes(KNOWN[0])))
    server.fail(
        StatusCode.ABORTED,
        "enough",
        method=pb.SAMPLER_SAMPLE_TOKENS,
        after_messages=1,
        trailers=[(DETAILS, value)],
    )
    with pytest.raises(xai.AbortedError, match="enough") as caught:
        texts(client.sampler.sample(QUESTION, temperature=0.0))
    assert caught.value.details == (KNOWN[0],)


@pytest.mark.parametrize(
    "value",
    ["!!!", "A", "====", "", b"\xff" * 9, b"\x1a\x05abc", "AAAA AAAA", b"\0"],
)
def test_malformed_attachment_never_hides_the_status(
    server: LocalServer, client: Client, value: bytes | str
) -> None:
    """What can't be read as details leaves the error as it is, without details."""
    error = failure(server, client, value)
    assert error.details == ()
    assert client.sampler.list_models()


@pytest.mark.parametrize(
    "name",
    [
        "google.rpc.ErrorInfo",
        "google.rpc.TYPE_CHECKING",
        "google.rpc.__getattr__",
        "google.rpc.__name__",
        "google.rpc._HOMES",
        "google.rpc.",
        "",
    ],
)
def test_malformed_detail_is_kept_as_bytes(server: LocalServer, client: Client, name: str) -> None:
    """A detail that does not decode, or whose name means no message, stays name and bytes."""
    error = failure(server, client, status(packed(name, b"\xff" * 9)))
    assert error.details == ((name, b"\xff" * 9),)

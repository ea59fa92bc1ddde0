# Do not edit: produced by "nox -s generate" from
# tests/services/aio/rpc/test_statuses.py
import pickle

import attrs
import pytest
from betterproto.lib.google.protobuf import Empty

import xai
from tests.services.sync.helpers import QUESTION, texts, until_error
from xai import APIError, Client, StatusCode, XAIError
from xai.options import NOT_GIVEN, RetryPolicy
from xai.proto.prompt_ide import sampler_public as pb
from xai.testing import LocalServer

TOKENIZE, SAMPLE = pb.SAMPLER_TOKENIZE, pb.SAMPLER_SAMPLE_TOKENS

#: The documented class of each status.
CLASSES = {
    StatusCode.CANCELLED: xai.CancelledError,
    StatusCode.UNKNOWN: xai.InternalServerError,
    StatusCode.INVALID_ARGUMENT: xai.InvalidArgumentError,
    StatusCode.DEADLINE_EXCEEDED: xai.DeadlineExceededError,
    StatusCode.NOT_FOUND: xai.NotFoundError,
    StatusCode.ALREADY_EXISTS: xai.AlreadyExistsError,
    StatusCode.PERMISSION_DENIED: xai.PermissionDeniedError,
    StatusCode.RESOURCE_EXHAUSTED: xai.RateLimitError,
    StatusCode.FAILED_PRECONDITION: xai.FailedPreconditionError,
    StatusCode.ABORTED: xai.AbortedError,
    StatusCode.OUT_OF_RANGE: xai.OutOfRangeError,
    StatusCode.UNIMPLEMENTED: xai.UnimplementedError,
    StatusCode.INTERNAL: xai.InternalServerError,
    StatusCode.UNAVAILABLE: xai.ServiceUnavailableError,
    StatusCode.DATA_LOSS: xai.InternalServerError,
    StatusCode.UNAUTHENTICATED: xai.AuthenticationError,
}
ONCE = RetryPolicy.none()


def notes(error: BaseException) -> str:
    """Return the notes of an error in one text; Python 3.10 shows them nowhere by itself."""
    return "\n".join(getattr(error, "__notes__", []))


def test_every_status_has_its_class() -> None:
    """The table of this file is complete: each status but OK is in it."""
    assert set(CLASSES) == set(StatusCode) - {StatusCode.OK}


@pytest.mark.parametrize("code", CLASSES, ids=lambda code: code.name)
def test_status_becomes_its_error(server: LocalServer, client: Client, code: StatusCode) -> None:
    """Each status raises its class, with everything that is known about the call."""
    server.fail(code, f"it is {code.name}", trailers=[("x-trace", "0815"), ("x-trace", "2")])
    with pytest.raises(APIError) as caught:
        client.with_options(retry=ONCE).sampler.tokenize("text")
    error = caught.value
    assert type(error) is CLASSES[code]
    assert isinstance(error, XAIError)
    assert error.code is code
    assert error.message == str(error) == f"it is {code.name}"
    assert error.metadata == (("x-trace", "0815"), ("x-trace", "2"))
    assert error.details == ()
    assert error.method == "/prompt_ide.Sampler/Tokenize"
    assert error.attempts == 1
    assert client.sampler.list_models()


@pytest.mark.parametrize("code", CLASSES, ids=lambda code: code.name)
def test_status_in_a_stream_becomes_its_error(
    server: LocalServer, client: Client, code: StatusCode
) -> None:
    """In a stream the items before the failure come first, then its error, once."""
    server.fail(code, "in the middle", method=SAMPLE, after_messages=2)
    stream = client.sampler.sample(QUESTION, temperature=0.0)
    found, error = until_error(stream)
    assert (len(found), error.message) == (2, "in the middle")
    assert type(error) is CLASSES[code]
    assert (error.code, error.attempts) == (code, 1)
    assert error.method == "/prompt_ide.Sampler/SampleTokens"
    assert texts(stream) == []
    assert len(server.calls) == 1


@pytest.mark.parametrize("code", CLASSES, ids=lambda code: code.name)
def test_error_survives_pickling(server: LocalServer, client: Client, code: StatusCode) -> None:
    """A pickled error is of the same class and has all fields and notes."""
    server.fail(code, "fail\N{HEAVY CHECK MARK}", trailers=[("x-a", "1")])
    with pytest.raises(APIError) as caught:
        client.with_options(retry=ONCE).sampler.tokenize("text")
    error = caught.value
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        other = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301  # made right here
        assert type(other) is type(error)
        assert vars(other) == vars(error)
        assert (str(other), other.args) == (str(error), error.args)
        assert other.code is code
        assert notes(other) == notes(error) != ""


def test_notes_tell_method_host_and_attempts(server: LocalServer, client: Client) -> None:
    """The notes of an error say where the call went and how often it was tried."""
    server.fail(StatusCode.UNAVAILABLE, "no", times=2)
    twice = client.with_options(retry=RetryPolicy(max_attempts=2, initial_backoff=0.001))
    with pytest.raises(APIError) as caught:
        twice.sampler.tokenize("text")
    shown = notes(caught.value)
    assert "/prompt_ide.Sampler/Tokenize" in shown
    assert server.host in shown
    assert "UNAVAILABLE" in shown
    assert "2 attempts" in shown
    caught.value.add_note("mine")
    assert notes(caught.value).endswith("mine")


def test_message_of_any_text_arrives(server: LocalServer, client: Client) -> None:
    """A text that had to be encoded for the header reads as it was meant."""
    text = 'déjà vu: "100 %" \N{GRINNING FACE}\nnext line'
    server.fail(StatusCode.NOT_FOUND, text)
    with pytest.raises(xai.NotFoundError) as caught:
        client.sampler.tokenize("text")
    assert caught.value.message == text


def test_status_without_a_text_is_named(server: LocalServer, client: Client) -> None:
    """Without a text the message is empty, and the error still says something."""
    server.fail(StatusCode.OUT_OF_RANGE)
    with pytest.raises(xai.OutOfRangeError) as caught:
        client.sampler.tokenize("text")
    assert caught.value.message == ""
    assert str(caught.value) == "OUT_OF_RANGE"


@pytest.mark.parametrize("number", [17, 99, 2**31])
def test_status_of_an_unknown_number_is_unknown(
    server: LocalServer, client: Client, number: int
) -> None:
    """A status this version has no name for is UNKNOWN, hence an InternalServerError."""
    server.fail(number, "new")
    with pytest.raises(xai.InternalServerError, match="new") as caught:
        client.sampler.tokenize("text")
    assert caught.value.code is StatusCode.UNKNOWN


def test_method_the_server_does_not_know(server: LocalServer, client: Client) -> None:
    """A server that is older than the client answers UNIMPLEMENTED."""
    method = attrs.evolve(pb.SAMPLER_LIST_MODELS, path="/prompt_ide.Sampler/NotYetThere")
    with pytest.raises(xai.UnimplementedError, match="NotYetThere") as caught:
        client.stubs.sampler._unary(method, Empty(), timeout=NOT_GIVEN, metadata=())
    assert caught.value.method == "/prompt_ide.Sampler/NotYetThere"
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("key", "text"), [("unknown-key", "Incorrect API key"), ("x", "Incorrect API key")]
)
def test_key_the_server_does_not_know(server: LocalServer, key: str, text: str) -> None:
    """A wrong key is UNAUTHENTICATED, tried once."""
    with Client(key, api_host=server.host) as client:
        with pytest.raises(xai.AuthenticationError, match=text) as caught:
            client.sampler.tokenize("text")
    assert caught.value.code is StatusCode.UNAUTHENTICATED
    assert len(server.calls) == 1


def test_two_failures_are_two_objects(server: LocalServer, client: Client) -> None:
    """Each failed call raises an error of its own."""
    server.fail(StatusCode.NOT_FOUND, "gone", times=2)
    errors = []
    for _ in range(2):
        with pytest.raises(xai.NotFoundError) as caught:
            client.sampler.tokenize("text")
        errors.append(caught.value)
    assert errors[0] is not errors[1]


def test_builtin_classes_are_kept(server: LocalServer, client: Client) -> None:
    """A deadline of the server is a TimeoutError, a lost connection a ConnectionError."""
    server.fail(StatusCode.DEADLINE_EXCEEDED, "too slow")
    with pytest.raises(TimeoutError, match=r"^too slow"):
        client.sampler.tokenize("text")
    server.drop_connection(method=TOKENIZE)
    with pytest.raises(ConnectionError, match=server.host) as caught:
        client.with_options(retry=RetryPolicy.none()).sampler.tokenize("text")
    assert type(caught.value) is xai.APIConnectionError

# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_embedder.py
import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import grpc
import pytest

import xai
from tests.services.interop.embedder import EmbedderScript
from tests.support import SECRET_KEY
from xai import Client, Embedding

if TYPE_CHECKING:
    from tests.services.interop.server import GrpcioServer


@pytest.fixture
def script(grpcio_server: "GrpcioServer") -> EmbedderScript:
    """The service, ready to be told what to say."""
    return EmbedderScript(grpcio_server)


@pytest.fixture
def remote(grpcio_server: "GrpcioServer") -> Iterator[Client]:
    """A client of the server made with grpcio; the hook that runs the test enters it."""
    client = Client(SECRET_KEY, api_host=grpcio_server.host)
    yield client
    client.close()


def test_texts_and_model_are_sent(script: EmbedderScript, remote: Client) -> None:
    """The texts go as they are, in their order; the model is empty by default."""
    script.numbers(2)
    remote.embedder.embed(["b", "", "é\N{GRINNING FACE}", "b"])
    remote.embedder.embed(("x",), "embed-9")
    remote.embedder.embed(["x"], model_name="embed-9")
    assert script.seen == [
        {"texts": ["b", "", "é\N{GRINNING FACE}", "b"]},
        {"texts": ["x"], "model_name": "embed-9"},
        {"texts": ["x"], "model_name": "embed-9"},
    ]


def test_embeddings_unpack(script: EmbedderScript, remote: Client) -> None:
    """There is one embedding a text; it unpacks as its values and their shape."""
    script.numbers(3)
    found = remote.embedder.embed(["a", "bb"])
    assert found == [Embedding([1.0, 2.0, 3.0], [3]), Embedding([2.0, 3.0, 4.0], [3])]
    values, shape = found[1]
    assert values is found[1].values
    assert shape is found[1].shape
    assert type(values) is list
    assert all(type(value) is float for value in values)
    assert type(shape) is list
    assert all(type(size) is int for size in shape)


def test_numbers_are_those_of_the_wire(script: EmbedderScript, remote: Client) -> None:
    """Every float32 arrives as itself, the odd ones too; a shape may have many dimensions."""
    odd = [0.0, -0.0, 0.5, -1.5, 2.0**127, 2.0**-149, math.inf, -math.inf, math.nan]
    script.says({"embeddings": [{"values": odd, "shape": [3, 3, 1]}, {}]})
    first, second = remote.embedder.embed(["a", "b"])
    assert repr(first.values) == repr(odd)
    assert first.shape == [3, 3, 1]
    assert second == Embedding([], [])


def test_no_texts_have_no_embeddings(script: EmbedderScript, remote: Client) -> None:
    """An empty list of texts has an empty list of embeddings."""
    script.numbers(3)
    assert remote.embedder.embed([]) == []


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        ("text", {}, "texts must be a sequence of str, not str"),
        ("", {}, "texts must be a sequence of str, not str"),
        (b"text", {}, "texts must be a sequence of str, not bytes"),
        (None, {}, "texts must be a sequence of str, not NoneType"),
        ({"a"}, {}, "texts must be a sequence of str, not set"),
        (["a", 5], {}, r"texts\[1\] must be a str, not int"),
        ([b"a"], {}, r"texts\[0\] must be a str, not bytes"),
    ],
)
def test_wrong_arguments_are_refused(
    script: EmbedderScript,
    remote: Client,
    texts: Any,  # noqa: ANN401  # whatever is given
    options: dict[str, Any],
    message: str,
) -> None:
    """One bare text, or anything that is no text, is a TypeError, and nothing is sent."""
    with pytest.raises(TypeError, match=message):
        remote.embedder.embed(texts, **options)
    assert script.calls == []


def test_status_is_raised(script: EmbedderScript, remote: Client) -> None:
    """A refusal is the library's error."""
    script.says(status=(grpc.StatusCode.INVALID_ARGUMENT, "no such model"))
    with pytest.raises(xai.InvalidArgumentError, match="no such model"):
        remote.embedder.embed(["a"], "none")


def test_many_embeddings_are_there_quickly(script: EmbedderScript, remote: Client) -> None:
    """1,000 texts of 1,024 numbers arrive, whole and within a bound no slow decoder could keep."""
    script.numbers(1024)
    # Of the processor: what else the machine does is no matter.
    start = time.process_time()
    found = remote.embedder.embed(["x" * (number % 7) for number in range(1000)])
    spent = time.process_time() - start
    assert len(found) == 1000
    expected = [[float(base + step) for step in range(1024)] for base in range(7)]
    assert all(item.values == expected[number % 7] for number, item in enumerate(found))
    assert all(item.shape == [1024] for item in found)
    # The server alone takes most of it; number by number, it would be a minute.
    assert spent < 20.0

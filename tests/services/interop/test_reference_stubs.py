"""The stubs that xai_sdk ships without a client, with the local server."""

import base64
import struct
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from tests.reference import load
from tests.support import SECRET_KEY
from xai.testing import LocalServer

(_proto,) = load("proto")
embed_pb2: Any = _proto.embed_pb2
image_pb2: Any = _proto.image_pb2
sample_pb2: Any = _proto.sample_pb2
_KEY = (("authorization", f"Bearer {SECRET_KEY}"),)


@pytest.fixture
def channel(server: LocalServer) -> Iterator[grpc.Channel]:
    """A connection of grpcio."""
    with grpc.insecure_channel(server.host) as channel:
        yield channel


def test_embed(channel: grpc.Channel) -> None:
    """Both encodings have the same numbers; an image has several vectors."""
    stub = _proto.embed_pb2_grpc.EmbedderStub(channel)
    inputs = [
        embed_pb2.EmbedInput(string="text"),
        embed_pb2.EmbedInput(image_url=image_pb2.ImageUrlContent(image_url="https://x.ai/a.png")),
    ]
    request = embed_pb2.EmbedRequest(model="embedder-local", input=inputs, user="u-1")
    found = stub.Embed(request, metadata=_KEY)
    request.encoding_format = embed_pb2.FORMAT_BASE64
    packed = stub.Embed(request, metadata=_KEY)
    assert [entry.index for entry in found.embeddings] == [0, 1]
    assert [len(entry.embeddings) for entry in found.embeddings] == [1, 3]
    numbers = list(found.embeddings[0].embeddings[0].float_array)
    data = base64.b64decode(packed.embeddings[0].embeddings[0].base64_array)
    assert list(struct.unpack(f"<{len(numbers)}f", data)) == numbers
    usage = found.usage
    assert (usage.num_text_embeddings, usage.num_image_embeddings) == (1, 1)
    assert found.id
    assert found.system_fingerprint


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"input": []}, "input must have 1 to 128, got 0"),
        ({"input": [embed_pb2.EmbedInput(string="a")] * 129}, "input must have 1 to 128, got 129"),
        ({"input": [embed_pb2.EmbedInput()]}, r"input\[0\] is neither a text nor an image"),
        ({"encoding_format": 9}, "encoding_format is unknown: 9"),
    ],
)
def test_embed_refuses_what_makes_no_sense(
    channel: grpc.Channel, changes: dict[str, Any], text: str
) -> None:
    """The field is named."""
    fields = {"model": "embedder-local", "input": [embed_pb2.EmbedInput(string="a")], **changes}
    with pytest.raises(grpc.RpcError, match=text) as caught:
        _proto.embed_pb2_grpc.EmbedderStub(channel).Embed(
            embed_pb2.EmbedRequest(**fields), metadata=_KEY
        )
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_sample(channel: grpc.Channel) -> None:
    """The chunks of a stream join to the texts of a whole reply, with every parameter given."""
    stub = _proto.sample_pb2_grpc.SampleStub(channel)
    request = sample_pb2.SampleTextRequest(
        prompt=["Once upon", "Does it work?"],
        model="grok-local",
        n=2,
        max_tokens=6,
        seed=-1,
        stop=["never"],
        temperature=0.5,
        top_p=0.9,
        frequency_penalty=0.5,
        presence_penalty=-0.5,
        logprobs=True,
        top_logprobs=2,
        user="u-1",
    )
    whole = stub.SampleText(request, metadata=_KEY)
    texts = dict.fromkeys(range(4), "")
    for chunk in stub.SampleTextStreaming(request, metadata=_KEY):
        assert (chunk.model, chunk.id != "", chunk.created.seconds > 0) == (
            "grok-local",
            True,
            True,
        )
        for choice in chunk.choices:
            texts[choice.index] += choice.text
            usage = chunk.usage
    assert texts == {choice.index: choice.text for choice in whole.choices}
    assert all(choice.finish_reason for choice in whole.choices)
    assert usage == whole.usage
    assert whole.usage.completion_tokens > 0
    assert whole.usage.cost_in_usd_ticks > 0


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"prompt": []}, "prompt is empty"),
        ({"prompt": ["a"] * 129}, "more than 128 choices"),
        ({"n": 129}, "n must be from 1 to 128"),
        ({"stop": ["a"] * 9}, "stop has more than 8 strings"),
        ({"temperature": 3}, "temperature must be from 0 to 2"),
        ({"top_logprobs": 2}, "top_logprobs makes no sense without logprobs"),
    ],
)
def test_sample_refuses_what_makes_no_sense(
    channel: grpc.Channel, changes: dict[str, Any], text: str
) -> None:
    """The field is named."""
    request = sample_pb2.SampleTextRequest(**{"model": "grok-local", "prompt": ["a"], **changes})
    with pytest.raises(grpc.RpcError, match=text) as caught:
        _proto.sample_pb2_grpc.SampleStub(channel).SampleText(request, metadata=_KEY)
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT

import base64
import struct
from array import array
from pathlib import Path
from typing import Any

import pytest

from tests.services.interop.reference import ReferenceServer
from tests.support import SECRET_KEY
from xai import (
    AsyncClient,
    InternalServerError,
    NotFoundError,
    ServiceUnavailableError,
    StatusCode,
    v1,
)
from xai.options import RetryPolicy
from xai.proto.xai_api import embed as pb
from xai.testing import LocalServer

MODEL = "embedder-local-16"
PNG = b"\x89PNG\r\n\x1a\n and more"
URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


def entry(index: int, *vectors: tuple[float, ...]) -> dict[str, Any]:
    """Return the vectors of an input, by their fields."""
    return {"index": index, "embeddings": [{"float_array": vector} for vector in vectors]}


async def test_every_parameter_is_sent(
    reference_server: ReferenceServer, client: AsyncClient, tmp_path: Path
) -> None:
    """Texts and images of every kind, the encoding and the user are where the service reads."""
    path = tmp_path / "image.png"
    path.write_bytes(PNG)
    script = reference_server.script("Embedder/Embed")
    script.says({"embeddings": [entry(n, (1.0,)) for n in range(6)]})
    await client.v1.embedder.embed(
        [
            "text",
            v1.text("part"),
            v1.image("https://x.ai/a.png", detail="low"),
            v1.image(file_id="f-1"),
            PNG,
            path,
        ],
        model="m",
        encoding_format="base64",
        user="u-1",
    )
    assert script.seen == [
        {
            "input": [
                {"string": "text"},
                {"string": "part"},
                {"image_url": {"image_url": "https://x.ai/a.png", "detail": "DETAIL_LOW"}},
                {"image_url": {"file_id": "f-1", "detail": "DETAIL_AUTO"}},
                {"image_url": {"image_url": URL, "detail": "DETAIL_AUTO"}},
                {"image_url": {"image_url": URL, "detail": "DETAIL_AUTO"}},
            ],
            "model": "m",
            "encoding_format": "FORMAT_BASE64",
            "user": "u-1",
        }
    ]


async def test_reply_is_read_whole(reference_server: ReferenceServer, client: AsyncClient) -> None:
    """Vectors are those of their inputs whatever their order, in either encoding, and several."""
    packed = base64.b64encode(struct.pack("<2f", 0.5, -2.0)).decode()
    script = reference_server.script("Embedder/Embed")
    script.says(
        {
            "id": "e-1",
            "model": "m-1",
            "system_fingerprint": "fp",
            "usage": {"num_text_embeddings": 1, "num_image_embeddings": 1},
            "embeddings": [
                {"index": 1, "embeddings": [{"base64_array": packed}]},
                entry(0, (1.0, 2.0), (3.0, 4.0)),
            ],
        }
    )
    found = await client.v1.embedder.embed([v1.image("https://x.ai/a.png"), "b"], model="m")
    assert script.seen[0]["encoding_format"] == "FORMAT_FLOAT"
    assert [each.index for each in found] == [0, 1]
    assert found[0].vectors == (array("f", [1, 2]), array("f", [3, 4]))
    assert found[1].vector == array("f", [0.5, -2])
    assert found[1].to_list() == [0.5, -2]
    assert found[0].to_numpy().tolist() == [[1, 2], [3, 4]]
    assert (found.ids, found.model, found.system_fingerprint) == (("e-1",), "m-1", "fp")
    assert found.usage == v1.EmbeddingUsage(1, 1)
    for several in (lambda: found[0].vector, found.to_list, found.to_numpy):
        with pytest.raises(ValueError, match=r"^the input 0 has 2 vectors"):
            several()
    assert found.to_dict()["embeddings"] == [
        {"index": 0, "vectors": [[1, 2], [3, 4]]},
        {"index": 1, "vectors": [[0.5, -2]]},
    ]


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ([entry(0, (1.0,))], r"the embeddings \[0\] of 2 inputs"),
        ([entry(0, (1.0,)), entry(0, (1.0,))], r"the embeddings \[0\] of 2 inputs"),
        ([entry(0, (1.0,)), entry(2, (1.0,))], r"the embeddings \[0, 2\] of 2 inputs"),
        ([entry(0), {"index": 1, "embeddings": [{"base64_array": "A"}]}], "no(t)? valid Base64"),
        ([entry(0), {"index": 1, "embeddings": [{"base64_array": "AAAA"}]}], "not valid Base64"),
    ],
)
async def test_reply_that_makes_no_sense_is_the_servers_error(
    reference_server: ReferenceServer, client: AsyncClient, entries: list[Any], text: str
) -> None:
    """Vectors are never given to the wrong input, nor made up."""
    reference_server.script("Embedder/Embed").says({"embeddings": entries})
    with pytest.raises(InternalServerError, match=text) as caught:
        await client.v1.embedder.embed(["a", "b"], model="m")
    assert caught.value.method == "/xai_api.Embedder/Embed"


async def test_any_number_of_inputs_is_embedded_in_order(
    server: LocalServer, local_client: AsyncClient
) -> None:
    """More than a request takes are sent in several, and both encodings give the same numbers."""
    texts = [f"text number {number}" for number in range(300)]
    found = await local_client.v1.embedder.embed(texts, model=MODEL)
    packed = await local_client.v1.embedder.embed(texts, model=MODEL, encoding_format="base64")
    assert [len(call.request.input) for call in server.calls] == [128, 128, 44] * 2  # type: ignore[attr-defined]  # of the call
    assert [each.index for each in found] == list(range(300))
    assert found.embeddings == packed.embeddings
    assert found.usage == v1.EmbeddingUsage(300, 0)
    assert len(set(found.ids)) == 3
    single = await local_client.v1.embedder.embed(texts[200], model=MODEL)
    assert single.vectors == [found[200].vector]
    assert found.to_numpy().shape == (300, 16)
    assert found.to_numpy().tolist() == found.to_list()
    assert found[2:4] == (found[2], found[3])


async def test_images_have_several_vectors(local_client: AsyncClient) -> None:
    """The local model looks at an image as a whole and at its parts, unless told to look less."""
    image = v1.image(data=PNG)
    low = v1.image(data=PNG, detail="low")
    stored = v1.image(file_id=(await local_client.v1.files.upload(PNG, filename="a.png")).id)
    found = await local_client.v1.embedder.embed([image, "text", low, PNG, stored], model=MODEL)
    assert [len(each.vectors) for each in found] == [3, 1, 1, 3, 3]
    assert found[0].vectors == found[3].vectors == found[4].vectors
    assert found[0].vectors[0] == found[2].vector
    assert found.usage == v1.EmbeddingUsage(1, 4)
    with pytest.raises(NotFoundError):
        await local_client.v1.embedder.embed([v1.image(file_id="nothing")], model=MODEL)


async def test_requests_stay_below_the_limit_of_messages(server: LocalServer) -> None:
    """Large inputs are split by their size as well; one that is too large alone is refused."""
    async with AsyncClient(SECRET_KEY, api_host=server.host, max_message_bytes=50_000) as client:
        texts = [f"{number} " + "a" * 20_000 for number in range(5)]
        found = await client.v1.embedder.embed(texts, model=MODEL)
        assert len(found) == 5
        assert [len(call.request.input) for call in server.calls] == [2, 2, 1]  # type: ignore[attr-defined]  # of the call
        with pytest.raises(ValueError, match=r"^inputs\[5\] has 50004 bytes"):
            await client.v1.embedder.embed([*texts, "a" * 50_000], model=MODEL)
        assert len(server.calls) == 3


async def test_failure_keeps_what_came_before(
    server: LocalServer, local_client: AsyncClient
) -> None:
    """The error of a later request has the embeddings of those before it."""
    embedder = local_client.with_options(retry=RetryPolicy.none()).v1.embedder
    server.fail(StatusCode.UNAVAILABLE, "busy", method=pb.EMBEDDER_EMBED)
    with pytest.raises(ServiceUnavailableError) as caught:
        await embedder.embed(["a"], model=MODEL)
    assert caught.value.partial is None
    reply = pb.EmbedResponse(
        embeddings=[pb.Embedding(index=n, embeddings=[]) for n in range(128)], id="e-1"
    )
    server.reply(pb.EMBEDDER_EMBED, reply)
    server.fail(StatusCode.UNAVAILABLE, "busy", method=pb.EMBEDDER_EMBED)
    with pytest.raises(ServiceUnavailableError) as caught:
        await embedder.embed(["a"] * 200, model=MODEL)
    partial = caught.value.partial
    assert isinstance(partial, v1.Embeddings)
    assert (len(partial), partial.ids) == (128, ("e-1",))


async def test_file_that_is_not_there_is_told_before_anything_is_sent(
    reference_server: ReferenceServer, client: AsyncClient, tmp_path: Path
) -> None:
    """It stays an OSError; bytes that are no image are refused with their place."""
    with pytest.raises(FileNotFoundError):
        await client.v1.embedder.embed(["a", tmp_path / "missing.png"], model="m")
    with pytest.raises(ValueError, match=r"^inputs\[1\] must be a PNG, JPEG or WebP image"):
        await client.v1.embedder.embed(["a", b"no image"], model="m")
    assert reference_server.calls == []

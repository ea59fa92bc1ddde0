"""The reference clients with the local server: images and videos."""

from typing import Any

import httpx
import pytest

from tests.services.aio.v1.image_helpers import size_of
from tests.services.interop.reference_client import ReferenceClient
from tests.support import SECRET_KEY
from xai.proto.xai_api.image import GeneratedImage, ImageResponse
from xai.testing import LocalServer

IMAGE_MODEL = "grok-imagine-image"
#: Every option of the reference's image client, each way that it can be given.
IMAGE_OPTIONS: list[dict[str, Any]] = [
    {},
    {"image_url": "https://a"},
    {"image_file_id": "f-1"},
    {"image_urls": ["https://a", "https://b"]},
    {"image_urls": ["https://a"], "image_file_ids": ["f-1", "f-2"]},
    {"user": "somebody", "image_format": "base64"},
    *(
        {"aspect_ratio": ratio}
        for ratio in (
            *("1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2"),
            *("9:19.5", "19.5:9", "9:20", "20:9", "1:2", "2:1"),
        )
    ),
    {"resolution": "2k", "quality": "low"},
    {"resolution": "1k", "quality": "medium"},
    {"storage_options": {"filename": "a.png"}},
    {
        "storage_options": {
            "filename": "a.png",
            "expires_after": 7200,
            "public_url": {"expires_after": 60},
        }
    },
    {"storage_options": {"filename": "a.png", "public_url": True}},
]


def test_image_requests_are_those_of_our_client(
    server: LocalServer, reference: ReferenceClient
) -> None:
    """With each option both clients send the same message, and so for several images."""
    reply = ImageResponse(images=[GeneratedImage(url="https://a")])
    server.reply("GenerateImage", reply, times=None)
    with server.client(api_key=SECRET_KEY) as client:
        for options in IMAGE_OPTIONS:
            reference.wait(reference.client.image.sample("A tree", IMAGE_MODEL, **options))
            client.v1.image.sample("A tree", IMAGE_MODEL, **options)
        reference.wait(reference.client.image.sample_batch("A tree", IMAGE_MODEL, 1))
        client.v1.image.sample_batch("A tree", IMAGE_MODEL, 1)
    server.clear_faults()
    requests = [call.request for call in server.calls]
    assert len(requests) == 2 * len(IMAGE_OPTIONS) + 2
    assert requests[::2] == requests[1::2]


def test_reference_client_gets_images(reference: ReferenceClient) -> None:
    """It reads what was drawn, in Base64 and by URL, and the file that was stored."""
    sample = reference.client.image.sample
    image = reference.wait(
        sample(
            "A tree",
            IMAGE_MODEL,
            image_format="base64",
            aspect_ratio="2:3",
            storage_options={"filename": "tree.png", "public_url": True},
        )
    )
    data = reference.wait(image.image)
    assert size_of(data) == ("PNG", (832, 1248))
    assert image.cost_usd == pytest.approx(0.07)
    assert image.file_output.filename == "tree.png"
    assert httpx.get(image.public_url, trust_env=False).content == data
    edited = reference.wait(sample("A frame", IMAGE_MODEL, image_file_id=image.file_output.file_id))
    assert size_of(httpx.get(edited.url, trust_env=False).content) == ("JPEG", (1024, 1024))
    several = reference.wait(
        reference.client.image.sample_batch("A tree", IMAGE_MODEL, 3, image_url=edited.url)
    )
    assert len({one.url for one in several}) == 3
    withheld = reference.wait(sample("Something nsfw", IMAGE_MODEL))
    assert withheld.respect_moderation is False
    with pytest.raises(ValueError, match="moderation"):
        _ = withheld.url

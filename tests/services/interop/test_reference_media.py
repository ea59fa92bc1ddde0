"""The reference clients with the local server: images and videos."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

import xai
from tests.services.aio.v1.image_helpers import size_of
from tests.services.interop.reference_client import ReferenceClient
from tests.support import SECRET_KEY
from xai.proto.xai_api.deferred import DeferredStatus, StartDeferredResponse
from xai.proto.xai_api.image import GeneratedImage, ImageResponse
from xai.testing import LocalServer

IMAGE_MODEL = "grok-imagine-image"
VIDEO_MODEL = "grok-imagine-video"
SOON = timedelta(milliseconds=1)
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


#: Every option of the reference's video client, each way that it can be given.
VIDEO_OPTIONS: list[dict[str, Any]] = [
    {},
    {"image_url": "https://a"},
    {"image_file_id": "f-1"},
    {"video_url": "https://a"},
    {"video_file_id": "f-1"},
    {"last_frame_url": "https://a"},
    {"last_frame_file_id": "f-1", "image_file_id": "f-2"},
    {
        "keyframes": [
            {"image_url": "https://a", "timestamp": 0.5},
            {"image_file_id": "f-1", "timestamp": 2},
        ]
    },
    {"duration": 15, "generate_audio": False},
    {"duration": 1, "generate_audio": True},
    *({"aspect_ratio": r} for r in ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3")),
    *({"resolution": lines} for lines in ("480p", "720p", "1080p")),
    {"reference_image_urls": ["https://a"], "reference_image_file_ids": ["f-1", "f-2"]},
    {"reference_audios": [{"voice_id": " ara "}, {"voice_id": "rex"}]},
    {"storage_options": {"filename": "a.mp4", "expires_after": 7200, "public_url": True}},
]


def test_video_requests_are_those_of_our_client(
    server: LocalServer, reference: ReferenceClient
) -> None:
    """With each option both clients send the same message, and so for continuations."""
    for method in ("GenerateVideo", "ExtendVideo"):
        server.reply(method, StartDeferredResponse(request_id="r-1"), times=None)
    with server.client(api_key=SECRET_KEY) as client:
        for options in VIDEO_OPTIONS:
            reference.wait(reference.client.video.start("A tree", VIDEO_MODEL, **options))
            client.v1.video.start("A tree", VIDEO_MODEL, **options)
        for options in (
            {"video_url": "https://a"},
            {"video_file_id": "f-1", "duration": 10, "storage_options": {"filename": "a.mp4"}},
        ):
            reference.wait(reference.client.video.extend_start("On", VIDEO_MODEL, **options))
            client.v1.video.extend_start("On", VIDEO_MODEL, **options)
    server.clear_faults()
    requests = [call.request for call in server.calls]
    assert len(requests) == 2 * len(VIDEO_OPTIONS) + 4
    assert requests[::2] == requests[1::2]


def test_prepared_requests_are_those_of_our_client(reference: ReferenceClient) -> None:
    """But for the ID, which the reference sends although none is given."""
    ours = xai.Client("the key of nobody").v1
    theirs = reference.client
    pairs = [
        (theirs.image.prepare("x", "m"), ours.image.prepare("x", "m")),
        (theirs.video.prepare("x", "m"), ours.video.prepare("x", "m")),
        (
            theirs.video.prepare_extension("x", "m", "https://a"),
            ours.video.prepare_extension("x", "m", "https://a"),
        ),
    ]
    for their, our in pairs:
        assert (their.batch_request_id, our.batch_request_id) == ("", None)
        their.ClearField("batch_request_id")
        assert their.SerializeToString(deterministic=True) == bytes(our)


def test_reference_client_gets_videos(reference: ReferenceClient) -> None:
    """It polls until a video is done, continues it, and reads why one was refused."""
    videos = reference.client.video
    video = reference.wait(videos.generate("A tree", VIDEO_MODEL, duration=2, interval=SOON))
    assert (video.duration, video.respect_moderation) == (2, True)
    assert httpx.get(video.url, trust_env=False).content[4:8] == b"ftyp"
    longer = reference.wait(videos.extend("On", VIDEO_MODEL, video.url, duration=1, interval=SOON))
    assert longer.duration == 3
    started = reference.wait(videos.start("A tree", VIDEO_MODEL))
    looked = reference.wait(videos.get(started.request_id))
    assert (looked.status, looked.response.progress) == (DeferredStatus.PENDING, 0)
    with pytest.raises(Exception, match="keep to the rules") as caught:
        reference.wait(videos.generate("Some violence", VIDEO_MODEL, interval=SOON))
    assert type(caught.value).__name__ == "VideoGenerationError"
    with pytest.raises(TimeoutError):
        reference.wait(videos.generate("A tree", VIDEO_MODEL, timeout=timedelta(microseconds=1)))

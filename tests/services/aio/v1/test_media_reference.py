import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.services.aio.v1.image_helpers import webp
from tests.services.interop.reference import ReferenceServer
from xai import AsyncClient, FailedPreconditionError, v1
from xai.testing import LocalServer

PICTURE = webp((1, 2, 3))
USAGE = {"prompt_tokens": 3, "cost_in_usd_ticks": 50_000_000}
EXPIRY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
FILE = {
    "file_id": "f-9",
    "filename": "a.png",
    "public_url": "https://files.example/a",
    "expires_at": EXPIRY,
}


async def test_image_is_asked_for_and_read_field_by_field(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """A server of another implementation gets every field, and every field of it is read."""
    script = reference_server.script("Image/GenerateImage")
    first: dict[str, Any] = {"url": "https://a", "respect_moderation": True, "file_output": FILE}
    second = {"base64": "data:image/png;base64,AAAA", "storage_error": "no space"}
    script.says({"images": [first, second], "model": "m-1", "usage": USAGE})
    images = await client.v1.image.sample_batch(
        "A tree",
        "m",
        7,
        images=["https://b", v1.FileId("f-1")],
        user="somebody",
        image_format="base64",
        aspect_ratio="auto",
        resolution="2k",
        quality="high",
        storage_options={"filename": "a.png", "expires_after": 3600, "public_url": True},
    )
    (request,) = reference_server.requests("/xai_api.Image/GenerateImage")
    assert (request.prompt, request.model, request.n, request.user) == (
        "A tree",
        "m",
        7,
        "somebody",
    )
    assert [(image.image_url, image.file_id, image.detail) for image in request.images] == [
        ("https://b", "", 1),
        ("", "f-1", 1),
    ]
    numbers = request.format, request.aspect_ratio, request.resolution, request.quality
    assert numbers == (1, 8, 2, 3)
    options = request.storage_options
    assert (options.filename, options.expires_after) == ("a.png", 3600)
    assert options.HasField("public_url")
    assert not options.public_url.HasField("expires_after")
    one, other = images
    assert (one.url, one.base64, one.respect_moderation, one.model) == (
        "https://a",
        None,
        True,
        "m-1",
    )
    assert one.cost_usd == pytest.approx(0.005)
    assert one.usage.prompt_tokens == 3
    assert one.file_output is not None
    assert one.file_output.expires_at == EXPIRY
    assert (one.file_output.file_id, one.public_url) == ("f-9", "https://files.example/a")
    assert one.public_url_error is None
    assert (other.index, other.storage_error, await other.read()) == (1, "no space", bytes(3))


async def test_video_is_asked_for_and_read_field_by_field(
    reference_server: ReferenceServer, client: AsyncClient
) -> None:
    """As for images, with the states on the way."""
    start = reference_server.script("Video/GenerateVideo")
    start.says({"request_id": "r-1"})
    script = reference_server.script("Video/GetDeferredVideo")
    script.says({"status": "PENDING", "response": {"progress": 30}})
    made = {"url": "https://v", "duration": 4, "respect_moderation": True, "file_output": FILE}
    script.says({"status": "DONE", "response": {"video": made, "model": "m-1", "usage": USAGE}})
    seen: list[int] = []
    video = await client.v1.video.generate(
        "A tree",
        "m",
        image_file_id="f-1",
        last_frame_url="https://l",
        keyframes=[{"image_url": "https://k", "timestamp": 1.5}],
        duration=4,
        aspect_ratio="3:2",
        resolution="1080p",
        reference_audios=[{"voice_id": "ara"}],
        generate_audio=False,
        storage_options={"filename": "a.mp4"},
        interval=0.001,
        on_progress=seen.append,
    )
    assert seen == [30, 100]
    (request,) = reference_server.requests("/xai_api.Video/GenerateVideo")
    assert (request.image.file_id, request.last_frame.image_url) == ("f-1", "https://l")
    assert [(frame.image.image_url, frame.timestamp_s) for frame in request.keyframes] == [
        ("https://k", 1.5)
    ]
    numbers = request.duration, request.aspect_ratio, request.resolution
    assert numbers == (4, 6, 3)
    assert [audio.voice_id for audio in request.reference_audios] == ["ara"]
    assert request.HasField("generate_audio")
    assert not request.generate_audio
    assert request.storage_options.filename == "a.mp4"
    asked = reference_server.requests("/xai_api.Video/GetDeferredVideo")
    assert {one.request_id for one in asked} == {"r-1"}
    assert (video.url, video.duration, video.model) == ("https://v", 4, "m-1")
    assert video.cost_usd == pytest.approx(0.005)
    assert video.public_url == "https://files.example/a"
    script = reference_server.script("Video/ExtendVideo")
    script.says({"request_id": "r-2"})
    job = await client.v1.video.extend_start("On", "m", video=video, duration=2)
    assert job.request_id == "r-2"
    (request,) = reference_server.requests("/xai_api.Video/ExtendVideo")
    assert (request.video.file_id, request.duration) == ("f-9", 2)


async def test_what_is_not_installed_is_named(
    server: LocalServer,
    local_client: AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Without httpx images are not fetched; without Pillow pictures of others are not read."""
    sample = local_client.v1.image.sample
    monkeypatch.setitem(sys.modules, "httpx", None)
    image = await sample("A tree", "image-local")
    with pytest.raises(ImportError, match=r"pip install 'xai-client\[media\]'"):
        await image.read()
    with pytest.raises(ImportError, match=r"pip install 'xai-client\[media\]'"):
        await image.save(tmp_path / "a.jpg")
    assert image._repr_jpeg_() is None
    embedded = await sample("A tree", "image-local", image_format="base64")
    assert (await embedded.read()).startswith(b"\xff\xd8")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(FailedPreconditionError, match=r"pip install 'xai-client\[testing\]'"):
        await sample("A frame", "image-local", images=[PICTURE])
    edited = await sample("A frame", "image-local", images=[embedded], image_format="base64")
    assert edited.base64
    assert server.calls[-1].state == "ok"

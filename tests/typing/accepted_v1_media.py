"""Programs for images and videos that must pass ``mypy --strict``, with the types a user sees."""

from pathlib import Path

from typing_extensions import assert_type

import xai
from xai import v1


def images(client: xai.Client) -> None:
    """An image has its bytes at hand; every form of an input is taken."""
    options: v1.ImageOptions = {"aspect_ratio": "auto", "quality": "high"}
    image = client.v1.image.sample("A tree", "grok-imagine-image", **options)
    assert_type(image, v1.ImageResponse)
    assert_type(image.data, bytes)
    assert_type(image.read(), bytes)
    assert_type(image.save(Path("a.png")), Path)
    assert_type(
        (image.url, image.base64, image.cost_usd), tuple[str | None, str | None, float | None]
    )
    assert_type(image.file_output, v1.FileOutput | None)
    several = client.v1.image.sample_batch(
        "A frame",
        "another-model",
        3,
        images=[image, "https://a", b"", Path("a.png"), v1.FileId("f")],
        storage_options={"filename": "a.png", "public_url": {"expires_after": 60}},
    )
    assert_type(several, list[v1.ImageResponse])
    assert_type(client.v1.image.prepare("x", "m", batch_request_id="r"), v1.BatchRequest)


def videos(client: xai.Client) -> None:
    """A video is a job, then a response; a result starts the next one."""
    job = client.v1.video.start("A tree", "grok-imagine-video", image=b"", duration=3)
    assert_type(job, v1.VideoJob)
    assert_type((job.status, job.progress), tuple[str, int])
    assert_type(job.response, v1.VideoResponse | None)
    video = job.wait(timeout=600, on_progress=print)
    assert_type(video, v1.VideoResponse)
    assert_type(video.download("a.mp4"), Path)
    assert_type(client.v1.video.extend("On", "m", video=video), v1.VideoResponse)
    assert_type(client.v1.video.prepare_extension("On", "m", "https://a"), v1.BatchRequest)


async def asynchronous(client: xai.AsyncClient) -> None:
    """As above, with results that are awaited."""
    image = await client.v1.image.sample("A tree", "m", image_format="base64")
    assert_type(image, v1.AsyncImageResponse)
    assert_type(image.data, bytes)
    assert_type(await image.read(), bytes)
    assert_type(await image.save("a.png"), Path)
    keyframes: list[v1.Keyframe] = [{"image": image, "timestamp": 1.0}]
    video = await client.v1.video.generate("A tree", "m", keyframes=keyframes, resolution="720p")
    assert_type(video, v1.AsyncVideoResponse)
    assert_type(await client.v1.video.get("r-1"), v1.AsyncVideoJob)
    assert_type(await video.download("a.mp4"), Path)

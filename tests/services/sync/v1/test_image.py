# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_image.py
import os
import pickle
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import cast

import attrs
import betterproto
import pytest

from tests.services.sync.v1.image_helpers import MODEL, fetches, names_in, pixel, size_of, webp
from xai import (
    Client,
    DeadlineExceededError,
    InternalServerError,
    NotFoundError,
    RetryPolicy,
    ServiceUnavailableError,
    StatusCode,
    Timeouts,
    v1,
)
from xai.errors import APIConnectionError, APIError
from xai.proto.xai_api.image import GeneratedImage, GenerateImageRequest, ImageResponse
from xai.testing import LocalServer

NO_RETRY = RetryPolicy.none()


def test_image_of_a_prompt_is_fetched_once_and_kept(
    server: LocalServer, local_client: Client, tmp_path: Path
) -> None:
    """An image has the asked shape, costs something, and comes without the key over HTTP."""
    image = local_client.v1.image.sample("A red ball", MODEL, aspect_ratio="16:9")
    assert image.url is not None
    assert (image.base64, image.respect_moderation, image.model) == (None, True, MODEL)
    assert image.cost_usd == pytest.approx(0.07)
    assert fetches(server) == 0
    data = image.read()
    assert image.read() is data
    assert image.data is data
    assert size_of(data) == ("JPEG", (1280, 720))
    assert pixel(data, 0.5, 0.5) == pytest.approx((215, 40, 40), abs=3)
    assert image._repr_jpeg_() == data
    assert image._repr_png_() is None
    target = tmp_path / "ball.jpg"
    target.write_bytes(b"old")
    assert image.save(target) == target.resolve()
    assert target.read_bytes() == data
    assert names_in(tmp_path) == ["ball.jpg"]
    assert fetches(server) == 1
    headers = dict(next(c for c in server.calls if c.method == "/http/GET").headers)
    assert headers.keys().isdisjoint({"authorization", "apikey", "cookie"})
    assert headers["user-agent"].startswith("xai-client/")


def test_images_are_those_of_their_prompt_and_place(local_client: Client) -> None:
    """The same prompt gives the same images, of which each is another one; 2k is larger."""
    sample = local_client.v1.image.sample_batch
    first = sample("Mountains", MODEL, 2, image_format="base64")
    again = sample("Mountains", MODEL, 2, image_format="base64", resolution="2k")
    assert len(first) == 2
    assert first[0].data != first[1].data
    assert (first[0].read(), first[0].url) == (first[0].data, None)
    assert size_of(first[0].data)[1] == (1024, 1024)
    assert size_of(again[0].data)[1] == (2048, 2048)
    assert [pixel(image.data, 0.3, 0.6) for image in first] == [
        pixel(image.data, 0.3, 0.6) for image in again
    ]
    assert first[0].usage == first[1].usage
    assert first[0].cost_usd == pytest.approx(0.14)


def test_edit_starts_from_its_inputs_in_every_form(local_client: Client, tmp_path: Path) -> None:
    """Bytes, a path, a data URL, a URL, an earlier result and its file give the same edit."""
    sample = local_client.v1.image.sample
    made = sample(
        "A blue house",
        MODEL,
        image_format="base64",
        storage_options={"filename": "house.png", "public_url": True},
    )
    assert size_of(made.data)[0] == "PNG"
    assert made._repr_png_() == made.data
    assert made.file_output is not None
    assert made.public_url is not None
    path = tmp_path / "house.png"
    made.save(path)
    by_url = sample("A blue house", MODEL)
    edits = [
        sample("A frame", MODEL, image_format="base64", images=[source])
        for source in (
            made,
            made.data,
            path,
            made.base64 or "",
            made.public_url,
            v1.FileId(made.file_output.file_id),
            made.file_output,
            by_url,
        )
    ]
    file_id = made.file_output.file_id
    edits += [
        sample("A frame", MODEL, image_format="base64", image_file_id=file_id),
        sample("A frame", MODEL, image_format="base64", image_url=made.public_url),
    ]
    assert len({edit.data for edit in edits}) == 1
    assert edits[0].data != made.data
    assert pixel(edits[0].data, 0.2, 0.2) == pytest.approx(pixel(made.data, 0.2, 0.2), abs=2)
    foreign = sample(
        "A frame", MODEL, image_format="base64", images=[webp((9, 200, 30))], aspect_ratio="auto"
    )
    assert pixel(foreign.data, 0.4, 0.1) == pytest.approx((9, 200, 30), abs=3)


def test_files_come_before_urls_among_the_inputs(server: LocalServer, local_client: Client) -> None:
    """The order decides about the numbers in prompts, so it is that of the other package."""
    sample = local_client.v1.image.sample
    stored = sample("A tree", MODEL, storage_options={"filename": "a.png"})
    assert stored.file_output is not None
    file_id = stored.file_output.file_id
    sample("<IMAGE_1>", MODEL, image_urls=["https://a"], image_file_ids=[file_id])
    request = cast("GenerateImageRequest", server.calls[-1].request)
    sources = [betterproto.which_one_of(image, "source") for image in request.images]
    assert sources == [("file_id", file_id), ("image_url", "https://a")]


def test_stored_image_has_a_file_with_its_times(local_client: Client) -> None:
    """A result is stored under its name, for its time, with a public URL for another one."""
    image = local_client.v1.image.sample(
        "A tree",
        MODEL,
        storage_options={
            "filename": "tree.jpg",
            "expires_after": timedelta(hours=2),
            "public_url": {"expires_after": 60},
        },
    )
    found = image.file_output
    assert found is not None
    assert found.filename == "tree.jpg"
    assert image.public_url == found.public_url
    assert (image.storage_error, image.public_url_error) == (None, None)
    now = datetime.now(timezone.utc)
    assert found.expires_at is not None
    assert found.public_url_expires_at is not None
    assert timedelta(0) < found.public_url_expires_at - now <= timedelta(seconds=60)
    assert timedelta(hours=1) < found.expires_at - now <= timedelta(hours=2)
    assert found.to_dict()["filename"] == "tree.jpg"


def test_fewer_images_than_asked_for_are_returned(
    server: LocalServer, local_client: Client
) -> None:
    """What came is there, in order; without any, one image is an error and several are none."""
    reply = ImageResponse(
        images=[GeneratedImage(url="https://a"), GeneratedImage(base64="!")], model="m"
    )
    server.reply("GenerateImage", reply)
    found = local_client.v1.image.sample_batch("x", MODEL, 5)
    assert [image.index for image in found] == [0, 1]
    assert found[0].cost_usd is None
    with pytest.raises(ValueError, match="not valid Base64"):
        found[1].read()
    assert found[1]._repr_png_() is None
    server.reply("GenerateImage", ImageResponse(model="m"), times=2)
    assert local_client.v1.image.sample_batch("x", MODEL, 5) == []
    with pytest.raises(v1.MediaUnavailableError, match="no image"):
        local_client.v1.image.sample("x", MODEL)


def test_withheld_image_says_so(local_client: Client, tmp_path: Path) -> None:
    """An image that does not keep to the rules has no bytes, and costs nothing."""
    image = local_client.v1.image.sample("Something nsfw", MODEL)
    assert (image.respect_moderation, image.url, image.cost_usd) == (False, None, 0)
    for use in (image.read, lambda: image.save(tmp_path / "x.png")):
        with pytest.raises(v1.MediaUnavailableError, match="rules for content") as caught:
            use()
        assert caught.value.respect_moderation is False
    with pytest.raises(v1.MediaUnavailableError):
        _ = image.data
    assert (image._repr_png_(), image._repr_jpeg_()) == (None, None)
    assert names_in(tmp_path) == []


def test_download_is_tried_again_and_its_failures_are_errors_of_the_library(
    server: LocalServer, local_client: Client, tmp_path: Path
) -> None:
    """A cut, a busy server and garbage are tried again; what stays wrong has its class."""
    image = local_client.v1.image.sample("A tree", MODEL)
    server.drop_connection(method="GET", after_messages=0)
    server.fail(StatusCode.UNAVAILABLE, method="GET")
    server.send_garbage(method="GET")
    data = image.read()
    assert fetches(server) == 4
    assert size_of(data)[0] == "JPEG"

    view = local_client.with_options(retry=NO_RETRY)
    image = view.v1.image.sample("A tree", MODEL)
    causes: list[tuple[StatusCode, type[APIError]]] = [
        (StatusCode.NOT_FOUND, NotFoundError),
        (StatusCode.UNAVAILABLE, ServiceUnavailableError),
        (StatusCode.INTERNAL, InternalServerError),
    ]
    for code, kind in causes:
        server.fail(code, method="GET")
        with pytest.raises(kind, match="HTTP status") as caught:
            image.save(tmp_path / "x.jpg")
        assert (caught.value.method, caught.value.attempts) == ("GET", 1)
    server.drop_connection(method="GET")
    with pytest.raises(APIConnectionError):
        image.save(tmp_path / "x.jpg")
    assert names_in(tmp_path) == []


def test_download_keeps_to_the_time_of_the_client(
    server: LocalServer, local_client: Client
) -> None:
    """Silence ends a download after the idle limit, and the whole one after the total."""
    for limits in (Timeouts(idle=0.2), Timeouts(total=0.2)):
        image = local_client.v1.image.sample("A tree", MODEL)
        view = local_client.with_options(timeout=limits, retry=NO_RETRY)
        server.stall(method="GET", after_messages=0)
        media = type(image._media)(view.v1._caller(), image.url)
        slow = attrs.evolve(image, media=media)
        with pytest.raises(DeadlineExceededError):
            slow.read()
        server.release()


def test_only_safe_urls_are_fetched(server: LocalServer, local_client: Client) -> None:
    """Plain text, other schemes, and URLs with a password are refused before anything is sent."""
    for url in (
        "http://example.com/a.png",
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "https://user:secret@example.com/a",
        "https://",
        "https://[",
        "nonsense",
    ):
        server.reply("GenerateImage", ImageResponse(images=[GeneratedImage(url=url)]))
        image = local_client.v1.image.sample("x", MODEL)
        with pytest.raises(InternalServerError) as caught:
            image.read()
        assert "secret" not in str(caught.value)
        assert image._repr_png_() is None


def test_file_that_can_not_be_written_is_an_os_error(
    server: LocalServer, local_client: Client, tmp_path: Path
) -> None:
    """A missing folder, and a folder in the file's place; a wrong type is refused before."""
    image = local_client.v1.image.sample("A tree", MODEL)
    with pytest.raises(TypeError, match="path must be"):
        image.save(b"x")  # type: ignore[arg-type]  # what the test is about
    assert fetches(server) == 0
    with pytest.raises(FileNotFoundError):
        image.save(tmp_path / "no" / "x.jpg")
    with pytest.raises(IsADirectoryError):
        image.save(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    for name in ("pipe", "circle"):
        with pytest.raises(OSError, match=r"regular file|symbolic links"):
            image.save(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        local_client.v1.image.sample("x", MODEL, images=[tmp_path / "none.png"])


def test_pickled_image_has_the_bytes_that_were_read(local_client: Client) -> None:
    """The client, and with it the key, stays behind; the bytes and all fields go along."""
    image = local_client.v1.image.sample("A tree", MODEL)
    unread = pickle.loads(pickle.dumps(image))  # noqa: S301  # made right here
    with pytest.raises(RuntimeError, match="another process"):
        unread.read()
    data = image.read()
    copy = pickle.loads(pickle.dumps(image))  # noqa: S301  # made right here
    assert (copy.read(), copy) == (data, image)
    assert "local-key" not in repr(image)


def test_server_refuses_what_it_can_not_take(local_client: Client) -> None:
    """Unknown models, files and its own dead URLs have their statuses."""
    sample = local_client.v1.image.sample
    with pytest.raises(NotFoundError, match="no-such"):
        sample("x", "no-such")
    with pytest.raises(NotFoundError, match="no-file"):
        sample("x", MODEL, image_file_id="no-file")
    image = sample("x", MODEL)
    with pytest.raises(InternalServerError, match="can't be fetched") as caught:
        sample("x", MODEL, image_url=f"{image.url}x")
    assert caught.value.code is StatusCode.DATA_LOSS

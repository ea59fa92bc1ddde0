# Do not edit: produced by "nox -s generate" from
# tests/services/aio/v1/test_video.py
import pickle
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from tests.services.sync.v1.image_helpers import MODEL as IMAGE_MODEL
from tests.services.sync.v1.image_helpers import names_in, webp
from tests.services.sync.v1.video_helpers import MODEL, play
from xai import (
    Client,
    InternalServerError,
    InvalidArgumentError,
    NotFoundError,
    RetryPolicy,
    ServiceUnavailableError,
    StatusCode,
    v1,
)
from xai.errors import APIConnectionError
from xai.proto.xai_api.deferred import DeferredStatus, StartDeferredResponse
from xai.proto.xai_api.video import (
    GeneratedVideo,
    GenerateVideoRequest,
    GetDeferredVideoResponse,
    VideoResponse,
)
from xai.testing import LocalServer

SOON = 0.001


def test_video_of_a_prompt_is_waited_for_and_plays(local_client: Client, tmp_path: Path) -> None:
    """It has the asked length and size, tells of its progress, and is fetched into a file."""
    seen: list[int] = []
    video = local_client.v1.video.generate(
        "A red ball",
        MODEL,
        duration=3,
        aspect_ratio="9:16",
        resolution="720p",
        interval=SOON,
        on_progress=seen.append,
    )
    assert seen == [0, 40, 80, 100]
    assert (video.duration, video.respect_moderation, video.model) == (3, True, MODEL)
    assert video.cost_usd == pytest.approx(0.15)
    got: list[tuple[int, int | None]] = []
    target = video.download(
        tmp_path / "ball.mp4", on_progress=lambda done, total: got.append((done, total))
    )
    assert names_in(tmp_path) == ["ball.mp4"]
    size = len(target.read_bytes())
    assert got[-1] == (size, size)
    assert size < 200_000
    played = play(target)
    assert (played.codec, played.size, played.seconds) == ("h264", (720, 1280), 3.0)
    assert len(played.brightness) == 72


def test_job_is_picked_up_by_its_id(local_client: Client) -> None:
    """The ID is all that another process needs; a look changes the status, and a result stays."""
    started = local_client.v1.video.start("A tree", MODEL, duration=1)
    assert (started.status, started.progress, started.response) == ("pending", 0, None)
    job = local_client.v1.video.job(started.request_id)
    assert (job.status, job.request_id) == ("unknown", started.request_id)
    job.refresh()
    job.refresh()
    assert (job.status, job.progress) == ("pending", 40)
    looked = local_client.v1.video.get(started.request_id)
    assert looked.progress == 80
    video = job.wait(interval=timedelta(milliseconds=1))
    assert (job.status, job.progress, job.error) == ("done", 100, None)
    assert job.result() is video
    assert video.request_id == started.request_id
    assert started.result().url == video.url
    assert started.request_id in repr(started)


def test_frames_are_those_that_were_given(
    server: LocalServer, local_client: Client, tmp_path: Path
) -> None:
    """The first frame, a keyframe and the last one show their pictures, in every form."""
    white, black = webp((255, 255, 255)), webp((0, 0, 0))
    path = tmp_path / "grey.webp"
    path.write_bytes(webp((128, 128, 128)))
    video = local_client.v1.video.generate(
        "",
        MODEL,
        duration=2,
        image=white,
        keyframes=[{"image": path, "timestamp": 1.0}],
        last_frame=black,
        interval=SOON,
    )
    brightness = play(video.download(tmp_path / "v.mp4")).brightness
    assert brightness[0] == pytest.approx(235, abs=2)
    assert brightness[24] == pytest.approx(126, abs=3)
    assert brightness[-1] == pytest.approx(16, abs=2)
    request = cast("GenerateVideoRequest", server.calls[0].request)
    assert request.keyframes[0].timestamp_s == 1.0
    assert request.image.image_url.startswith("data:image/webp;base64,")


def test_video_is_continued_and_edited(local_client: Client, tmp_path: Path) -> None:
    """Results are what the next request starts from: a continuation comes after the old frames."""
    service = local_client.v1.video
    picture = local_client.v1.image.sample("A tree", IMAGE_MODEL)
    first = service.generate("Leaves fall", MODEL, image=picture, duration=2, interval=SOON)
    longer = service.extend("Snow", MODEL, video=first, duration=3, interval=SOON)
    assert longer.duration == 5
    assert longer.cost_usd == pytest.approx(0.15)
    old = play(first.download(tmp_path / "a.mp4"))
    new = play(longer.download(tmp_path / "b.mp4"))
    assert new.seconds == 5.0
    assert new.brightness[:48] == old.brightness
    edited = service.generate(
        "A frame",
        MODEL,
        video=longer,
        interval=SOON,
        storage_options={"filename": "edit.mp4", "public_url": True},
    )
    assert edited.duration == 5
    assert edited.public_url is not None
    job = service.extend_start("More", MODEL, video=edited, duration=1)
    assert job.wait(interval=SOON).duration == 6
    by_url = service.extend("More", MODEL, longer.url, duration=1, interval=SOON)
    assert by_url.duration == 6


def test_video_that_is_refused_is_an_error_with_its_id(local_client: Client) -> None:
    """A failure has the server's code and text, each time; a withheld video has no URL."""
    job = local_client.v1.video.start("Some violence", MODEL)
    for _ in range(2):
        with pytest.raises(v1.VideoFailedError, match="keep to the rules") as caught:
            job.wait(interval=SOON)
        assert (caught.value.code, caught.value.request_id) == (
            "content_moderation",
            job.request_id,
        )
        assert pickle.loads(pickle.dumps(caught.value)).code == "content_moderation"  # noqa: S301
    assert job.status == "failed"
    video = local_client.v1.video.generate("Something nsfw", MODEL, interval=SOON)
    assert (video.url, video.respect_moderation) == (None, False)
    with pytest.raises(v1.MediaUnavailableError, match="rules for content"):
        video.download("nowhere.mp4")


def test_every_status_of_a_server_is_told(server: LocalServer, local_client: Client) -> None:
    """Expired, failed without a reason, done without a video, and a status with no name."""
    service = local_client.v1.video
    get = "GetDeferredVideo"
    server.reply(get, GetDeferredVideoResponse(status=DeferredStatus.EXPIRED))
    with pytest.raises(v1.VideoExpiredError, match="no longer") as expired:
        service.job("r-1").wait()
    assert expired.value.request_id == "r-1"
    server.reply(get, GetDeferredVideoResponse(status=DeferredStatus.FAILED))
    with pytest.raises(v1.VideoFailedError, match="did not say why") as failed:
        service.job("r-1").result()
    assert failed.value.code == "UNKNOWN"
    server.reply(get, GetDeferredVideoResponse(status=DeferredStatus.DONE))
    job = service.get("r-1")
    assert isinstance(job.error, v1.VideoFailedError)
    server.reply(get, GetDeferredVideoResponse(status=DeferredStatus.try_value(77)))
    job = service.get("r-1")
    assert (job.status, job.error) == ("unrecognized_77", None)
    done = VideoResponse(video=GeneratedVideo(url="https://a", respect_moderation=True))
    server.reply(get, GetDeferredVideoResponse(status=DeferredStatus.DONE, response=done))
    assert job.wait().url == "https://a"
    server.reply("GenerateVideo", StartDeferredResponse())
    with pytest.raises(v1.VideoFailedError, match="no ID"):
        service.start("x", MODEL)


def test_time_runs_out_with_the_id_at_hand(server: LocalServer, local_client: Client) -> None:
    """The error has the ID and the progress, and the job can be waited for again."""
    pending = GetDeferredVideoResponse(
        status=DeferredStatus.PENDING, response=VideoResponse(progress=7)
    )
    server.reply("GetDeferredVideo", pending, times=None)
    with pytest.raises(v1.VideoTimeoutError, match=r"not done after 0\.2 s") as caught:
        local_client.v1.video.generate("A tree", MODEL, timeout=0.2, interval=0.05)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.progress == 7
    server.clear_faults()
    job = local_client.v1.video.job(caught.value.request_id)
    assert job.wait(interval=SOON).url


def test_failed_poll_leaves_the_job_to_go_on_with(
    server: LocalServer, local_client: Client
) -> None:
    """An error between start and end carries the job; so does one of the caller's own callback."""
    view = local_client.with_options(retry=RetryPolicy.none())
    server.fail(StatusCode.UNAVAILABLE, method="GetDeferredVideo")
    with pytest.raises(ServiceUnavailableError) as caught:
        view.v1.video.generate("A tree", MODEL, duration=1, interval=SOON)
    job = cast("v1.VideoJob", caught.value.partial)
    assert any(job.request_id in note for note in getattr(caught.value, "__notes__", ()))
    assert job.wait(interval=SOON).duration == 1

    def broken(progress: int) -> None:
        raise LookupError(progress)

    with pytest.raises(LookupError):
        view.v1.video.generate("A tree", MODEL, on_progress=broken)
    with pytest.raises(TypeError, match="on_progress must be callable"):
        view.v1.video.generate("A tree", MODEL, on_progress=5)  # type: ignore[arg-type]  # what the test is about


def test_download_that_breaks_leaves_no_file(
    server: LocalServer, local_client: Client, tmp_path: Path
) -> None:
    """A cut is tried again; what stays broken, or is too large, leaves the old file."""
    video = local_client.v1.video.generate("A tree", MODEL, duration=1, interval=SOON)
    target = tmp_path / "v.mp4"
    target.write_bytes(b"old")
    server.drop_connection(method="GET", times=None, after_messages=0)
    view = local_client.with_options(retry=RetryPolicy(max_attempts=2, initial_backoff=0.0))
    other = view.v1.video.job(video.request_id).wait()
    with pytest.raises(APIConnectionError) as cut:
        other.download(target)
    assert cut.value.attempts == 2
    server.clear_faults()

    def broken(done: int, total: int | None) -> None:
        raise LookupError(done, total)

    with pytest.raises(LookupError):
        video.download(target, on_progress=broken)
    with pytest.raises(Exception, match="more than 10 bytes"):
        video.download(target, max_bytes=10)
    with pytest.raises(ValueError, match="max_bytes must be"):
        video.download(target, max_bytes=0)
    assert names_in(tmp_path) == ["v.mp4"]
    assert target.read_bytes() == b"old"
    server.drop_connection(method="GET", after_messages=0)
    video.download(target)
    assert play(target).seconds == 1.0


def test_server_refuses_what_it_can_not_take(local_client: Client) -> None:
    """Unknown models, IDs and files have their statuses, and a short video can't be continued."""
    service = local_client.v1.video
    with pytest.raises(NotFoundError, match="no-such"):
        service.start("x", "no-such")
    with pytest.raises(NotFoundError, match="no-id"):
        service.get("no-id")
    with pytest.raises(NotFoundError, match="no-file"):
        service.extend("x", MODEL, video_file_id="no-file")
    short = service.generate("x", MODEL, duration=1, interval=SOON)
    with pytest.raises(InvalidArgumentError, match="from 2 to 30 s"):
        service.extend("x", MODEL, video=short)
    with pytest.raises(InternalServerError, match="can't be fetched"):
        service.extend("x", MODEL, f"{short.url}x")

"""Requests for videos: what is sent for each argument, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

import xai
from xai import v1
from xai.proto.xai_api import image as image_pb
from xai.proto.xai_api import video as pb
from xai.runtime.download.plan import shown_url
from xai.v1.videos import video_request

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
FRAME = {"image_url": "https://a", "timestamp": 1}


def request(prompt: str = "A tree", **options: Any) -> pb.GenerateVideoRequest:  # noqa: ANN401  # also wrong ones
    """Return a request with some options."""
    return video_request(prompt, "m", **options)


def test_what_is_not_given_is_not_sent() -> None:
    """None is the same as nothing, and False and the prompt alone are something."""
    bare = request()
    assert bare == pb.GenerateVideoRequest(prompt="A tree", model="m")
    nothing: dict[str, Any] = dict.fromkeys(v1.VideoOptions.__annotations__)
    assert request(**nothing) == bare
    for field in ("image", "video", "last_frame", "duration", "generate_audio", "aspect_ratio"):
        assert not bare.is_set(field)
    assert request(generate_audio=False).generate_audio is False
    assert request("", last_frame_url="https://a").prompt == ""


def test_every_name_has_its_number() -> None:
    """Each string of a literal is a member of the enum, and every member has a string."""
    for option, alias, enum in (
        ("aspect_ratio", v1.VideoAspectRatio, pb.VideoAspectRatio),
        ("resolution", v1.VideoResolution, pb.VideoResolution),
    ):
        sent = [getattr(request(**{option: name}), option) for name in alias.__args__]  # type: ignore[attr-defined]  # a Literal
        assert sorted(sent) == [number for number in enum if number]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"image_url": "a", "video_url": "b"}, "video_url and image_url can't be given together"),
        ({"video_file_id": "a", "keyframes": [FRAME]}, "video_file_id and keyframes"),
        ({"video": "https://a", "last_frame": PNG}, "video and last_frame"),
        ({"video_url": "a", "reference_image_urls": ["b"]}, "reference_image_urls"),
        ({"image": PNG, "reference_images": [PNG]}, "a first frame, or goes by"),
        ({"image_url": "a", "image": PNG}, "image_url and image can't"),
        ({"last_frame_url": "a", "last_frame_file_id": "b"}, "last_frame_url and last"),
        ({"video_url": "a", "video_file_id": "b"}, "video_url and video_file_id"),
        ({"reference_images": [], "reference_image_urls": ["b"]}, "and reference_images"),
        ({"duration": 0}, "duration must be from 1 to 15"),
        ({"duration": 16}, "duration must be from 1 to 15, not 16"),
        ({"aspect_ratio": "2:1"}, "aspect_ratio must be one of '1:1', '16:9'"),
        ({"resolution": "4k"}, "resolution must be one of '480p', '720p', '1080p'"),
        ({"keyframes": [FRAME] * 5}, "keyframes must be at most 4, not 5"),
        ({"keyframes": [{"image_url": "a"}]}, r"keyframes\[0\] must have the key 'timestamp'"),
        ({"keyframes": [{**FRAME, "image_file_id": "b"}]}, "exactly one of image_url"),
        ({"keyframes": [{**FRAME, "at": 1}]}, r"keyframes\[0\] has the unknown key 'at'"),
        ({"keyframes": [{**FRAME, "timestamp": 0}]}, "more than 0 and less than the duration"),
        ({"keyframes": [{**FRAME, "timestamp": 8}]}, "the duration, which is 8 s, not 8"),
        ({"keyframes": [{**FRAME, "timestamp": float("nan")}]}, r"\['timestamp'\] must be"),
        ({"keyframes": [{**FRAME, "timestamp": 3}], "duration": 3}, "which is 3 s"),
        ({"keyframes": [FRAME, {**FRAME, "timestamp": 1.3}]}, "at least 1/3 s apart"),
        ({"reference_audios": [{"voice_id": "a"}] * 4}, "reference_audios must be at most 3"),
        ({"reference_audios": [{}]}, r"reference_audios\[0\] must have the key 'voice_id'"),
        ({"reference_audios": [{"voice_id": "  "}]}, r"\['voice_id'\] must not be empty"),
        ({"video": "a.mp4"}, "video must begin with https://"),
        ({"image": "a.png"}, r"image must begin with .*pathlib\.Path"),
    ],
)
def test_what_the_service_can_not_take_is_refused(options: dict[str, Any], said: str) -> None:
    """The error has the rule."""
    with pytest.raises(ValueError, match=said):
        request(**options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"duration": 2.5}, "duration must be an int"),
        ({"generate_audio": 1}, "generate_audio must be a bool"),
        ({"keyframes": FRAME}, "keyframes must be a sequence of dicts"),
        ({"keyframes": ["a"]}, r"keyframes\[0\] must be a mapping with timestamp"),
        ({"keyframes": [{**FRAME, "timestamp": "1"}]}, r"\['timestamp'\] must be a number"),
        ({"reference_audios": ["ara"]}, r"reference_audios\[0\] must be a mapping with voice_id"),
        ({"reference_audios": [{"voice_id": 1}]}, r"\['voice_id'\] must be a str"),
        ({"video": b"..."}, r"video must be a URL, .*files\.upload"),
        ({"reference_images": PNG}, "reference_images must be a sequence of images"),
        ({"fps": 24}, "there is no argument fps"),
    ],
)
def test_argument_of_a_wrong_type_is_named(options: dict[str, Any], said: str) -> None:
    """The error says which argument it is, and what was expected."""
    prepare = xai.Client("the key of nobody").v1.video.prepare
    with pytest.raises(TypeError, match=said):
        prepare("A tree", "m", **options)


def test_prompt_may_be_empty_only_where_frames_say_what_to_show() -> None:
    """With a first frame alone it may not."""
    assert request("", keyframes=[FRAME]).prompt == ""
    for options in ({}, {"image_url": "https://a"}):
        with pytest.raises(ValueError, match="prompt must not be empty"):
            request("", **options)


def test_everything_is_where_it_belongs(tmp_path: Path) -> None:
    """Images in lists, keyframes and voices are sent in order, the files before the URLs."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    prepared = xai.Client("the key of nobody").v1.video.prepare(
        "A tree",
        "m",
        batch_request_id="r-1",
        reference_image_urls=["https://a"],
        reference_image_file_ids=["f-1"],
        last_frame=path,
        keyframes=[{"image": path, "timestamp": 0.5}, {"image_file_id": "f-2", "timestamp": 2}],
        reference_audios=[{"voice_id": " ara "}],
        storage_options={"filename": "v.mp4"},
    )
    assert prepared.batch_request_id == "r-1"
    sent = prepared.video_request
    auto = image_pb.ImageDetail.DETAIL_AUTO
    assert sent.reference_images == [
        image_pb.ImageUrlContent(file_id="f-1", detail=auto),
        image_pb.ImageUrlContent(image_url="https://a", detail=auto),
    ]
    assert sent.last_frame == sent.keyframes[0].image
    assert sent.last_frame.image_url.startswith("data:image/png")
    assert [keyframe.timestamp_s for keyframe in sent.keyframes] == [0.5, 2.0]
    assert sent.reference_audios == [pb.AudioUrlContent(voice_id="ara")]
    assert sent.storage_options == image_pb.StorageOptions(filename="v.mp4")


def test_continuation_needs_exactly_one_video() -> None:
    """By URL, by file or in any form; the length has limits of its own."""
    prepare = xai.Client("the key of nobody").v1.video.prepare_extension
    bare = prepare("On", "m", "https://a")
    assert bare.batch_request_id is None
    assert bare.video_extension_request == pb.ExtendVideoRequest(
        prompt="On", model="m", video=pb.VideoUrlContent(url="https://a")
    )
    by_file = prepare("On", "m", video=v1.FileId("f-1"), duration=10)
    assert by_file.video_extension_request.video.file_id == "f-1"
    sources: list[tuple[dict[str, Any], str]] = [
        ({}, "none of them"),
        ({"video_url": "https://a", "video_file_id": "f"}, "video_url and video_file_id"),
        ({"video_url": ""}, "video_url must not be empty"),
        ({"video_url": "https://a", "duration": 11}, "duration must be from 1 to 10"),
    ]
    for options, said in sources:
        with pytest.raises(ValueError, match=said):
            prepare("On", "m", **options)
    with pytest.raises(ValueError, match="prompt must not be empty"):
        prepare("", "m", "https://a")


def test_progress_that_is_awaited_is_refused() -> None:
    """It would never run; the same holds for a download."""

    async def tell(*_: object) -> None:
        """Be awaited."""

    with xai.v1.Client("k", api_host="localhost:1") as client:
        with pytest.raises(TypeError, match="on_progress must be a plain function"):
            client.video.job("r").wait(on_progress=tell)
        with pytest.raises(TypeError, match="on_progress must be a plain function"):
            client.video.generate("p", "m", on_progress=tell)


def test_port_of_a_url_is_shown() -> None:
    """Without what may give access."""
    assert shown_url("http://127.0.0.1:40155/a?key=1") == "http://127.0.0.1:40155/a"
    assert shown_url("https://example.com/a#b") == "https://example.com/a"
